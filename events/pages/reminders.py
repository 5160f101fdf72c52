"""The reminders as a host sets them: each with when it goes for one morning, to how many, and how it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import ModelForm
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import dates, due_times, programme, reminder_mails, segments
from events.models import ReminderRule, ReminderRun, Segment, Session
from events.models.reminder import due_at
from events.models.session import SessionQuerySet
from members.models import Member
from outbox import rendering
from outbox.kinds import Letter
from outbox.models import Delivery


@dataclass(frozen=True)
class Row:
    """One rule: the form that changes it, what it is, and what it will do for the morning that is looked at."""

    form: ModelForm[Any]
    what: str
    whom: str
    fate: str = ""
    has_gone: bool = False
    mail: dict[str, Any] | None = None


def rows(
    forms: Sequence[tuple[ReminderRule, ModelForm[Any]]],
    session: Session | None,
    *,
    now: datetime,
    reader: Member | None = None,
) -> list[Row]:
    """A row a rule, each as it holds for this session. With a `reader` each shows how its mail would read to them."""
    sizes = segments.sizes(session, {rule.audience for rule, _form in forms}) if session else {}
    ran = dict(ReminderRun.objects.filter(session=session).values_list("rule_id", "at")) if session else {}
    return [
        Row(
            form=form,
            what=str(ReminderRule.Template(rule.template).label),
            whom=str(Segment(rule.audience).label),
            fate=_fate(rule, session, ran.get(rule.pk), sizes[rule.audience], now=now) if session else "",
            has_gone=rule.pk in ran,
            mail=mail(rule, session, reader) if session and reader else None,
        )
        for rule, form in forms
    ]


def _fate(rule: ReminderRule, session: Session, ran_at: datetime | None, people: int, *, now: datetime) -> str:
    """What becomes of it for this morning, in one sentence."""
    if ran_at is not None:
        return _("Handed to the outgoing mail on %(when)s.") % {"when": _instant(ran_at, session)}
    if not rule.is_on:
        return _("Does not go for this morning.")
    if due_times.is_useless(rule, session):
        return _("Does not go: at that hour it has begun already.")
    if now >= due_times.useful_until(rule, session):
        return _("Does not go any more: its time is past.")
    when = _instant(max(due_at(rule, session), now), session)
    if rule.is_afterwards and session.roster_closed_at is None:
        return _("Goes on %(when)s, once the list of who came is closed.") % {"when": when}
    return ngettext(
        "Goes on %(when)s, to %(n)d person as things stand.",
        "Goes on %(when)s, to %(n)d people as things stand.",
        people,
    ) % {"when": when, "n": people}


def _instant(when: datetime, session: Session) -> str:
    return dates.instant(when.astimezone(session.zone))


def mail(rule: ReminderRule, session: Session, reader: Member) -> dict[str, Any]:
    """The mail of this rule as the reader would get it: subject and text. Nothing is owed."""
    delivery = Delivery(kind=f"reminder.{rule.template}", language=reader.language)
    letter = Letter(reminder_mails.shown(rule, session, reader), sender_name=session.series.display_name)
    return rendering.render(delivery, letter)


def next_of(sessions: SessionQuerySet, *, now: datetime) -> Session | None:
    """The morning that is looked at: the next one that is on, else the next draft."""
    coming = sessions.upcoming(now).filter(cancelled_at=None, starts_at__gt=now).select_related("series", "venue")
    return coming.exclude(published_at=None).first() or coming.first()


def name(session: Session) -> str:
    """12月10日(木) 7:00 値札のない朝."""
    title = programme.title(session, programme.of(session))
    return f"{dates.instant(session.local_start)} {title}"
