"""`python -m introductions.tables < instance.json`: the search alone, for whoever wants to check it.

One session: `{"cost": [[…], …], "sizes": […], "forbidden": [[i, j], …]}` gives `{"plan": [[…], …]}`: tables of those
sizes with the least sum of cost over the pairs at one table; forbidden pairs never share one. `forbidden` may be left
out.
A season: `{"industries": […], "attendance": [[…], …], "table_sizes": [[…], …]}` gives `{"plans": [[[…], …], …]}`: every
session planned with what the earlier ones left, not knowing the later ones; most distinct pairs and most distinct pairs
of two industries. People are counted from 0 in both.
What cannot be read, or cannot be seated, is told on stderr with exit status 2.
"""

import sys
from collections.abc import Sequence
from itertools import combinations
from math import isfinite
from typing import Any

from introductions import instance
from introductions.instance import Json, listed, whole
from introductions.tables.search import Costs, Tables, search
from introductions.tables.season import season

_MANY = 2000  # people at once: the costs are a square
_DEAREST = 10**12  # what two people cost at most, either way
_TRIES = 5  # searches, where the first has a forbidden pair


def answered(asked: Json) -> Json:
    """The answer to one instance, both as JSON has them. Raises ValueError, TypeError or KeyError for a bad one."""
    if "attendance" in asked:
        return {"plans": season(*_season(asked))}
    costs = _costs(asked["cost"])
    sizes = _sizes(asked["sizes"], len(costs), "sizes")
    return {"plan": _seated(costs, sizes, _forbidden(asked.get("forbidden", []), len(costs)))}


def _seated(costs: Costs, sizes: Sequence[int], forbidden: set[tuple[int, int]]) -> Tables:
    for seed in range(_TRIES):
        plan = search(costs, sizes, seed=str(seed), apart=forbidden)
        if forbidden.isdisjoint(pair for table in plan for pair in combinations(table, 2)):
            return plan
    raise ValueError("no plan was found that keeps every forbidden pair apart")


def _costs(found: Any) -> list[list[float]]:
    rows = listed(found, "cost")
    whole(len(rows), "people", least=0, most=_MANY)
    costs = [[_cost(one) for one in listed(row, "cost: a row", length=len(rows))] for row in rows]
    for a, row in enumerate(costs):
        for b in range(a):
            if row[b] != costs[b][a]:
                raise ValueError(f"cost: [{a}][{b}] is not [{b}][{a}]")
    return costs


def _cost(found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        raise TypeError(f"cost: {found!r} is not a number")
    if abs(found) > _DEAREST:
        raise ValueError(f"cost: {found} is not between {-_DEAREST} and {_DEAREST}")
    return found


def _sizes(found: Any, people: int, what: str) -> list[int]:
    sizes = [whole(size, what, least=0, most=_MANY) for size in listed(found, what)]
    if sum(sizes) != people:
        raise ValueError(f"{what}: {sum(sizes)} chairs for {people} people")
    return sizes


def _forbidden(found: Any, people: int) -> set[tuple[int, int]]:
    pairs = set()
    for row in listed(found, "forbidden"):
        what = f"forbidden {row!r}"
        a, b = sorted(whole(one, what, least=0, most=people - 1) for one in listed(row, what, length=2))
        if a == b:
            raise ValueError(f"{what}: nobody sits apart from themselves")
        pairs.add((a, b))
    return pairs


def _season(asked: Json) -> tuple[list[str | int], list[list[int]], list[list[int]]]:
    industries = listed(asked["industries"], "industries")
    if not all(isinstance(one, str | int) for one in industries):
        raise TypeError("industries: each is a word or a whole number")
    attendance = [_there(one, len(industries)) for one in listed(asked["attendance"], "attendance")]
    tables = listed(asked["table_sizes"], "table_sizes", length=len(attendance))
    sizes = [_sizes(one, len(there), "table_sizes") for one, there in zip(tables, attendance, strict=True)]
    return industries, attendance, sizes


def _there(found: Any, people: int) -> list[int]:
    there = [whole(one, "attendance", least=0, most=people - 1) for one in listed(found, "attendance: a session")]
    if len(set(there)) < len(there):
        raise ValueError("attendance: somebody is there twice")
    whole(len(there), "people", least=0, most=_MANY)
    return there


if __name__ == "__main__":
    sys.exit(instance.main(answered))
