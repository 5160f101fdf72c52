"""When the series speaks up by itself. Due times are wall-clock times in the session's zone, worked out at every tick.

A rule is carried out once per session: its mails and the note that it ran (`ReminderRun`) are one transaction, so that
two schedulers at once, or one that died in between, change nothing. A moved session forgets its runs; the mail's key
holds the date, so that only another date speaks again. What falls due for one person within the hour is one mail
(events/together.py).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from events import friend_mails, together
from events.due_times import due, may_be_due, useful_until
from events.models import ReminderException, ReminderRule, ReminderRun, Session
from events.models.reminder import DAYS_AFTER, DAYS_BEFORE, due_at
from events.nights import is_night
from events.together import Pair
from outbox.models import Delivery

log = logging.getLogger(__name__)

# Sessions locked in one transaction: whoever answers one of them meanwhile waits for it.
AT_ONCE = 20


def carry_out(*, now: datetime) -> int:
    """Owe the mails of every rule that is due; returns how many rules were carried out."""
    sessions = _near(now)
    rules = rules_of(sessions)
    near = [
        Pair(rule, session)
        for session in sessions
        for rule in rules[session.pk]
        if may_be_due(rule, session, within=together.WITHIN, now=now)
    ]
    ran = _carried_out({pair.session.pk for pair in near})
    open_pairs = [pair for pair in near if pair.ids_of_run not in ran and _has_its_people(pair.rule, pair.session)]
    pairs = [pair for pair in open_pairs if _is_due(pair, now)]
    soon = [pair for pair in open_pairs if pair not in pairs and _is_soon(pair, now)] if pairs else []
    return sum(_try(pairs[n : n + AT_ONCE], soon, now=now) for n in range(0, len(pairs), AT_ONCE))


def rules_of(sessions: Sequence[Session]) -> dict[int, list[ReminderRule]]:
    """The rules by session, each as it holds for it, in two queries."""
    if not sessions:
        return {}
    # Between the first and the last are all of these: a range costs less than a thousand numbers.
    starts = [session.starts_at for session in sessions]
    by_series: dict[int, list[ReminderRule]] = defaultdict(list)
    for rule in ReminderRule.objects.filter(series__in={session.series_id for session in sessions}):
        by_series[rule.series_id].append(rule)
    exceptions = {
        (exception.rule_id, exception.session_id): exception
        for exception in ReminderException.objects.filter(session__starts_at__range=(min(starts), max(starts)))
    }
    return {
        session.pk: [rule.as_for(exceptions.get((rule.pk, session.pk))) for rule in by_series[session.series_id]]
        for session in sessions
    }


def _carried_out(sessions: Iterable[int]) -> set[tuple[int, int]]:
    """Rule and session of what has been carried out for these sessions."""
    return set(ReminderRun.objects.filter(session__in=sessions).values_list("rule_id", "session_id"))


def _near(now: datetime) -> list[Session]:
    """Sessions a rule could be due for, with a day to spare for the zones and the worth of the last.

    With what tells the hour: what a mail says is read under the lock.
    """
    window = Q(starts_at__gt=now - timedelta(days=DAYS_AFTER + 3), starts_at__lt=now + timedelta(days=DAYS_BEFORE + 1))
    near = Session.objects.on().filter(window).order_by("starts_at", "pk")
    return list(near.only("code", "series_id", "starts_at", "timezone", "roster_closed_at"))


def to_come(session: Session, template: str, members: Collection[int], *, now: datetime) -> set[int]:
    """To which of these members that reminder will still be owed, as far as one can say now: three queries."""
    rules = [rule for rule in rules_of([session])[session.pk] if rule.template == template and rule.is_on]
    pairs = [Pair(rule, session) for rule in rules if now < useful_until(rule, session)]
    keys = {pair.key(member): member for pair in pairs for member in members}
    owed = Delivery.objects.filter(key__in=keys).values_list("key", flat=True)
    return set(keys.values()) - {keys[key] for key in owed}


def _has_its_people(rule: ReminderRule, session: Session) -> bool:
    """Who came is known only when the list at the door is closed."""
    return not rule.is_afterwards or session.roster_closed_at is not None


def _is_due(pair: Pair, now: datetime) -> bool:
    return any(due(pair.session, [pair.rule], now=now))


def _is_soon(pair: Pair, now: datetime) -> bool:
    """Whether it will be due within the hour, so that it may ride along; never at night, never past its use."""
    at = due_at(pair.rule, pair.session)
    return now < at <= now + together.WITHIN and _is_due(pair, at) and not _night_at(pair.session, now)


def _night_at(session: Session, now: datetime) -> bool:
    return is_night(now.astimezone(session.zone).time())


def _try(pairs: list[Pair], soon: list[Pair], *, now: datetime) -> int:
    """One rule that fails does not silence the others: what cannot be done together is done one by one."""
    try:
        return _carry_out(pairs, soon, now=now)
    except Exception:
        names = ", ".join(f"{pair.rule.pk} of session {pair.session.code}" for pair in pairs)
        log.exception("The reminders %s were not carried out", names)
        return sum(_try([pair], [], now=now) for pair in pairs) if len(pairs) > 1 else 0


@transaction.atomic
def _carry_out(pairs: list[Pair], soon: list[Pair], *, now: datetime) -> int:
    """Under the sessions' locks, and asked once more: one may have been moved or called off since the tick looked."""
    ids = {pair.session.pk for pair in (*pairs, *soon)}
    # The earliest first, as everybody does who locks several (events/editing.py).
    on = Session.objects.on().select_for_update().filter(pk__in=ids).order_by("starts_at", "pk")
    locked = {session.pk: session for session in on}
    ran = _carried_out(ids)

    def anew(some: list[Pair]) -> list[Pair]:
        fresh = [Pair(pair.rule, locked[pair.session.pk]) for pair in some if pair.session.pk in locked]
        return [pair for pair in fresh if pair.ids_of_run not in ran]

    now_due = [pair for pair in anew(pairs) if _is_due(pair, now)]
    ReminderRun.objects.bulk_create(ReminderRun(rule=pair.rule, session=pair.session, at=now) for pair in now_due)
    friend_mails.owe_evening(now_due)
    together.owe(now_due, [pair for pair in anew(soon) if _is_soon(pair, now)], now=now)
    return len(now_due)
