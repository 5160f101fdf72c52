"""What does not change while seats are tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import combinations

from introductions.tables.costs import APART, AROUND, PASSING, misfit, together
from introductions.tables.people import Person, Rules

KEEP, OF = 4, 5


class Hall:
    """Units (parties and single people), what two of them cost together, pins, tables of before.

    The last units are empty chairs: changing places with one is moving.
    """

    def __init__(self, people: Sequence[Person], rules: Rules) -> None:
        ordered = sorted(people, key=lambda person: person.key)
        self.people = len(ordered)
        self.before = {p.key: rules.before[p.key] for p in ordered if p.key in rules.before}
        parties = _parties(ordered)
        self.counts = self._counts(len(parties))
        self.units: list[list[Person]] = [*parties, *([] for _ in self.counts)]
        self.chairs = [len(unit) for unit in self.units]
        self.costs = self._pair_costs(rules)
        self.keeps_apart = any(cost > APART // 2 for row in self.costs for cost in row)
        self.pins = self._pins(rules.pinned)
        self.may_move = len(self.before) - -(-len(self.before) * KEEP // OF)

    def lenient(self) -> Hall:
        """The same where two who keep apart may pass each other."""
        found = copy(self)
        found.costs = [[cost - round(cost / APART) * (APART - PASSING) for cost in row] for row in self.costs]
        return found

    def uprooted(self, unit: Iterable[Person], table: int) -> int:
        """How many of a unit would sit elsewhere than before."""
        return sum(self.before.get(person.key, table + 1) != table + 1 for person in unit)

    def _counts(self, units: int) -> list[int]:
        """Numbers of tables to try: those that fit first, as many as before, then the nearest to five a table."""
        number = max(self.before.values(), default=0)

        def rank(tables: int) -> tuple[int, bool, int, int]:
            changed = bool(number) and tables != number
            return misfit(self.people, tables), changed, abs(AROUND * tables - self.people), tables

        return sorted(range(1, units + 1), key=rank)

    def _pair_costs(self, rules: Rules) -> list[list[int]]:
        costs = [[0] * len(self.units) for _ in self.units]
        for (i, first), (j, second) in combinations(enumerate(self.units), 2):
            costs[i][j] = costs[j][i] = sum(together(a, b, rules) for a in first for b in second)
        return costs

    def _pins(self, pinned: Mapping[str, int]) -> dict[int, int]:
        """A party is pinned where its first pinned member is; a pin beside somebody who must be apart is let go."""
        pins: dict[int, int] = {}
        for unit, members in enumerate(self.units):
            table = next((pinned[p.key] - 1 for p in members if pinned.get(p.key, 0) > 0), None)
            beside = (other for other, where in pins.items() if where == table)
            if table is not None and all(self.costs[unit][other] < APART // 2 for other in beside):
                pins[unit] = table
        return pins


def _parties(people: Iterable[Person]) -> list[list[Person]]:
    found: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        found[f"party {person.party}" if person.party else person.key].append(person)
    return list(found.values())
