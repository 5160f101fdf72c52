"""`python -m introductions.matching < instance.json`: the solver alone, for whoever wants to check it.

In: `{"n": people, "k": most pairs per person, "edges": [[i, j, weight], …]}`, people counted from 0, weights integers.
Out: `{"edges": [[i, j], …], "covered": c, "value": v, "bound": b}`. Most people covered first, then the largest sum of
weights; no floor, no fairness. `bound` is a proved limit of the value at that coverage. A pair listed twice counts with
its larger weight. What cannot be read is told on stderr, with exit status 2.
"""

import sys
from typing import Any

from introductions import instance
from introductions.instance import Json, listed, whole
from introductions.matching.exact import solve
from introductions.matching.tiers import Edge, tie

_MANY = 100_000  # people; beyond it a typing error is likelier than a breakfast
_HEAVIEST = 1 << 60  # keeps all tiers of one weight within the 128 bits of the solver


def answered(asked: Json) -> Json:
    """The answer to one instance, both as JSON has them. Raises ValueError, TypeError or KeyError for a bad one."""
    people = whole(asked["n"], "n", least=0, most=_MANY)
    most = whole(asked["k"], "k", least=0, most=sys.maxsize)
    weights: dict[tuple[int, int], int] = {}
    for row in listed(asked["edges"], "edges"):
        i, j, weight = _edge(row, people)
        weights[i, j] = max(weight, weights.get((i, j), weight))
    edges = [Edge(i, j, weight, tie("", i, j)) for (i, j), weight in sorted(weights.items())]
    found = solve([most] * people, edges)
    chosen = [[edges[index].u, edges[index].v] for index in found.chosen]
    return {"edges": chosen, "covered": found.covered, "value": found.value, "bound": found.bound}


def _edge(row: Any, people: int) -> tuple[int, int, int]:
    i, j, weight = listed(row, f"edge {row!r}", length=3)
    low, high = sorted(whole(one, f"edge {row!r}", least=0, most=people - 1) for one in (i, j))
    if low == high:
        raise ValueError(f"edge {row!r}: nobody is introduced to themselves")
    return low, high, whole(weight, f"edge {row!r}", least=-_HEAVIEST, most=_HEAVIEST)


if __name__ == "__main__":
    sys.exit(instance.main(answered))
