"""What falls together becomes one mail: two reminders that fall due for one person within the hour go as one.

Each reminder of each session and person has a row of its own in the outbox, whose key says that it is owed once. Where
several fall together, the row of the first carries the mail, and the others are written as dropped: they ride along.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from events import segments
from events.due_times import useful_until
from events.models import ReminderRule, Session
from events.models.reminder import due_at
from events.models.segment import SEATED
from members.models import Member
from outbox.models import Delivery, Lane

# What is due within this time after the first goes with the first.
WITHIN = timedelta(hours=1)
JOINED = "reminder.joined"
RIDES_ALONG = "in one mail with another reminder"
MOVED = "moved"


@dataclass(frozen=True)
class Pair:
    """One rule, as it holds for one session."""

    rule: ReminderRule
    session: Session

    def key(self, member: int) -> str:
        """What names this reminder to this person for ever: a rule taken away and made again says nothing twice."""
        what = f"{self.rule.template}:{self.rule.audience}:{self.rule.days_before}"
        return f"reminder:{self.session.pk}:{self.day}:{member}:{what}"

    @property
    def ids_of_run(self) -> tuple[int, int]:
        """What names its run."""
        return self.rule.pk, self.session.pk

    @property
    def day(self) -> str:
        return self.session.local_start.date().isoformat()

    @property
    def ids(self) -> dict[str, Any]:
        ids = {"rule": self.rule.pk, "session": self.session.pk, "day": self.day}
        return ids | {"seat": True} if self.rule.audience in SEATED else ids


def owe(now_due: Sequence[Pair], soon: Sequence[Pair], *, now: datetime) -> None:
    """Owe what is due, under the locks of the sessions; what is due soon rides along where somebody is written to."""
    people: dict[int, Member] = {}
    parts: dict[int, list[Pair]] = defaultdict(list)
    for pair in sorted((*now_due, *soon), key=lambda pair: (due_at(pair.rule, pair.session), pair.session.starts_at)):
        for member in segments.people(pair.rule.audience, pair.session).only("pk", "email", "language"):
            people[member.pk] = member
            parts[member.pk].append(pair)
    keys = [pair.key(pk) for pk, pairs in parts.items() for pair in pairs]
    # Moved away before it went, and back again: it was never said.
    Delivery.objects.filter(key__in=keys, sent_at=None, drop_reason=MOVED).delete()
    told = set(Delivery.objects.filter(key__in=keys).values_list("key", flat=True))
    due_now = set(map(id, now_due))
    rows: list[Delivery] = []
    for pk, pairs in parts.items():
        fresh = [pair for pair in pairs if pair.key(pk) not in told]
        if any(id(pair) in due_now for pair in fresh):
            rows += _rows(people[pk], fresh, now=now)
    Delivery.objects.owe_many(rows)


def went(session: Session, template: str, member: int, *, day: date | None = None) -> bool:
    """Whether this reminder of that morning, or of the day it was on before, went to somebody: alone or with others."""
    on = (day or session.local_start.date()).isoformat()
    rows = Delivery.objects.filter(key__startswith=f"reminder:{session.pk}:{on}:{member}:{template}:")
    return rows.filter(Q(sent_at__isnull=False) | Q(drop_reason=RIDES_ALONG)).exists()


def _rows(member: Member, pairs: list[Pair], *, now: datetime) -> Iterator[Delivery]:
    """One mail, and a row for each reminder that rides along in it."""
    first, *others = pairs
    if not others:
        yield _row(member, first, kind=f"reminder.{first.rule.template}", context=first.ids)
        return
    parts = [pair.ids for pair in pairs]
    seat = {"seat": True} if any("seat" in ids for ids in parts) else {}
    carrier = _row(member, first, kind=JOINED, context={"parts": parts, **seat})
    carrier.useful_until = max(useful_until(pair.rule, pair.session) for pair in pairs)
    yield carrier
    for pair in others:
        row = _row(member, pair, kind=f"reminder.{pair.rule.template}", context=pair.ids)
        row.dropped_at, row.drop_reason = now, RIDES_ALONG
        yield row


def _row(member: Member, pair: Pair, *, kind: str, context: dict[str, Any]) -> Delivery:
    return Delivery(
        kind=kind,
        key=pair.key(member.pk),
        to=member.email,
        language=member.language,
        context={**context, "member": member.pk},
        lane=Lane.BULK,
        useful_until=useful_until(pair.rule, pair.session),
    )
