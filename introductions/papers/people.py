"""Everybody who needs a badge, as far as the room may know them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.models import Companion, Rsvp, Session
from introductions import badges, trades
from introductions.table_seats import TableSeat
from members import collation
from members.levels import Level
from members.models import Member


@dataclass(frozen=True)
class Someone:
    """A person with a seat. `scan` is what the square on the badge says; friends and visitors have none."""

    name: str
    yomi: str = ""
    romaji: str = ""
    trade: str = ""
    one_line: str = ""
    with_whom: str = ""
    table: int = 0
    is_listed: bool = False
    scan: str = ""

    @property
    def large(self) -> str:
        """What stands large: in English the name in Latin letters where there is one."""
        return (self.romaji if get_language() == "en" else "") or self.name

    @property
    def small(self) -> str:
        """What stands above it: how it is read, or in English how it is written."""
        other = self.name if get_language() == "en" else self.yomi or self.romaji
        return other if other != self.large else ""

    @property
    def line(self) -> str:
        """What somebody does, or with whom they came."""
        return _("with %(name)s") % {"name": self.with_whom} if self.with_whom else self.trade


def people(session: Session) -> list[Someone]:
    """Everybody with a seat, by reading, friends after the one they come with. Three queries."""
    answers = Rsvp.objects.filter(session=session).seated().select_related("member", "table_seat")
    friends = Companion.objects.select_related("table_seat").order_by("pk")
    found = [list(_party(rsvp)) for rsvp in answers.prefetch_related(Prefetch("companions", friends))]
    found.sort(key=lambda party: (collation.key(party[0].yomi or party[0].name), party[0].name))
    return [one for party in found for one in party]


def _party(rsvp: Rsvp) -> Iterator[Someone]:
    member = rsvp.member
    first = Someone(rsvp.name) if member is None else _of_member(member)
    yield Someone(**{**vars(first), "table": _table(rsvp)})
    for friend in rsvp.companions.all():
        yield Someone(friend.name, friend.yomi, with_whom=first.large, table=_table(friend), is_listed=first.is_listed)


def _of_member(member: Member) -> Someone:
    seen = member.as_seen_at(Level.MORNING)
    return Someone(
        name=seen.name,
        yomi=seen.yomi,
        romaji=seen.romaji,
        trade=trades.word(seen),
        one_line=seen.one_line,
        is_listed=member.listed_at is not None,
        scan=badges.address(member),
    )


def _table(party: Rsvp | Companion) -> int:
    seat: TableSeat | None = getattr(party, "table_seat", None)
    return seat.table_no if seat else 0
