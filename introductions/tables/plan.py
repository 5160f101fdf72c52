"""From people to a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from introductions.tables.costs import APART, MISFIT, misfit
from introductions.tables.hall import Hall
from introductions.tables.people import Person, Rules
from introductions.tables.room import Room

# Forty people take about half a second.
MOVES_PER_PERSON = 4000
# Numbers of tables that are searched in full; later ones only serve rules that can hardly be met.
TRIES = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """Everybody's table, from 1, and what the plan costs."""

    table_of: dict[str, int]
    cost: int

    @property
    def sizes(self) -> list[int]:
        """How many sit at each table."""
        tables = list(self.table_of.values())
        return [tables.count(number) for number in range(1, max(tables, default=0) + 1)]


def plan(people: Sequence[Person], rules: Rules | None = None, *, seed: str, moves: int | None = None) -> Plan:
    """The tables for these people; the same for the same people in any order and the same seed.

    `moves` bounds the search. Raises ValueError for a key given twice.
    """
    if len({person.key for person in people}) < len(people):
        raise ValueError("two people with the same key")
    if not people:
        return Plan({}, 0)
    hall = Hall(people, rules or Rules())
    rooms: list[Room] = []
    for tables in hall.counts:
        if len(rooms) >= TRIES and min(room.cost for room in rooms) < APART // 2:
            break
        rooms.append(_arranged(hall, tables, seed=seed, moves=_length(hall, moves, len(rooms))))
        if rooms[-1].cost < MISFIT * (misfit(hall.people, tables) + 1):
            break
    best = min(rooms, key=lambda room: room.cost)
    return Plan(_numbered(hall, best), best.cost)


def cost_of(people: Sequence[Person], table_of: Mapping[str, int], rules: Rules | None = None) -> int:
    """What a given plan costs; its parties sit together and its tables are numbered from 1."""
    hall = Hall(people, rules or Rules())
    room = Room(hall, max(table_of.values()))
    for unit, members in enumerate(hall.units):
        for person in members[:1]:
            room.shift(unit, table_of[person.key] - 1)
    return room.cost


def _arranged(hall: Hall, tables: int, *, seed: str, moves: int) -> Room:
    room, chance = Room(hall, tables), Random(f"{seed} {tables}")  # noqa: S311 - chance, no secret
    if tables < 2 or not room.free:
        return room
    if not hall.keeps_apart:
        room.anneal(chance, moves)
        return room
    room.anneal(chance, moves // 2)
    lenient, other = Room(hall.lenient(), tables), Room(hall, tables)
    lenient.anneal(chance, moves - moves // 2)
    for unit, table in enumerate(lenient.where):
        other.shift(unit, table)
    return min(room, other, key=lambda one: one.cost)


def _length(hall: Hall, moves: int | None, tried: int) -> int:
    length = MOVES_PER_PERSON * hall.people if moves is None else moves
    return length if tried < TRIES else length // 10


def _numbered(hall: Hall, room: Room) -> dict[str, int]:
    """Tables from 1, without gaps where no number is promised to anybody."""
    seated = [(unit, table) for unit, table in zip(hall.units, room.where, strict=True) if unit]
    used = sorted({table for _unit, table in seated})
    promised = hall.pins or hall.before
    number = {table: table + 1 if promised else place for place, table in enumerate(used, start=1)}
    return {person.key: number[table] for unit, table in seated for person in unit}
