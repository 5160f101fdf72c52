"""The mornings somebody came to, from closed lists: for themselves alone, without any comparison with others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias, TypedDict, cast

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django_stubs_ext import WithAnnotations

from events import programme
from events.along import Section
from events.models import Attendance, Session
from events.pages.front import label
from events.programme import NOTHING, Guest, Programme
from members.models import Member

# Mornings of which one says a word.
MILESTONES = (10, 50, 100)


class Seen(TypedDict):
    """What the query adds to a session: whether its page still opens to the one who came."""

    opens: bool


SeenSession: TypeAlias = "WithAnnotations[Session, Seen]"  # at run time this needs Python 3.12


@dataclass(frozen=True)
class Morning:
    """One of them. `nth` counts all mornings in the club, from 1."""

    session: SeenSession
    programme: Programme
    nth: int

    @property
    def title(self) -> str:
        return programme.title(self.session, self.programme)

    @property
    def label(self) -> str:
        return label(self.session)

    @property
    def milestone(self) -> str:
        """A word where it was the tenth, the fiftieth, the hundredth."""
        return word(self.nth) if self.nth in MILESTONES else ""


@dataclass(frozen=True)
class Heard:
    """A guest one has heard, and the last time."""

    guest: Guest
    morning: Morning


@dataclass(frozen=True)
class Attended:
    """What one came to, the newest first."""

    mornings: Sequence[Morning]

    @property
    def years(self) -> list[tuple[int, list[Morning]]]:
        by_year = groupby(self.mornings, key=lambda one: one.session.local_start.year)
        return [(year, list(found)) for year, found in by_year]

    @property
    def heard(self) -> list[Heard]:
        """Each guest once, the last heard first."""
        found: dict[str, Heard] = {}
        for morning in self.mornings:
            for guest in morning.programme.guests:
                found.setdefault(guest.code, Heard(guest, morning))
        return list(found.values())


def of(member: Member) -> Attended:
    """Two queries, however many mornings."""
    came = Attendance.objects.came().filter(member=member, session=OuterRef("pk"))
    opens = Exists(Session.objects.visible_to(member).filter(pk=OuterRef("pk")))
    found = Session.objects.filter(Exists(came), roster_closed_at__isnull=False).annotate(opens=opens)
    sessions = cast("QuerySet[SeenSession]", found.select_related("series").order_by("-starts_at", "-pk"))
    programmes = programme.programmes(sessions)
    number = len(sessions)
    return Attended(
        [Morning(one, programmes.get(one.pk, NOTHING), number - place) for place, one in enumerate(sessions)]
    )


def word(nth: int) -> str:
    """A quiet word to the one who came."""
    return _("Your %(nth)dth morning.") % {"nth": nth}


def section(session: Session, members: Collection[Member]) -> Mapping[int, Section]:
    """In the thanks of that morning: a word to those whose tenth or fiftieth it was. One query."""
    until = Attendance.objects.came().filter(
        member__in=members, session__roster_closed_at__isnull=False, session__starts_at__lte=session.starts_at
    )
    counted = until.order_by().values_list("member").annotate(nth=Count("pk")).filter(nth__in=MILESTONES)
    return {pk: Section(foot=_("This was your %(nth)dth morning with us.") % {"nth": nth}) for pk, nth in counted}
