"""The optimum as one maximum-weight matching. The only door to rustworkx.

Person v becomes k_v copies. A pair uv that may be at several copies of both becomes two nodes joined by a link of
weight 2L; each is joined to the copies of its person by edges of weight L + gain, with L above every gain. Using one
such edge costs the link and brings less, so a pair is used at both ends or at none, and never twice. Where one end has
a single copy for the pair, copy joins copy directly. The first copies alone bring `cover` and `best`.

Pairs that are `forced` take their copies away before, and the first copy that is left brings only what is better.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice, product

from introductions.matching.tiers import Instance

_Line = tuple[int, int, int]  # node, node, weight


def blossom(instance: Instance, kept: Sequence[int], forced: Sequence[int] = ()) -> list[int]:
    """The best choice among the `kept` edges, as indices of edges; the `forced` ones are in it."""
    import rustworkx  # noqa: PLC0415 - large, and needed by one task only

    gadget = _Gadget(instance, forced)
    lines = [line for i in gadget.open(kept) for line in gadget.lines(i)]
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(next(gadget.nodes)))
    graph.add_edges_from(lines)
    found = rustworkx.max_weight_matching(graph, weight_fn=int)
    either_way = (pair for x, y in found for pair in ((x, y), (y, x)))
    return sorted([*forced, *(gadget.meaning[pair] for pair in either_way if pair in gadget.meaning)])


@dataclass(slots=True)
class _Gadget:
    """The larger graph. `firsts`: what is somebody's first among the forced pairs, and whether it must be."""

    instance: Instance
    forced: Sequence[int]
    nodes: Iterator[int] = field(default_factory=count)
    copies: list[list[int]] = field(init=False)
    firsts: dict[int, tuple[bool, int]] = field(default_factory=dict)
    meaning: dict[tuple[int, int], int] = field(default_factory=dict)  # a line in the matching -> the edge it means
    above: int = field(init=False)

    def __post_init__(self) -> None:
        instance, left = self.instance, list(self.instance.limits)
        for i in self.forced:
            edge = instance.edges[i]
            for person in (edge.u, edge.v):
                left[person] -= 1
                this = (person in edge.first_of, instance.best[i])
                self.firsts[person] = max(this, self.firsts.get(person, this))
        self.copies = [list(islice(self.nodes, limit)) for limit in left]
        gains = max(map(abs, instance.gain), default=0) + 2 * max(map(abs, instance.best), default=0)
        self.above = 1 + instance.cover + gains

    def open(self, kept: Sequence[int]) -> list[int]:
        """Those that may still be added."""
        settled = set(self.forced)
        return [i for i in kept if i not in settled and all(self._at(i, person) for person in self._ends(i))]

    def lines(self, i: int) -> Iterator[_Line]:
        """What one edge becomes."""
        u, v = self._ends(i)
        gain, us, vs = self.instance.gain[i], self._at(i, u), self._at(i, v)
        if min(len(us), len(vs)) == 1:
            for x, y in product(us, vs):
                self.meaning[x, y] = i
                yield x, y, gain + self._first(i, u, x) + self._first(i, v, y)
            return
        left, right = next(self.nodes), next(self.nodes)
        yield left, right, 2 * self.above
        for x in us:
            self.meaning[x, left] = i
            yield x, left, self.above + gain + self._first(i, u, x)
        for y in vs:
            yield y, right, self.above + self._first(i, v, y)

    def _ends(self, i: int) -> tuple[int, int]:
        return self.instance.edges[i].u, self.instance.edges[i].v

    def _at(self, i: int, person: int) -> Sequence[int]:
        """The copies of a person that an edge may be at."""
        mine = self.copies[person]
        if person not in self.instance.edges[i].first_of:
            return mine
        return [] if self.firsts.get(person, (False, 0))[0] else mine[:1]

    def _first(self, i: int, person: int, copy: int) -> int:
        """What an edge brings more where it is at the first copy."""
        if copy != self.copies[person][0]:
            return 0
        best = self.instance.best[i]
        if person not in self.firsts:
            return self.instance.cover + best
        must, already = self.firsts[person]
        if person in self.instance.edges[i].first_of:
            return best - already
        return 0 if must else max(0, best - already)
