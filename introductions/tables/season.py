"""A season planned one session after another, without looking ahead, at the costs of the house (`costs.company`).

Where some come nearly always and some hardly ever, those who come nearly always run out of people, and repeats begin
with them: that is what the costs are for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from introductions.tables.costs import company
from introductions.tables.search import Costs, Tables, search


def season(
    industries: Sequence[str | int], attendance: Sequence[Sequence[int]], sizes: Sequence[Sequence[int]]
) -> list[Tables]:
    """The tables of every session, for the people who come, with as many chairs. Nobody is new, nobody is a host."""
    past = _Past(industries)
    plans = []
    for number, (people, chairs) in enumerate(zip(attendance, sizes, strict=True), start=1):
        past.come(people)
        found = search(past.costs(people), chairs, seed=str(number))
        plans.append([sorted(people[chair] for chair in table) for table in found])
        past.sit(plans[-1])
    return plans


class _Past:
    """What the sessions so far have left: who came how often, with whom, and who has sat with whom."""

    def __init__(self, industries: Sequence[str | int]) -> None:
        self.industries = industries
        self.sessions = 0
        self.came: Counter[int] = Counter()
        self.both: Counter[tuple[int, int]] = Counter()
        self.met: Counter[tuple[int, int]] = Counter()
        self.knows: Counter[int] = Counter()

    def come(self, people: Sequence[int]) -> None:
        self.sessions += 1
        self.came.update(people)
        self.both.update(combinations(sorted(people), 2))

    def sit(self, tables: Tables) -> None:
        for pair in (pair for table in tables for pair in combinations(table, 2)):
            self.knows.update(() if self.met[pair] else pair)
            self.met[pair] += 1

    def costs(self, people: Sequence[int]) -> Costs:
        """Each pair of those who come, in their order."""
        often = {person: self.came[person] / self.sessions for person in people}
        known = {person: self.knows[person] / max(len(self.came) - 1, 1) for person in people}

        def cost(a: int, b: int) -> float:
            pair = min(a, b), max(a, b)
            return company(
                self.met[pair],
                same_trade=self.industries[a] == self.industries[b],
                shared=self.both[pair],
                often=(often[a], often[b]),
                knows=(known[a], known[b]),
            )

        return [[cost(a, b) for b in people] for a in people]
