"""What goes by LINE as well as by mail: the evening before, and what changes between that evening and the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from events import this_morning, together
from events.models import ReminderRule, Session
from members.models import Activity
from outbox.models import Delivery

TOMORROW = f"reminder.{ReminderRule.Template.TOMORROW}"
CHANGES = {"session.changed", "session.cancelled"}


def pick(rows: Sequence[Delivery]) -> Iterator[Delivery]:
    """Of these mails; up to three queries."""
    yield from (_copy(row, row.kind, row.context) for row in rows if row.kind == TOMORROW and row.dropped_at is None)
    joined = [(row, part) for row in rows if row.kind == together.JOINED for part in row.context["parts"]]
    if joined:
        rules = ReminderRule.objects.filter(
            pk__in={part["rule"] for _row, part in joined}, template=ReminderRule.Template.TOMORROW
        )
        known = set(rules.values_list("pk", flat=True))
        for row, part in joined:
            if part["rule"] in known:
                yield _copy(row, TOMORROW, {**part, "member": row.context["member"]})
    changes = [row for row in rows if row.kind in CHANGES]
    urgent = _urgent({row.context["session"] for row in changes}, now=changes[0].created_at) if changes else set()
    yield from (_copy(row, row.kind, row.context) for row in changes if row.context["session"] in urgent)


def _urgent(sessions: set[int], *, now: datetime) -> set[int]:
    """Those that people are about to come to: by the hour it was to begin before it was moved, too."""
    found = Session.objects.in_bulk(sessions)
    moved: dict[str, datetime] = {}
    targets = [f"session:{session.code}" for session in found.values()]
    moves = Activity.objects.filter(target__in=targets, verb="session.move").order_by("pk")
    for target, detail in moves.values_list("target", "detail"):
        moved[target] = datetime.fromisoformat(detail["before"])
    urgent = set()
    for pk, session in found.items():
        before = Session(starts_at=moved.get(f"session:{session.code}", session.starts_at), timezone=session.timezone)
        if any(this_morning.begins_at(one) <= now < one.starts_at for one in (session, before)):
            urgent.add(pk)
    return urgent


def _copy(row: Delivery, kind: str, context: dict[str, Any]) -> Delivery:
    """The same said once more, still to the mail address."""
    return Delivery(
        kind=kind,
        key=row.key,
        to=row.to,
        language=row.language,
        context=context,
        lane=row.lane,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        useful_until=row.useful_until,
    )
