"""What the host does next about the money of a morning: note who paid."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Attendance, Session, TalkSpeaker
from events.next_steps import Step
from purse.models import Payment

# A host who keeps no list of who paid is asked for so long and no longer.
ASKED_FOR = timedelta(days=3)


def steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """For mornings whose list was closed of late: how many have not paid. Two queries for any number."""
    closed = [
        session
        for session in sessions
        if session.roster_closed_at and session.fee_amount and now < session.ends_at + ASKED_FOR
    ]
    if not closed:
        return
    guest = TalkSpeaker.objects.filter(talk__session=OuterRef("session"), speaker__member=OuterRef("member"))
    came = _by_session(Attendance.objects.came().filter(~Exists(guest), session__in=closed))
    paid = _by_session(Payment.objects.filter(session__in=closed).exclude(place__startswith="l"))
    for session in closed:
        left = came.get(session.pk, 0) - paid.get(session.pk, 0)
        if left > 0:
            what = ngettext("%(n)d person has not paid yet", "%(n)d people have not paid yet", left) % {"n": left}
            yield Step(
                session=session,
                urgency=1,
                what=what,
                why=_("The fee, or a share of the bill. If all the rest paid cash, it takes one tap."),
                url=reverse("fees", args=[session.code]),
                label=_("Who has paid"),
            )


def _by_session(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by().values_list("session").annotate(number=Count("pk")))
