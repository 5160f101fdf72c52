"""What a host can do in two taps when the morning is near: other hours. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from events.models import Session
from events.models.notice import is_late
from events.templatetags.sessions import session_when


@dataclass(frozen=True)
class Shift:
    """Another start, ready to be sent: what the button says, and the values of its form."""

    label: str
    on: date
    at: time


def is_near(session: Session, *, now: datetime) -> bool:
    """From the day before on: nobody has time for forms."""
    return is_late([session.starts_at], session.zone, now=now)


def shifts(session: Session, *, now: datetime) -> Sequence[Shift]:
    """Half an hour or an hour later, as far as that is still to come, and the same hour a week later."""
    start = session.local_start
    later = [
        (_("30 minutes later: %(when)s"), start + timedelta(minutes=30)),
        (_("One hour later: %(when)s"), start + timedelta(hours=1)),
        (_("A week later: %(when)s"), datetime.combine(start.date() + timedelta(days=7), start.time(), session.zone)),
    ]
    return [Shift(words % {"when": session_when(at)}, at.date(), at.time()) for words, at in later if at > now]
