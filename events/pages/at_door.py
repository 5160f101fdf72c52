"""Somebody whose square was scanned, as the door sees them: seat, friends, and whether they are here already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from events.models import Attendance, Rsvp, Session
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
