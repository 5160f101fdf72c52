"""The least costly way to put people at tables of given sizes, by swaps."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from heapq import nsmallest
from itertools import combinations
from math import exp
from operator import itemgetter
from random import Random

Costs = Sequence[Sequence[float]]
Tables = list[list[int]]

MOVES_PER_PERSON = 5000
MOVES_AT_LEAST = 400_000
# Heat, in what two costs differ by on average: nearly everything goes at first, next to nothing at last. Among few
# people one swap weighs more.
HEAT_FROM, HEAT_FROM_AMONG_FEW, HEAT_TO = 0.8, 30, 0.2
# Such a share of the moves bring somebody to the table of one of so many whom they cost least with.
BESIDE_THE_NEAREST, NEAR = 0.8, 12
# Among so many a bounded search from anywhere ends far from the best where costs have no pattern. So a share of the
# moves begins from tables that are good already, and colder.
MANY = 200
COLD_SHARE, COLD_FROM, COLD_TO = 0.3, 0.2, 0.02
# What sums of costs differ by although they are the same, in what two costs differ by.
NOISE = 1e-9
# What two who must be apart cost while they may pass each other, in heats of the start.
LENIENT = 3
# How many unfinished tables are kept beside each other while one is filled.
WIDTH = 10


def search(
    costs: Costs,
    sizes: Sequence[int],
    *,
    seed: str,
    apart: Collection[tuple[int, int]] = (),
    moves: int | None = None,
) -> Tables:
    """Who sits at each table; `costs` is symmetric, and as many people as chairs. The same for the same seed.

    Two who must be `apart` share a table only where no other plan was found: the caller looks.

    Simulated annealing (Kirkpatrick, Gelatt, Vecchi, Science 220, 1983): of bounded length, not of bounded time.
    """
    people = len(costs)
    chance = Random(seed)  # noqa: S311 - chance, no secret
    order = list(range(people))
    chance.shuffle(order)
    taken = iter(order)
    tables: Tables = [[next(taken) for _chair in range(size)] for size in sizes]
    if len([size for size in sizes if size]) < 2:
        return [sorted(table) for table in tables]
    strict, spread = _banned(costs, apart), _spread(costs)
    left = max(MOVES_PER_PERSON * people, MOVES_AT_LEAST) if moves is None else moves
    start = HEAT_FROM + HEAT_FROM_AMONG_FEW / people
    found = []
    if people >= MANY:
        found.append(_table_by_table(strict, sizes, order))
        cold = int(COLD_SHARE * left)
        _anneal(strict, found[-1], chance, _heats(COLD_FROM * spread, COLD_TO * spread, cold), spread)
        left -= cold
    if apart:
        # Two who must be apart may pass each other on the way to their tables.
        found.append([table.copy() for table in tables])
        left //= 2
        lenient = _banned(costs, apart, LENIENT * start * spread)
        _anneal(lenient, found[-1], chance, _heats(start * spread, HEAT_TO * spread, left), spread)
    _anneal(strict, tables, chance, _heats(start * spread, HEAT_TO * spread, left), spread)
    return [sorted(table) for table in min([tables, *found], key=lambda one: total(strict, one))]


def total(costs: Costs, tables: Tables) -> float:
    """What a plan costs."""
    return sum(costs[a][b] for table in tables for a, b in combinations(table, 2))


def _banned(costs: Costs, apart: Collection[tuple[int, int]], ban: float = 0) -> Costs:
    """The same with nothing for oneself, and for two who must be apart a ban: more than all others together."""
    found = [[0 if one == other else cost for other, cost in enumerate(row)] for one, row in enumerate(costs)]
    ban = ban or 1 + sum(abs(cost) for row in found for cost in row)
    for a, b in apart:
        found[a][b] = found[b][a] = ban
    return found


def _spread(costs: Costs) -> float:
    """What two costs differ by on average; more than nothing."""
    among = [cost for person, row in enumerate(costs) for cost in row[:person]]
    middle = sum(among) / len(among)
    found = sum(abs(cost - middle) for cost in among) / len(among)
    return found if found > sys.float_info.min else 1.0


def _heats(start: float, end: float, moves: int) -> Iterator[float]:
    """From hot to cold in so many steps."""
    cooling = (end / start) ** (1 / max(moves, 1))
    return (start * cooling**move for move in range(moves))


def _table_by_table(costs: Costs, sizes: Sequence[int], order: Sequence[int]) -> Tables:
    """Each table the best that is found, by filling several side by side, for the first who has none yet."""
    left, tables = list(order), []
    for size in sizes:
        table = _filled(costs, left, size)
        tables.append(table)
        left = [one for one in left if one not in table]
    return tables


def _filled(costs: Costs, left: Sequence[int], size: int) -> list[int]:
    """One table for the first of those who are left; a beam search."""
    beam: list[tuple[float, list[int]]] = [(0.0, list(left[: min(size, 1)]))]
    for _chair in range(size - 1):
        longer: dict[frozenset[int], tuple[float, list[int]]] = {}
        for cost, table in beam:
            rows = [costs[one] for one in table]
            more = {one: sum(row[one] for row in rows) for one in left if one not in table}
            for one in nsmallest(WIDTH, more, key=more.__getitem__):
                longer[frozenset((*table, one))] = cost + more[one], [*table, one]
        beam = nsmallest(WIDTH, longer.values(), key=itemgetter(0))
    return beam[0][1]


def _anneal(costs: Costs, tables: Tables, chance: Random, heats: Iterator[float], spread: float) -> None:
    """Leave the best tables that were seen. One loop without calls: it is what all the time goes into."""
    people, draw, noise = len(costs), chance.random, NOISE * spread
    near = [_near(costs, person, chance) for person in range(people)]
    number_of = {person: number for number, table in enumerate(tables) for person in table}
    where = [number_of[person] for person in range(people)]
    now = best = 0.0
    kept = where.copy()
    for heat in heats:
        a, b = int(draw() * people), int(draw() * people)
        if draw() < BESIDE_THE_NEAREST:
            there = tables[where[near[a][int(draw() * len(near[a]))]]]
            b = there[int(draw() * len(there))]
        s, t = where[a], where[b]
        if s == t:
            continue
        of_a, of_b = costs[a], costs[b]
        worse = -2 * of_a[b]
        for other in tables[s]:
            worse += of_b[other] - of_a[other]
        for other in tables[t]:
            worse += of_a[other] - of_b[other]
        if worse > 0 and draw() >= exp(-worse / heat):
            continue
        where[a], where[b] = t, s
        tables[s][tables[s].index(a)] = b
        tables[t][tables[t].index(b)] = a
        now += worse
        if now < best - noise:
            best, kept = now, where.copy()
    for number, table in enumerate(tables):
        table[:] = [person for person in range(people) if kept[person] == number]


def _near(costs: Costs, person: int, chance: Random) -> list[int]:
    others = [other for other in range(len(costs)) if other != person]
    chance.shuffle(others)
    return sorted(others, key=costs[person].__getitem__)[:NEAR]
