"""Where a reader stands with a session: what the one button says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.dateparse import parse_datetime

from events.models import Partstat, Session
from events.models.seats import FRIENDS_AT_MOST


class State(StrEnum):
    """What can be done about a seat, and what has been."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    OVER = "over"
    BEGUN = "begun"
    SEATED = "seated"
    OFFERED = "offered"
    WAITING = "waiting"
    NOT_OPEN = "not_open"
    CLOSED = "closed"
    FULL = "full"
    OPEN = "open"


@dataclass(frozen=True)
class Friend:
    """Somebody who comes on the reader's word."""

    pk: int
    name: str
    yomi: str
    email: str = ""


@dataclass(frozen=True)
class Answer:
    """What the reader said about this session. `place` is the place in the queue, from 1.

    `unread`: a change at the last hour waits for their word.
    """

    partstat: str = Partstat.NEEDS_ACTION
    seated_at: datetime | None = None
    place: int = 0
    offered_until: datetime | None = None
    # Somebody of whom the door knows nothing may have a seat kept for newcomers.
    is_new: bool = True
    question: str = ""
    question_named: bool = False
    friends: tuple[Friend, ...] = ()
    version: int = 0
    unread: bool = False
    answered_at: datetime | None = None
    # The seat came by "I come every time"; and whether the reader has said since that they come.
    is_standing: bool = False
    gave_word: bool = False

    @property
    def is_seated(self) -> bool:
        return self.seated_at is not None

    @property
    def is_waiting(self) -> bool:
        return self.place > 0

    def is_offered(self, now: datetime) -> bool:
        """Seats are kept for this party until it answers."""
        return self.offered_until is not None and now < self.offered_until

    @property
    def has_declined(self) -> bool:
        return self.partstat == Partstat.DECLINED

    @property
    def gave_seat_back(self) -> bool:
        """Whether this is somebody who had a seat and told us that they cannot come: thanks are due."""
        return self.has_declined and self.version > 1

    @property
    def party(self) -> int:
        """How many seats this answer asks for."""
        return 1 + len(self.friends)


NONE = Answer()


def answer(found: Mapping[str, Any] | None, *, came_before: bool = False) -> Answer:
    """The answer from what the database made of it (events.pages.session), or none; and who it is that answers."""
    if not found:
        return Answer(is_new=not came_before)
    counted = found["seated_at"] or found["queue_no"] is not None
    return Answer(
        partstat=found["partstat"],
        seated_at=parse_datetime(found["seated_at"]) if found["seated_at"] else None,
        place=found["place"] if found["queue_no"] is not None else 0,
        offered_until=parse_datetime(found["offered_until"]) if found["offered_until"] else None,
        question=found["question"],
        question_named=found["question_named"],
        friends=tuple(Friend(**friend) for friend in found["friends"]),
        is_new=found["is_new"] if counted else not came_before,
        version=found["version"],
        unread=found["unread"],
        answered_at=parse_datetime(found["answered_at"]),
        is_standing=bool(found["standing_at"]),
        gave_word=bool(found["standing_said_at"]),
    )


def room(session: Session, mine: Answer, *, now: datetime) -> int:
    """How many seats this reader may have now."""
    return session.room_for(new=mine.is_new, now=now)


def room_for_party(session: Session, mine: Answer, *, now: datetime) -> int:
    """How large the reader's party may be: friends may sit on spare covers."""
    return session.room_for_party(new=mine.is_new, now=now)


def state(session: Session, mine: Answer, *, now: datetime) -> State:
    """The first that holds, from what nobody can change to what one tap does."""
    closed = session.rsvp_closes_at is not None and now > session.rsvp_closes_at
    early = session.rsvp_opens_at is not None and now < session.rsvp_opens_at
    order = (
        (session.is_cancelled, State.CANCELLED),
        (session.is_draft, State.DRAFT),
        (session.is_over(now), State.OVER),
        (now >= session.starts_at, State.BEGUN),
        (mine.is_seated, State.SEATED),
        (mine.is_offered(now), State.OFFERED),
        (mine.is_waiting, State.WAITING),
        (closed, State.CLOSED),
        (early, State.NOT_OPEN),
        (not room(session, mine, now=now), State.FULL),
    )
    return next((found for holds, found in order if holds), State.OPEN)


def price(session: Session, mine: Answer, *, seats: int, now: datetime) -> int:
    """What giving back so many of the reader's seats costs at this moment."""
    return session.late_price(seated_at=mine.seated_at, answered_at=mine.answered_at, party=seats, now=now)


def can_take_seat(session: Session, mine: Answer, *, now: datetime) -> bool:
    """Somebody waits and there is room for the whole party: the first to tap gets it, also after answers closed."""
    return mine.is_waiting and now < session.starts_at and mine.party <= room_for_party(session, mine, now=now)


def could_be_fewer(session: Session, mine: Answer, *, now: datetime) -> bool:
    """Somebody waits with friends, and with fewer of them there would be room."""
    waits = mine.is_waiting and not mine.is_offered(now) and now < session.starts_at
    return waits and 0 < room_for_party(session, mine, now=now) < mine.party


def can_bring_friend(session: Session, mine: Answer, *, now: datetime) -> bool:
    """A seat or spare cover is free (or one waits anyway), the doors are shut, and the friends are not too many yet."""
    seat = session.room_for_friends(new=mine.is_new, now=now) > 0 or (mine.is_waiting and not mine.is_offered(now))
    return seat and now < session.doors_at and len(mine.friends) < FRIENDS_AT_MOST
