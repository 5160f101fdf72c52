"""What the reminders say, asked at the last moment: who has left, moved away or was told already is not written to."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from events import dates, programme, reminders
from events.fees import fee
from events.links import answer_link, leave_link, meeting_link, session_link
from events.models import ReminderRule, Session
from members.models import Member
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery


def register_kinds() -> None:
    """One kind a template, so that a host's letter box and the gallery can tell them apart."""
    for template in ReminderRule.Template.values:
        register(Kind(f"reminder.{template}", letter=letter))


def letter(delivery: Delivery) -> Letter:
    """Read everything anew. Raises `Unwanted` when the session is off or moved, or the member no longer concerned."""
    ids = delivery.context
    session = Session.objects.on().select_related("series", "venue").filter(pk=ids["session"]).first()
    if session is None:
        raise Unwanted("cancelled")
    if session.local_start.date().isoformat() != ids["day"]:
        raise Unwanted("moved")
    rule = ReminderRule.objects.filter(pk=ids["rule"]).first()
    member = Member.objects.filter(pk=ids["member"], is_active=True).first()
    if rule is None or member is None or not reminders.still_concerns(member, rule, session):
        raise Unwanted("no longer concerned")
    _not_at_night(session, now=timezone.now())
    return Letter(
        context=_context(session, member, delivery.language),
        sender_name=session.series.display_name,
        unsubscribe_url=leave_link(member, session),
        version=str(session.sequence),
    )


def _not_at_night(session: Session, *, now: datetime) -> None:
    """A reminder that was held up waits for the morning. Raises `NotNow`."""
    local = now.astimezone(session.zone)
    if reminders.is_night(local.time()):
        day = local.date() + timedelta(days=local.time() >= reminders.QUIET_FROM)
        raise NotNow(datetime.combine(day, reminders.QUIET_UNTIL, tzinfo=session.zone))


def _context(session: Session, member: Member, language: str) -> dict[str, Any]:
    day = dates.day(session.local_start.date(), language, year=False)
    clock = dates.clock(session.local_start)
    talks = programme.programmes([session]).get(session.pk, programme.NOTHING)
    return {
        "member": member,
        "session": session,
        "start": session.local_start,
        "day": day,
        "clock": clock,
        "title": programme.title(session, talks),
        "guests": talks.who,
        "facts": _facts(session, f"{day} {clock}"),
        "answer_url": answer_link(member, session),
        "meeting_url": meeting_link(session),
        "session_url": session_link(session),
    }


def _facts(session: Session, when: str) -> list[tuple[str, str]]:
    venue = session.venue
    doors = dates.clock(session.doors_at)
    return [
        (_("When"), _("%(when)s, doors open %(doors)s") % {"when": when, "doors": doors}),
        (_("Where"), " ".join(part for part in (venue.name, venue.address) if part) if venue else ""),
        (_("Way in"), " ".join(part for part in (venue.directions, venue.entrance) if part) if venue else ""),
        (
            _("Bring"),
            _("%(fee)s in cash") % {"fee": fee(session.fee_amount, session.fee_currency)} if session.fee_amount else "",
        ),
    ]
