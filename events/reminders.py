"""When the series speaks up by itself. Due times are wall-clock times in the session's zone, worked out at every tick.

A rule is carried out once per session: its mails and the note that it ran (`ReminderRun`) are one transaction, so that
two schedulers at once, or one that died in between, change nothing. A moved session forgets its runs; the mail's key
holds the date, so that only another date speaks again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from events.models import Attendance, Membership, Partstat, ReminderRule, ReminderRun, Rsvp, Session
from events.models.reminder import due_at
from members.models import Member, MemberQuerySet
from outbox.models import Delivery, Lane

log = logging.getLogger(__name__)

Template = ReminderRule.Template
# No mail by itself between these hours of the session's own clock.
QUIET_FROM, QUIET_UNTIL = time(21, 0), time(7, 0)
# How long after its due time a reminder is still worth sending, when the scheduler stood still.
WORTH = {
    Template.INVITE: timedelta(days=2),
    Template.STILL_COMING: timedelta(days=1),
    Template.TOMORROW: timedelta(hours=3),
    Template.THANKS: timedelta(days=2),
}


def due(session: Session, rules: Iterable[ReminderRule], *, now: datetime) -> Iterator[ReminderRule]:
    """The rules of this session that are due now: their time has come, is not long past, and it is not night.

    Pure. `rules` are those of the series and of the session; a session's own replaces the series' of that template.
    """
    if is_night(now.astimezone(session.zone).time()):
        return
    for rule in in_force(rules):
        if due_at(rule, session) <= now < useful_until(rule, session):
            yield rule


def is_night(local: time) -> bool:
    """Whether nothing is sent unasked at this hour."""
    return local >= QUIET_FROM or local < QUIET_UNTIL


def in_force(rules: Iterable[ReminderRule]) -> list[ReminderRule]:
    """One rule per template, the session's own before the series'; those switched off are left out."""
    chosen: dict[str, ReminderRule] = {}
    for rule in sorted(rules, key=lambda rule: rule.session_id is not None):
        chosen[rule.template] = rule
    return [rule for rule in chosen.values() if rule.is_on]


def useful_until(rule: ReminderRule, session: Session) -> datetime:
    """From here on the reminder says nothing useful any more; one before the session never comes after its start."""
    end = due_at(rule, session) + WORTH[Template(rule.template)]
    return end if rule.template == Template.THANKS else min(end, session.starts_at)


def carry_out(*, now: datetime) -> int:
    """Owe the mails of every rule that is due; returns how many rules were carried out."""
    sessions = _near(now)
    rules = _rules_of(sessions)
    ran = set(ReminderRun.objects.filter(session__in=sessions).values_list("rule_id", "session_id"))
    carried_out = 0
    for session in sessions:
        for rule in due(session, rules[session.pk], now=now):
            if (rule.pk, session.pk) not in ran:
                carried_out += _try(rule, session, now=now)
    return carried_out


def audience(rule: ReminderRule, session: Session) -> MemberQuerySet:
    """The people a rule speaks to, as they stand at this moment."""
    people = Member.objects.get_queryset().filter(is_active=True)
    mine = Rsvp.objects.filter(session=session, member=OuterRef("pk"))
    if rule.audience == ReminderRule.Audience.COMING:
        return people.filter(Exists(mine.seated()))
    if rule.audience == ReminderRule.Audience.CAME:
        return people.filter(Exists(Attendance.objects.came().filter(session=session, member=OuterRef("pk"))))
    belongs = Membership.objects.active().filter(series=session.series_id, member=OuterRef("pk"))
    return people.filter(Exists(belongs)).exclude(Exists(mine.exclude(partstat=Partstat.NEEDS_ACTION)))


def still_concerns(member: Member, rule: ReminderRule, session: Session) -> bool:
    """Whether the member is still among those the rule speaks to: asked when the mail is claimed."""
    return audience(rule, session).filter(pk=member.pk).exists()


def _near(now: datetime) -> list[Session]:
    """Sessions a rule could be due for: at most 31 days ahead, at most four days ago."""
    window = Q(starts_at__gt=now - timedelta(days=4), starts_at__lt=now + timedelta(days=32))
    return list(Session.objects.on().filter(window))


def _rules_of(sessions: list[Session]) -> dict[int, list[ReminderRule]]:
    """Rules by session: one query."""
    series = {session.series_id for session in sessions}
    known = ReminderRule.objects.filter(series__in=series).filter(Q(session=None) | Q(session__in=sessions))
    rules: dict[int, list[ReminderRule]] = defaultdict(list)
    for rule in known:
        for session in sessions:
            if session.series_id == rule.series_id and rule.session_id in {None, session.pk}:
                rules[session.pk].append(rule)
    return rules


def _try(rule: ReminderRule, session: Session, *, now: datetime) -> bool:
    """One rule that fails does not silence the others."""
    try:
        return _carry_out(rule, session.pk, now=now)
    except Exception:
        log.exception("The reminder %s of session %s was not carried out", rule.pk, session.code)
        return False


@transaction.atomic
def _carry_out(rule: ReminderRule, session_id: int, *, now: datetime) -> bool:
    """Under the session's lock, and asked once more: it may have been moved or called off since the tick looked."""
    session = Session.objects.on().select_for_update().filter(pk=session_id).first()
    if session is None or not any(due(session, [rule], now=now)):
        return False
    if rule.audience == ReminderRule.Audience.CAME and session.roster_closed_at is None:
        return False
    _run, first = ReminderRun.objects.get_or_create(rule=rule, session=session, defaults={"at": now})
    if not first:
        return False
    day = session.local_start.date().isoformat()
    Delivery.objects.owe_many(
        [
            Delivery(
                kind=f"reminder.{rule.template}",
                key=f"reminder:{rule.pk}:{session.pk}:{member.pk}:{day}",
                to=member.email,
                language=member.language,
                context={"rule": rule.pk, "session": session.pk, "member": member.pk, "day": day},
                lane=Lane.BULK,
                useful_until=useful_until(rule, session),
            )
            for member in audience(rule, session)
        ]
    )
    return True
