"""`python -m introductions.matching < instance.json`: the solver alone, for whoever wants to check it.

In: `{"n": people, "k": most pairs per person, "edges": [[i, j, weight], …]}`, people counted from 0, weights integers.
Out: `{"edges": [[i, j], …], "covered": c, "value": v, "bound": b}`. Most people covered first, then the largest sum of
weights; no floor, no fairness. `bound` is a proved limit of the value at that coverage. A pair listed twice counts with
its larger weight. What cannot be read is told on stderr, with exit status 2.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from introductions.matching.exact import solve
from introductions.matching.tiers import Edge, tie

_HEAVIEST = 1 << 60  # keeps all tiers of one weight within the 128 bits of the solver


def main() -> int:
    try:
        answer = answered(json.load(sys.stdin))
    except (ValueError, TypeError, KeyError) as error:
        sys.stderr.write(f"instance: {error!r}\n")
        return 2
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def answered(instance: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one instance, both as JSON has them. Raises ValueError, TypeError or KeyError for a bad one."""
    people, most = _whole(instance["n"]), _whole(instance["k"])
    if people < 0 or most < 0:
        raise ValueError("n and k count something")
    weights: dict[tuple[int, int], int] = {}
    for i, j, weight in instance["edges"]:
        pair = _pair(_whole(i), _whole(j), people)
        if abs(_whole(weight)) > _HEAVIEST:
            raise ValueError(f"weight {weight} is beyond 2^60")
        weights[pair] = max(weight, weights.get(pair, weight))
    edges = [Edge(i, j, weight, tie("", i, j)) for (i, j), weight in sorted(weights.items())]
    found = solve([most] * people, edges)
    chosen = [[edges[index].u, edges[index].v] for index in found.chosen]
    return {"edges": chosen, "covered": found.covered, "value": found.value, "bound": found.bound}


def _whole(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool):
        raise TypeError(f"{number!r} is not a whole number")
    return number


def _pair(i: int, j: int, people: int) -> tuple[int, int]:
    low, high = sorted((i, j))
    if not 0 <= low < high < people:
        raise ValueError(f"[{i}, {j}] is not a pair of two of {people} people")
    return low, high


if __name__ == "__main__":
    sys.exit(main())
