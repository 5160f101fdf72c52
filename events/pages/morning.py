"""What counts at 6:40 in the station: where, when, at which table, with whom, and what to do when one is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from events import programme, reminder_words, standing, this_morning
from events.links import square_link
from events.models import Rsvp, Session
from events.pages import meeting
from events.pages import session as pages
from events.pages.meeting import Card
from events.pages.session import Row, SeenSession
from events.standing import Answer
from events.this_morning import Word
from members.models import Member

# What one can say about being late, in minutes.
LATE = (10, 20, 30)


class Hour(StrEnum):
    """Which sentence the page begins with."""

    EVENING = "evening"
    BEFORE = "before"
    BEGUN = "begun"


@dataclass(frozen=True)
class Item:
    """A line of the running order: over, the one that is on, or still to come."""

    row: Row
    is_over: bool = False
    is_now: bool = False


@dataclass(frozen=True)
class LateOne:
    """Who said to be late, for the hosts."""

    name: str
    romaji: str
    minutes: int


@dataclass(frozen=True)
class Gone:
    """Who gave the seat back since the evening, for the hosts. `at` is on the wall clock."""

    name: str
    romaji: str
    at: datetime


@dataclass(frozen=True)
class Lateness:
    """What somebody with a seat said of being late, in minutes, and when; and what there is to say."""

    minutes: int = 0
    at: datetime | None = None
    choices: Sequence[int] = LATE


@dataclass(frozen=True)
class MorningPage:
    """What templates/events/morning.html shows. `late` is what the reader said of being late."""

    session: Session
    title: str
    hour: Hour
    mine: Answer
    is_host: bool
    late: Lateness
    late_ones: Sequence[LateOne]
    gone: Sequence[Gone]
    items: Sequence[Item]
    card: Card
    word: Word
    square: str = ""
    # A gathering may be at noon, or in the evening.
    in_the_morning: bool = True

    @property
    def can_decline(self) -> bool:
        """Until it begins one can still give the seat to somebody else."""
        return self.mine.is_seated and self.hour is not Hour.BEGUN


def of(member: Member, *, now: datetime) -> QuerySet[SeenSession]:
    """Sessions whose morning is this member's: with a seat, or as a host."""
    seated = Exists(Rsvp.objects.seated().filter(session=OuterRef("pk"), member=member))
    return pages.seen_by(member, now=now).filter(Q(seated) | Q(hosting=True))


def page(session: SeenSession, member: Member, *, now: datetime) -> MorningPage:
    """The page as this member sees it at this moment, of a session from `of`: four queries more at most."""
    return MorningPage(
        session=session,
        title=programme.title(session, programme.of(session)),
        hour=hour(session, now=now),
        mine=standing.answer(session.mine),
        is_host=session.hosting,
        late=lateness(session, member),
        late_ones=_late_ones(session) if session.hosting else (),
        gone=gone(session) if session.hosting else (),
        items=running(pages.schedule(session.programme), session, now=now),
        card=meeting.card(session, session.host, now=now),
        word=this_morning.word(session, member),
        square=square_link(member, session) if session.mine and session.mine["seated_at"] else "",
        in_the_morning=reminder_words.is_in_the_morning(session),
    )


def lateness(session: Session, member: Member) -> Lateness:
    """What this member said. One query."""
    own = Rsvp.objects.filter(session=session, member=member).values_list("late_minutes", "late_at").first()
    minutes, since = own or (None, None)
    return Lateness(minutes or 0, since.astimezone(session.zone) if since else None)


def hour(session: Session, *, now: datetime) -> Hour:
    """The evening before, the morning itself, or that it has begun."""
    if now >= session.starts_at:
        return Hour.BEGUN
    is_today = now.astimezone(session.zone).date() == session.local_start.date()
    return Hour.BEFORE if is_today else Hour.EVENING


def running(rows: Sequence[Row], session: Session, *, now: datetime) -> list[Item]:
    """The running order with the line that is on: the last whose time has come, on the day itself."""
    local = now.astimezone(session.zone)
    if local.date() < session.local_start.date():
        return [Item(row) for row in rows]
    clock = (local.hour, local.minute)
    begun = [place for place, row in enumerate(rows) if row.time and _clock(row.time) <= clock]
    current = max(begun, default=-1)
    return [Item(row, is_over=place < current, is_now=place == current) for place, row in enumerate(rows)]


def _clock(time: str) -> tuple[int, int]:
    hours, minutes = time.split(":")
    return int(hours), int(minutes)


def _late_ones(session: Session) -> tuple[LateOne, ...]:
    late = Rsvp.objects.filter(session=session, late_minutes__isnull=False).order_by("late_minutes", "pk")
    rows = late.values_list("member__name", "member__romaji", "name", "late_minutes")
    return tuple(LateOne(name or visitor, romaji or "", minutes or 0) for name, romaji, visitor, minutes in rows)


def gone(session: Session) -> tuple[Gone, ...]:
    """Those who had a seat and said since the evening that they cannot come, the latest first: one query."""
    left = Rsvp.objects.filter(session=session, answered_at__gte=this_morning.begins_at(session)).gave_seat_back()
    rows = left.order_by("-answered_at", "pk").values_list("member__name", "member__romaji", "name", "answered_at")
    return tuple(Gone(name or visitor, romaji or "", at.astimezone(session.zone)) for name, romaji, visitor, at in rows)
