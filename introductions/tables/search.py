"""The least costly way to put people at tables of given sizes, by swaps."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from math import exp
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
    if len([size for size in sizes if size]) > 1:
        length = max(MOVES_PER_PERSON * people, MOVES_AT_LEAST) if moves is None else moves
        _anneal(_banned(costs, apart), tables, chance, _heats(costs, length))
    return [sorted(table) for table in tables]


def total(costs: Costs, tables: Tables) -> float:
    """What a plan costs."""
    return sum(costs[a][b] for table in tables for a, b in combinations(table, 2))


def _banned(costs: Costs, apart: Collection[tuple[int, int]]) -> Costs:
    """The same with nothing for oneself, and for two who must be apart more than all others together."""
    found = [[0 if one == other else cost for other, cost in enumerate(row)] for one, row in enumerate(costs)]
    ban = 1 + sum(abs(cost) for row in found for cost in row)
    for a, b in apart:
        found[a][b] = found[b][a] = ban
    return found


def _heats(costs: Costs, moves: int) -> Iterator[float]:
    """From hot to cold in so many steps."""
    among = [cost for person, row in enumerate(costs) for cost in row[:person]]
    middle = sum(among) / len(among)
    spread = sum(abs(cost - middle) for cost in among) / len(among) or 1.0
    start = HEAT_FROM + HEAT_FROM_AMONG_FEW / len(costs)
    cooling = (HEAT_TO / start) ** (1 / moves)
    return (spread * start * cooling**move for move in range(moves))


def _anneal(costs: Costs, tables: Tables, chance: Random, heats: Iterator[float]) -> None:
    """Leave the best tables that were seen. One loop without calls: it is what all the time goes into."""
    people, draw = len(costs), chance.random
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
        if now < best - 1e-9:
            best, kept = now, where.copy()
    for number, table in enumerate(tables):
        table[:] = [person for person in range(people) if kept[person] == number]


def _near(costs: Costs, person: int, chance: Random) -> list[int]:
    others = [other for other in range(len(costs)) if other != person]
    chance.shuffle(others)
    return sorted(others, key=costs[person].__getitem__)[:NEAR]
