"""When a reminder goes: pure functions of a rule, a session and the clock."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from events.models import ReminderRule, Session
from events.models.reminder import due_at
from events.nights import is_night

Template = ReminderRule.Template
# How long after its due time a reminder is still worth sending, when the scheduler stood still.
WORTH: dict[str, timedelta] = {
    Template.INVITE: timedelta(days=2),
    Template.STILL_COMING: timedelta(days=1),
    Template.TOMORROW: timedelta(hours=3),
    Template.THANKS: timedelta(days=2),
    Template.WORDS: timedelta(days=1),
}


# No reminder falls due further than this from so many times 24 hours before the start, whatever hour and zone.
ANY_HOUR = timedelta(days=1, hours=2)


def may_be_due(rule: ReminderRule, session: Session, *, within: timedelta, now: datetime) -> bool:
    """Whether it is worth working out the hour: false for nearly all of a thousand sessions, and costs next to nothing.

    True wherever `due` could say so at an instant from `now` until `within` later.
    """
    around = session.starts_at - timedelta(days=rule.days_before)
    return around - ANY_HOUR - within <= now < around + ANY_HOUR + WORTH[rule.template]


def due(session: Session, rules: Iterable[ReminderRule], *, now: datetime) -> Iterator[ReminderRule]:
    """The rules of this session that are due now: on, their time has come, is not long past, and it is not night.

    Pure. `rules` are those that hold for this session (`ReminderRule.as_for`).
    """
    if is_night(now.astimezone(session.zone).time()):
        return
    for rule in rules:
        if rule.is_on and (at := due_at(rule, session)) <= now < _end(rule, session, at):
            yield rule


def useful_until(rule: ReminderRule, session: Session) -> datetime:
    """From here on the reminder says nothing useful any more; one before the session never comes after its start."""
    return _end(rule, session, due_at(rule, session))


def is_useless(rule: ReminderRule, session: Session) -> bool:
    """Whether it can never go: its hour comes only after the session has begun."""
    return due_at(rule, session) >= useful_until(rule, session)


def _end(rule: ReminderRule, session: Session, at: datetime) -> datetime:
    end = at + WORTH[rule.template]
    return end if rule.is_afterwards else min(end, session.starts_at)
