"""When a letter lies ready: about ten days after a session, once a month for each series. Nothing goes by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from archive.models import Bulletin
from events.models import Session
from events.next_steps import Step

# By then the report is written and people have said what they took home.
READY_AFTER = timedelta(days=10)
# After that it would tell old news, and the next letter is near.
READY_FOR = timedelta(days=40)
# A weekly series has one letter in so many days, too.
ONCE_IN = timedelta(days=24)


def steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """The letter of each series that lies ready. One query."""
    for session in ready(sessions, now=now):
        yield Step(
            session=session,
            urgency=4,
            what=_("The monthly letter is ready"),
            why=_("Leave out what you like and send it with one tap. Nothing is sent automatically."),
            url=reverse("session_bulletin", args=[session.code]),
            label=_("Read the letter"),
        )


def ready(sessions: list[Session], *, now: datetime) -> list[Session]:
    """The session each series' letter is to tell of, for series whose letter is due. One query."""
    of_series: dict[int, list[Session]] = defaultdict(list)
    for session in sessions:
        if session.published_at and not session.is_cancelled and is_time(session, now=now):
            of_series[session.series_id].append(session)
    known: dict[int, list[tuple[int, datetime, datetime | None]]] = defaultdict(list)
    if of_series:
        told = Bulletin.objects.filter(series__in=of_series, session__starts_at__gt=now - READY_FOR - ONCE_IN)
        rows = told.values_list("series", "session", "session__starts_at", "sent_at")
        for series, session_pk, starts_at, sent_at in rows:
            known[series].append((session_pk, starts_at, sent_at))
    found = (_of_series(of_series[series], known[series]) for series in sorted(of_series))
    return [session for session in found if session]


def is_time(session: Session, *, now: datetime) -> bool:
    """Whether enough has come together since, and it is still news."""
    return now - READY_FOR < session.starts_at <= now - READY_AFTER


def _of_series(sessions: list[Session], told: list[tuple[int, datetime, datetime | None]]) -> Session | None:
    """The one a host has begun to write about, or else the latest; none so soon after the last letter."""
    drafts = {session for session, _starts_at, sent_at in told if sent_at is None}
    latest = max(sessions, key=lambda one: (one.pk in drafts, one.starts_at, one.pk))
    sent = (starts_at for _session, starts_at, sent_at in told if sent_at)
    return None if any(latest.starts_at - starts_at < ONCE_IN for starts_at in sent) else latest
