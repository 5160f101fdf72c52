"""The mail that asks somebody without an account for a yes. Only here it shows whether we know the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from events import dates, mails
from events.links import visit_link
from events.models import Rsvp, Visit
from members.models import Member
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic


def register_kinds() -> None:
    """One kind: the same asking, in other words to a member."""
    register(Kind("rsvp.visitor", letter=letter, topic=Topic.ACCOUNT))


def letter(delivery: Delivery) -> Letter:
    """The seat kept, the link and the code. Raises `Unwanted` once it was answered, and when nothing is on."""
    visits = Visit.objects.select_related("session__series", "session__venue")
    visit = visits.filter(pk=delivery.context["visit"]).first()
    if visit is None or visit.confirmed_at is not None:
        raise Unwanted("confirmed already")
    session, now = visit.session, timezone.now()
    if session.is_cancelled or session.is_draft or now >= session.starts_at:
        raise Unwanted("not on")
    member = Member.objects.filter(email=visit.email).first()
    if member is not None and not member.is_active:
        raise Unwanted("gone")
    context = {
        **mails.told(session, way_in=False),
        "name": visit.name,
        "account": member.display_name if member and member.joined_at else "",
        "standing": _standing(visit, member, now=now),
        "code": delivery.context["code"],
        "confirm_url": visit_link(visit),
    }
    return Letter(context, sender_name=session.series.display_name, version=str(session.sequence))


def _standing(visit: Visit, member: Member | None, *, now: datetime) -> str:
    """Whether a seat is kept, until when, or what comes of a yes."""
    answer = Rsvp.objects.filter(session=visit.session, member=member).first() if member else None
    if answer and answer.is_seated:
        return _("You have a seat for this morning already; there is nothing left to do.")
    if visit.held_until is None or visit.held_until <= now:
        return _("When you confirm, you get a seat if one is free, else the next place on the waiting list.")
    until: dict[str, Any] = {"when": dates.clock(visit.held_until.astimezone(visit.session.zone))}
    return _("A seat is kept for you until %(when)s.") % until
