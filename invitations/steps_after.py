"""What the host's desk says about guests once the morning is over: show the report, put it right, say thank you."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from events.models import Session
from events.next_steps import Step
from invitations.models import Invitation
from records.models import Report

# A thank-you should not arrive later than this; then it presses.
THANK_WITHIN = timedelta(days=3)
SOON, LATER = 1, 2


def steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """For all sessions of the desk in two queries."""
    over = {session.pk: session for session in sessions if not session.is_cancelled and session.is_over(now)}
    guests = Invitation.objects.accepted().filter(session__in=over).select_related("speaker").order_by("pk")
    reports = {report.session_id: report for report in Report.objects.filter(session__in=over)}
    for one in guests:
        session, report = over[one.session_id], reports.get(one.session_id)
        name = {"name": f"{one.speaker.display_name}{one.speaker.san}"}
        if report:
            yield from _of_report(session, one, report, name)
        one.session = session
        if one.may_thank(now):
            late = now - session.ends_at > THANK_WITHIN
            why = _("The words lie ready; what people took home goes with them.")
            what, label = _("Thank %(name)s") % name, _("Read and send")
            yield Step(session, SOON if late else LATER, what, why, f"{one.get_absolute_url()}#after", label)


def _of_report(session: Session, one: Invitation, report: Report, name: dict[str, str]) -> Iterable[Step]:
    """A draft the guest has not been shown, or a remark that waits for the host."""
    if report.is_approved:
        return
    if report.remark and report.shown_at:
        what, url = (
            _("%(name)s would like something put right in the report") % name,
            reverse("report", args=[session.code]),
        )
        yield Step(session, SOON, what, report.remark[:120], url, _("Put it right"))
    elif not report.is_published and report.shown_at is None:
        why = _("It was promised that the guest sees it before it is published.")
        what, label = _("Show the report to %(name)s") % name, _("Look and show")
        yield Step(session, LATER, what, why, f"{one.get_absolute_url()}#after", label)
