"""The two questions afterwards: have you been in touch, and a year later: did anything come of it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from events import nights
from events.along import Passage, Section
from events.models import Session
from introductions import consent, followup_links, reasons
from introductions.followups import FollowUp, asked_along
from introductions.models import Introduction
from members.links import absolute
from members.models import Member
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic


def register_kinds() -> None:
    """Both wait behind what somebody asked for."""
    register(Kind("intro.followup", letter=followup, topic=Topic.FOLLOWUP))
    register(Kind("intro.later", letter=later, topic=Topic.FOLLOWUP))


def followup(delivery: Delivery) -> Letter:
    """Have you been in touch?"""
    row = _found(delivery)
    if row.in_touch:
        raise Unwanted("answered")
    return _letter(row, now=timezone.now())


def later(delivery: Delivery) -> Letter:
    """Did anything come of it?"""
    row = _found(delivery)
    if row.story:
        raise Unwanted("answered")
    return _letter(row, now=timezone.now())


def section(session: Session, members: Collection[Member]) -> Mapping[int, Section]:
    """The first question, in the thanks of a later morning. One query."""
    asked: dict[int, list[Passage]] = defaultdict(list)
    now = timezone.now()
    for row in asked_along(session, members):
        other, url = reasons.called(row.other), followup_links.link(row, now=now)
        asked[row.member_id].append(
            Passage(other, lines=[_("Have you been in touch?")], url=url, label=_("Answer here"))
        )
    foot = _("Two taps each are enough. What you say stays hidden from whom it is about.")
    return {pk: Section(_("After the introduction"), passages, foot) for pk, passages in asked.items()}


def _letter(row: FollowUp, *, now: datetime) -> Letter:
    session = row.introduction.round.session
    goes_at = nights.by_day(now, session.zone)
    if goes_at > now:
        raise NotNow(goes_at)
    context: dict[str, Any] = {
        "name": reasons.called(row.member),
        "other": reasons.called(row.other),
        "answer_url": followup_links.link(row, now=now),
        "page_url": absolute("introductions"),
    }
    return Letter(context, sender_name=session.series.display_name)


def _found(delivery: Delivery) -> FollowUp:
    """Read anew: a block, a closed account, or something told to the hosts since then ends it."""
    ids = delivery.context
    rows = FollowUp.objects.filter(introduction__in=Introduction.objects.not_apart().in_order())
    rows = rows.select_related(
        "member", "introduction__first", "introduction__second", "introduction__round__session__series"
    )
    row = rows.filter(introduction=ids["introduction"], member=ids["member"]).first()
    if row is None:
        raise Unwanted("apart")
    if not consent.in_force().filter(member=row.member).exists():
        raise Unwanted("consent withdrawn")
    return row
