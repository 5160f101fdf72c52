"""What an action of a host will change, and who will be mailed: found out by doing it and taking it back.

So what is shown before is what happens afterwards, by the same code. What has changed in between is seen by comparing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from events.models import Rsvp, Series, Session
from outbox import owing
from outbox.models import Delivery

# What is compared of a session.
FIELDS = (
    "title", "number", "summary", "programme", "fee_amount", "capacity", "starts_at", "duration_minutes", "venue_id",
)  # fmt: skip
OF_SERIES = ("programme", "fee_amount", "capacity", "at", "venue_id")
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One session and what becomes of it: {field: (before, after)}."""

    session: Session
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Foreseen:
    """Everything an action does: to sessions by their day, to those not made yet, and how many mails of each kind.

    `waits`: mails that keep the night. `mark` names it.
    """

    changes: tuple[Change, ...]
    to_come: Mapping[str, tuple[Any, Any]]
    mails: Mapping[str, int]
    mark: str
    waits: bool

    @property
    def people(self) -> int:
        return sum(self.mails.values())


class Stale(Exception):  # noqa: N818
    """It would not do any more what was shown; `now` says what it would."""

    def __init__(self, now: Foreseen) -> None:
        super().__init__(now.mark)
        self.now = now


def foresee(series: Series, act: Callable[[], object]) -> Foreseen:
    """Do it, look, and take it back. What `act` raises is raised."""
    with transaction.atomic():
        found = _done(series, act)
        transaction.set_rollback(True)
    return found


@transaction.atomic
def carry_out(series: Series, act: Callable[[], object], *, seen: str) -> Foreseen:
    """Do it, if it does what was seen. Raises `Stale`, with nothing done, where it does something else by now."""
    found = _done(series, act)
    if found.mark != seen:
        raise Stale(found)
    return found


def _done(series: Series, act: Callable[[], object]) -> Foreseen:
    # From here on nobody else changes a session of the series by hand.
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    kept = _series(series)
    before, last = _stand(series), Delivery.objects.aggregate(last=Max("pk"))["last"] or 0
    with owing.noted() as keys:
        act()
    after = _stand(series)
    changed = {pk: _differs(before[pk], now) for pk, now in after.items() if pk in before and before[pk] != now}
    sessions = Session.objects.filter(pk__in=changed).select_related("series").order_by("starts_at", "pk")
    changes = tuple(Change(one, changed[one.pk]) for one in sessions)
    rows = _mails(set(after), keys, after_row=last)
    mails = [(kind, to) for kind, to, _goes_at in rows]
    to_come = _differs(kept, _series(series))
    told = [[pk, sorted(fields.items())] for pk, fields in sorted(changed.items())]
    mark = hashlib.sha256(json.dumps([told, sorted(to_come.items()), mails], default=str).encode()).hexdigest()[:20]
    waits = any(goes_at > timezone.now() for _kind, _to, goes_at in rows)
    return Foreseen(changes, to_come, Counter(kind for kind, _to in mails), mark, waits)


def _mails(sessions: set[int], keys: Collection[str], *, after_row: int) -> list[tuple[str, str, datetime]]:
    """Kind, address and when it goes, of each of these mails that is new since that row and of these sessions."""
    columns = ("kind", "to", "next_attempt_at", "context")
    owed = Delivery.objects.filter(pk__gt=after_row, key__in=keys).values_list(*columns)
    rows = [(*mail, context) for *mail, context in owed if {"rsvp", "session"} & set(context)]
    answers = [context["rsvp"] for *_mail, context in rows if "rsvp" in context]
    mine = set(Rsvp.objects.filter(pk__in=answers, session__in=sessions).values_list("pk", flat=True))
    return sorted(
        (kind, to, goes_at)
        for kind, to, goes_at, context in rows
        if context.get("rsvp") in mine or context.get("session") in sessions
    )


def _series(series: Series) -> Values:
    """What sessions that are not made yet begin with."""
    found: Values = Series.objects.values(*OF_SERIES).get(pk=series.pk)
    return found


def _stand(series: Series) -> dict[int, Values]:
    rows = Session.objects.filter(series=series).order_by().values("pk", *FIELDS)
    return {row.pop("pk"): row for row in rows}


def _differs(before: Values, after: Values) -> dict[str, tuple[Any, Any]]:
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}
