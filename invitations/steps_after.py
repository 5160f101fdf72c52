"""What the host's desk says once a morning is over: write the report, show it, put it right, publish it, say thanks."""

from __future__ import annotations

from collections import defaultdict
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
# The desk asks for a report so long, and for the latest morning of a series alone.
WRITE_WITHIN = timedelta(days=14)
# A guest who was shown the report and has said nothing for so long is telephoned.
TELEPHONE_AFTER = timedelta(days=5)
SOON, LATER, WRITE = 1, 2, 3


def steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """For all sessions of the desk in two queries."""
    over = {session.pk: session for session in sessions if session.published_at and not session.is_cancelled}
    over = {pk: session for pk, session in over.items() if session.is_over(now)}
    guests: dict[int, list[Invitation]] = defaultdict(list)
    for one in Invitation.objects.accepted().filter(session__in=over).select_related("speaker").order_by("pk"):
        guests[one.session_id].append(one)
    reports = {report.session_id: report for report in Report.objects.filter(session__in=over)}
    latest = {session.series_id: pk for pk, session in sorted(over.items(), key=lambda one: one[1].starts_at)}
    for pk, session in over.items():
        report = reports.get(pk)
        if report is not None:
            yield from _of_report(session, guests[pk], report, now=now)
        elif latest[session.series_id] == pk and session.roster_closed_at and now - session.ends_at < WRITE_WITHIN:
            why = _("A first draft is ready.")
            url = reverse("report", args=[session.code])
            yield Step(session, WRITE, _("The report is not written"), why, url, _("Look at the draft"))
        for one in guests[pk]:
            yield from _thanks(session, one, now=now)


def _thanks(session: Session, one: Invitation, *, now: datetime) -> Iterable[Step]:
    one.session = session
    if one.may_thank(now):
        late = now - session.ends_at > THANK_WITHIN
        why = _("The text is ready; what people took home goes with it.")
        what, label = _("Thank %(name)s") % _named(one), _("Read and send")
        yield Step(session, SOON if late else LATER, what, why, f"{one.get_absolute_url()}#after", label)


def _of_report(session: Session, guests: list[Invitation], report: Report, *, now: datetime) -> Iterable[Step]:
    """A draft the guest has not been shown, a remark that waits for the host, one that is ready to be published."""
    url = reverse("report", args=[session.code])
    if report.is_approved or not guests:
        if not report.is_published:
            what = _("The guest finds the report right") if report.is_approved else _("The report is a draft")
            why = _("Published, everybody who may see this morning can read it.")
            yield Step(session, SOON if report.is_approved else WRITE, what, why, url, _("Publish it"))
    elif report.remark and report.shown_at:
        who = next((one for one in guests if one.report_remark and not one.finds_right(report)), guests[0])
        what = _("%(name)s would like something put right in the report") % _named(who)
        yield Step(session, SOON, what, report.remark[:120], url, _("Put it right"))
    elif report.shown_at is None and not report.is_published:
        name, why = _named(guests[0]), _("It was promised that the guest sees it before it is published.")
        what, there = _("Show the report to %(name)s") % name, f"{guests[0].get_absolute_url()}#after"
        yield Step(session, LATER, what, why, there, _("Look and show"))
    elif not report.is_published and report.shown_at and now - report.shown_at > TELEPHONE_AFTER:
        who = next((one for one in guests if not one.finds_right(report)), guests[0])
        what = _("%(name)s has not answered about the report") % _named(who)
        yield Step(session, LATER, what, _("Telephone; the answer is written down in one tap."), url, _("Look at it"))


def _named(one: Invitation) -> dict[str, str]:
    return {"name": f"{one.speaker.display_name}{one.speaker.san}"}
