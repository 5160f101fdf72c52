"""The optimum as one maximum-weight matching. The only door to rustworkx.

Person v becomes k_v copies. A pair uv that may be at several copies of both becomes two nodes joined by a link of
weight 2L; each is joined to the copies of its person by edges of weight L + gain, with L above every gain. Using one
such edge costs the link and brings less, so a pair is used at both ends or at none, and never twice. Where one end has
a single copy for the pair, copy joins copy directly. The first copies alone bring `cover` and `best`.
"""

from collections.abc import Iterator, Sequence
from itertools import count, islice

from introductions.matching.tiers import Instance

_Line = tuple[int, int, int]  # node, node, weight


def blossom(instance: Instance, kept: Sequence[int]) -> list[int]:
    """The best choice among the `kept` edges, as indices of edges."""
    import rustworkx  # noqa: PLC0415 - large, and needed by one task only

    nodes = count()
    copies = [list(islice(nodes, limit)) for limit in instance.limits]
    above = 1 + max((instance.gain[i] + instance.cover + abs(instance.best[i]) for i in kept), default=0)
    lines: list[_Line] = []
    meaning: dict[tuple[int, int], int] = {}  # a line in the matching -> the edge it stands for
    for i in kept:
        edge, (at_u, at_v) = instance.edges[i], instance.copies(i)
        us, vs = copies[edge.u][:at_u], copies[edge.v][:at_v]
        if min(at_u, at_v) == 1:
            mine = list(_direct(instance, i, us, vs))
            meaning |= {(x, y): i for x, y, _ in mine}
        else:
            left, right = next(nodes), next(nodes)
            mine = [(left, right, 2 * above), *_half(instance, i, us, left, above + instance.gain[i])]
            meaning |= {(x, y): i for x, y, _ in mine[1:]}
            mine += _half(instance, i, vs, right, above)
        lines += mine
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(next(nodes)))
    graph.add_edges_from(lines)
    found = rustworkx.max_weight_matching(graph, weight_fn=int)
    either_way = (pair for x, y in found for pair in ((x, y), (y, x)))
    return sorted(meaning[pair] for pair in either_way if pair in meaning)


def _direct(instance: Instance, i: int, us: Sequence[int], vs: Sequence[int]) -> Iterator[_Line]:
    first = instance.cover + instance.best[i]
    for x in us:
        for y in vs:
            yield x, y, instance.gain[i] + first * ((x == us[0]) + (y == vs[0]))


def _half(instance: Instance, i: int, copies: Sequence[int], node: int, weight: int) -> Iterator[_Line]:
    first = instance.cover + instance.best[i]
    for x in copies:
        yield x, node, weight + first * (x == copies[0])
