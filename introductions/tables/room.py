"""One way to sit and what it costs, and the search for a better one."""

from math import exp
from random import Random

from introductions.tables.costs import APART, MOVED, UPROOTED, size_cost
from introductions.tables.hall import Hall

HEAT_FROM, HEAT_TO = 8.0, 0.8


class Room:
    """`where` is the table of each unit, from 0; `sums[u][t]` what unit u costs together with those at table t."""

    def __init__(self, hall: Hall, tables: int) -> None:
        self.hall, self.tables = hall, tables
        self.units, self.chairs, self.costs = hall.units, hall.chairs, hall.costs
        self.crowd = [size_cost(size, hall.people, tables) for size in range(hall.people + 1)]
        self.moving = [MOVED * n + UPROOTED * max(0, n - hall.may_move) for n in range(len(hall.before) + 1)]
        self.uproot = [[hall.uprooted(unit, table) for table in range(tables)] for unit in hall.units]
        self.sums = [[0] * tables for _ in hall.units]
        self.sizes, self.where, self.moved = [0] * tables, [-1] * len(hall.units), 0
        self.cost = self.crowd[0] * tables + self.moving[0]
        self.pins = {unit: table for unit, table in hall.pins.items() if table < tables}
        self.free = [unit for unit in range(len(hall.units)) if unit not in self.pins]
        self._sit_down()

    def anneal(self, chance: Random, moves: int) -> None:
        """Try so many changes, accepting worse ones ever less, and end with the best that was seen."""
        best, kept = self.cost, self.where.copy()
        cooling = (HEAT_TO / HEAT_FROM) ** (1 / max(moves, 1))
        heat, draw, free, number = HEAT_FROM, chance.random, self.free, len(self.free)
        for _ in range(moves):
            heat *= cooling
            a, b = free[int(draw() * number)], free[int(draw() * number)]
            if self.where[a] != self.where[b] and self._change(a, b, heat, chance) and self.cost < best:
                best, kept = self.cost, self.where.copy()
        for unit, table in enumerate(kept):
            self.shift(unit, table)

    # Changes

    def _change(self, a: int, b: int, heat: float, chance: Random) -> bool:
        """Let a and b change places, if chance allows; for a party several get up."""
        if self.chairs[a] > self.chairs[b] > 0:
            return self._change_party(a, b, heat, chance)
        worse = self._swapped(a, b)
        if worse > 0 and chance.random() >= exp(-worse / heat):
            return False
        first, second = self.where[a], self.where[b]
        self.shift(a, second)
        self.shift(b, first)
        return True

    def _change_party(self, a: int, b: int, heat: float, chance: Random) -> bool:
        home, away, before = self.where[a], self.where[b], self.cost
        leaving = self._some_with(b, chairs=self.chairs[a], chance=chance)
        self.shift(a, away)
        for unit in leaving:
            self.shift(unit, home)
        worse = self.cost - before
        if worse <= 0 or chance.random() < exp(-worse / heat):
            return True
        self.shift(a, home)
        for unit in leaving:
            self.shift(unit, away)
        return False

    def _some_with(self, first: int, *, chairs: int, chance: Random) -> list[int]:
        """Units of one table that take up so many chairs at most, beginning with this one."""
        table = self.where[first]
        others = [unit for unit in self.free if self.where[unit] == table and unit != first and self.chairs[unit]]
        chance.shuffle(others)
        found, left = [first], chairs - self.chairs[first]
        for unit in others:
            if self.chairs[unit] <= left:
                found.append(unit)
                left -= self.chairs[unit]
        return found

    # Costs

    def _swapped(self, a: int, b: int) -> int:
        """How much more it would cost if a and b changed places."""
        s, t = self.where[a], self.where[b]
        more = self.sums[a][t] + self.sums[b][s] - self.sums[a][s] - self.sums[b][t] - 2 * self.costs[a][b]
        grows = self.chairs[b] - self.chairs[a]
        if grows:
            crowd, at_s, at_t = self.crowd, self.sizes[s], self.sizes[t]
            more += crowd[at_s + grows] + crowd[at_t - grows] - crowd[at_s] - crowd[at_t]
        if self.hall.before:
            uproot = self.uproot
            moved = self.moved + uproot[a][t] - uproot[a][s] + uproot[b][s] - uproot[b][t]
            more += self.moving[moved] - self.moving[self.moved]
        return more

    def shift(self, unit: int, table: int) -> None:
        """Take the unit to this table and bring all sums up to date."""
        home = self.where[unit]
        if home == table:
            return
        if home >= 0:
            self._count(unit, home, -1)
        self._count(unit, table, 1)
        self.where[unit] = table

    def _count(self, unit: int, table: int, sign: int) -> None:
        """Add the unit to a table's sums, or take it away."""
        self.cost += sign * self.sums[unit][table] - self.crowd[self.sizes[table]] - self.moving[self.moved]
        for sums, cost in zip(self.sums, self.costs[unit], strict=True):
            sums[table] += sign * cost
        self.sizes[table] += sign * self.chairs[unit]
        self.moved += sign * self.uproot[unit][table]
        self.cost += self.crowd[self.sizes[table]] + self.moving[self.moved]

    # The beginning

    def _sit_down(self) -> None:
        """The pinned first, then large parties before single people, each where it is best at that moment."""
        for unit in sorted(range(len(self.units)), key=lambda u: (u not in self.pins, -self.chairs[u], u)):
            table = self.pins.get(unit)
            if table is None:
                # Empty chairs stand at every table: where there is none, nobody could be asked to come over.
                table = self._best_for(unit) if self.chairs[unit] else unit % self.tables
            self.shift(unit, table)

    def _best_for(self, unit: int) -> int:
        """Nobody to keep away from, then the chair of before, then the emptiest table, then the company."""

        def rank(table: int) -> tuple[bool, int, int, int]:
            company = self.sums[unit][table]
            return company >= APART // 2, self.uproot[unit][table], self.sizes[table], company

        return min(range(self.tables), key=rank)
