"""Whom the door sees: who showed a square, with seat and friends; and the guests, with those who come along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from events import programme, this_morning
from events.models import Attendance, Rsvp, Session
from events.programme import Guest
from events.this_morning import Company
from members.models import Member


@dataclass(frozen=True)
class AtDoor:
    """What templates/events/check_in.html shows for one session."""

    session: Session
    has_seat: bool
    friends: tuple[str, ...]
    here_since: datetime | None


def of(session: Session, member: Member) -> AtDoor:
    """Three queries."""
    seat = Rsvp.objects.seated().filter(session=session, member=member).first()
    friends = tuple(seat.companions.values_list("name", flat=True)) if seat else ()
    came = Attendance.objects.came().filter(session=session, member=member).values_list("marked_at", flat=True).first()
    return AtDoor(session, seat is not None, friends, came.astimezone(session.zone) if came else None)


@dataclass(frozen=True)
class Invited:
    """A guest of the morning with those who come along: to be welcomed, on no list, and among no payers."""

    guest: Guest
    company: Company


def invited(session: Session) -> list[Invited]:
    """Two queries, however many guests there are."""
    guests = programme.of(session).guests
    along = this_morning.company(session) if guests else {}
    return [Invited(guest, along.get(guest.code, Company())) for guest in guests]
