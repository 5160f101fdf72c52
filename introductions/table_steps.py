"""What the host does next about tables: from the evening before on."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import this_morning
from events.models import Session
from events.next_steps import Step
from introductions.table_seats import TableSeat
from introductions.tables.costs import AT_MOST


def steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """Tables to be planned, and people who came later than the plan; for one table nobody needs one. One query."""
    near = [session for session in sessions if this_morning.is_on(session, now=now) and now < session.starts_at]
    held = TableSeat.objects.held().filter(session__in=near).order_by().values_list("session").annotate(n=Count("pk"))
    seats = dict(held) if near else {}
    for session in near:
        # Who comes with the guest sits with the guest.
        people, seated = session.seats_taken - session.guest_seats, seats.get(session.pk, 0)
        if people <= AT_MOST or seated >= people:
            continue
        if seated:
            what = ngettext("%(n)d person has no table yet", "%(n)d people have no table yet", people - seated)
            yield _step(session, what % {"n": people - seated}, _("Planning again keeps most where they are."))
        else:
            what = ngettext("A table for %(n)d person", "Tables for %(n)d people", people)
            yield _step(session, what % {"n": people}, _("Different trades, people who have not met; one tap."))


def _step(session: Session, what: str, why: str) -> Step:
    url = reverse("tables", args=[session.code])
    return Step(session=session, urgency=1, what=what, why=why, url=url, label=_("Plan the tables"))
