"""A season planned one session after another, without looking ahead: who has met costs, and who is of one trade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from introductions.tables.costs import weighed
from introductions.tables.search import Costs, Tables, search

# Two who both come nearly always can meet another time: the rare chance is taken first.
ANOTHER_TIME = 2


def season(
    industries: Sequence[str | int], attendance: Sequence[Sequence[int]], sizes: Sequence[Sequence[int]]
) -> list[Tables]:
    """The tables of every session, for the people who come, with as many chairs. Nobody is new, nobody is a host."""
    met: Counter[tuple[int, int]] = Counter()
    came: Counter[int] = Counter()
    plans = []
    for number, (people, chairs) in enumerate(zip(attendance, sizes, strict=True), start=1):
        came.update(people)
        often = {person: came[person] / number for person in people}
        costs = _costs(people, industries, met, often)
        plan = [sorted(people[chair] for chair in table) for table in search(costs, chairs, seed=str(number))]
        met.update(pair for table in plan for pair in combinations(table, 2))
        plans.append(plan)
    return plans


def _costs(
    people: Sequence[int], industries: Sequence[str | int], met: Counter[tuple[int, int]], often: dict[int, float]
) -> Costs:
    def cost(a: int, b: int) -> float:
        times = met[min(a, b), max(a, b)]
        weight = weighed(times, same_trade=industries[a] == industries[b])
        return weight if times else weight + ANOTHER_TIME * often[a] * often[b]

    return [[cost(a, b) for b in people] for a in people]
