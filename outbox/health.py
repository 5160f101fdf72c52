"""How the mails are doing, for the operator: what is owed, what was given up, and who is at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outbox.by_line import Channel
from outbox.models import Delivery, DeliveryQuerySet, Heartbeat, Lane, Suppression

# Who must be seen: the worker on the ticks, the mailer on the mails, and beat that sends both their work.
PARTS = ("worker", "mailer", "scheduler")
# One that has not shown itself for so long stands still (reliability: red within three minutes).
SILENT_AFTER = timedelta(minutes=2)
DAY = timedelta(days=1)
FAILURES_AT_MOST, TESTS_AT_MOST = 50, 3
TEST = "operator.test"

LANES: dict[int, Promise] = {
    Lane.CODE: _("Codes to sign in"),
    Lane.ANSWER: _("Seats and answers"),
    Lane.BULK: _("Reminders and letters"),
}
NAMES: dict[str, Promise] = {
    "worker": _("The worker (what is due)"),
    "mailer": _("The mailer (mails)"),
    "scheduler": _("The scheduler (the clock)"),
}


@dataclass(frozen=True)
class Part:
    """One process, and when it was last seen."""

    name: Promise
    at: datetime | None
    is_well: bool


@dataclass(frozen=True)
class Queue:
    """The mails of one lane that are owed: `due` could go now, `later` wait for their hour or for another try."""

    name: Promise
    due: int
    later: int


@dataclass(frozen=True)
class Health:
    """What templates/outbox/health.html shows."""

    parts: Sequence[Part]
    queues: Sequence[Queue]
    oldest: datetime | None
    sent: int
    dropped: int
    failed: int
    failures: Sequence[Delivery]
    tests: Sequence[Delivery]
    suppressed: Sequence[Suppression]

    @property
    def is_well(self) -> bool:
        return all(part.is_well for part in self.parts)


def of(now: datetime) -> Health:
    """Everything at this moment: six queries, however many mails there are."""
    counts = _counts(now)
    return Health(
        parts=_parts(now),
        queues=[Queue(name, counts[f"due{lane}"], counts[f"later{lane}"]) for lane, name in LANES.items()],
        oldest=counts["oldest"],
        **_endings(now),
        failures=list(_mails().filter(failed_at__isnull=False).order_by("-failed_at", "-pk")[:FAILURES_AT_MOST]),
        tests=list(Delivery.objects.filter(kind=TEST).order_by("-pk")[:TESTS_AT_MOST]),
        suppressed=list(Suppression.objects.in_force().order_by("-since", "-pk")[:FAILURES_AT_MOST]),
    )


def _mails() -> DeliveryQuerySet:
    """What goes by mail; LINE has a page of its own."""
    return Delivery.objects.filter(channel=Channel.MAIL)


def _parts(now: datetime) -> list[Part]:
    seen = dict(Heartbeat.objects.values_list("name", "at"))
    return [Part(NAMES[name], seen.get(name), name in seen and seen[name] >= now - SILENT_AFTER) for name in PARTS]


def _counts(now: datetime) -> dict[str, Any]:
    """By lane: what is due, what waits; and since when the oldest could have gone."""
    due, later = Q(next_attempt_at__lte=now), Q(next_attempt_at__gt=now)
    times = [("due", due), ("later", later)]
    lanes = {f"{word}{lane}": Count("pk", filter=when & Q(lane=lane)) for lane in LANES for word, when in times}
    return _mails().open().aggregate(oldest=Min("next_attempt_at", filter=due), **lanes)


def _endings(now: datetime) -> dict[str, int]:
    """How mails ended within a day."""
    since = now - DAY
    recent = _mails().filter(Q(sent_at__gte=since) | Q(dropped_at__gte=since) | Q(failed_at__gte=since))
    return recent.aggregate(sent=Count("sent_at"), dropped=Count("dropped_at"), failed=Count("failed_at"))
