"""Everybody who needs a badge, as far as the room may know them: guests, who comes with them, who has a seat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.models import Companion, Rsvp, Session
from events.pages import at_door
from events.pages.at_door import Invited
from introductions import badges, trades
from introductions.table_seats import TableSeat
from members import collation
from members.levels import Level
from members.models import Member

# Between the names of those who come with a guest, as guests write them: 山本さん、林さん.
BETWEEN = re.compile(r"\s*[、,，;；/／]\s*")


@dataclass(frozen=True)
class Someone:
    """A person with a seat. `scan` is what the square on the badge says; only members have one.

    `guest` is the invited guest whom they came with, or their own name: of guests `one_line` says who they are.
    """

    name: str
    yomi: str = ""
    romaji: str = ""
    trade: str = ""
    one_line: str = ""
    with_whom: str = ""
    guest: str = ""
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
        if self.guest:
            return _("Guest") if self.guest == self.name else _("with our guest %(name)s") % {"name": self.guest}
        return _("with %(name)s") % {"name": self.with_whom} if self.with_whom else self.trade


def guests(session: Session) -> list[Someone]:
    """The guests, each with those who come along: they have no table, and no square. Three queries, one without guests.

    Of whom the guest wrote no name there is a badge all the same, to be written on. A guest who has a seat as a member
    stands among those.
    """
    invited = at_door.invited(session)
    codes = [one.guest.code for one in invited]
    seated = Rsvp.objects.filter(session=session, member__speaker__code__in=codes).seated()
    members = set(seated.values_list("member__speaker__code", flat=True)) if codes else set()
    return [someone for one in invited for someone in _invited(one, is_member=one.guest.code in members)]


def _invited(invited: Invited, *, is_member: bool) -> Iterator[Someone]:
    guest, company = invited.guest, invited.company
    if not is_member:
        yield Someone(guest.name, guest.yomi, guest.romaji, guest=guest.name, one_line=guest.title, is_listed=True)
    names = BETWEEN.split(company.names.strip())
    for name in names if len(names) == company.people else [""] * company.people:
        yield Someone(name, guest=guest.called)


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
