"""What the page of the table plan shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString

from events.models import Session
from introductions import seating, table_pictures
from introductions.seating import Chair


@dataclass(frozen=True)
class Table:
    """One table with its people, hosts first."""

    number: int
    people: Sequence[Chair]

    @property
    def drawing(self) -> SafeString:
        return table_pictures.table(self.number, self.people)


@dataclass(frozen=True)
class TablesPage:
    """`pairs` are all who sit together without having come together; `new` of them meet for the first time."""

    people: Sequence[Chair]
    tables: Sequence[Table]
    waiting: Sequence[Chair]
    pairs: int
    new: int

    @property
    def numbers(self) -> list[int]:
        """Where somebody can be moved: the tables there are, and one more."""
        last = max((table.number for table in self.tables), default=0)
        return list(range(1, last + 2))


def page(session: Session) -> TablesPage:
    """The plan as it stands: six queries, however many there are."""
    people = seating.chairs(session)
    seated = sorted((chair for chair in people if chair.table), key=lambda chair: chair.table)
    tables = [Table(number, _hosts_first(list(there))) for number, there in groupby(seated, key=lambda c: c.table)]
    met = seating.past_of(session, people).met if seated else {}
    together = [frozenset((one.member, other.member)) for one, other in seating.pairs(people)]
    return TablesPage(
        people=people,
        tables=tables,
        waiting=[chair for chair in people if not chair.table],
        pairs=len(together),
        new=sum(pair not in met for pair in together),
    )


def _hosts_first(people: list[Chair]) -> list[Chair]:
    host_parties = {chair.party for chair in people if chair.is_host}
    return sorted(people, key=lambda chair: chair.party not in host_parties)
