"""Those who came for the first time: the visit that counts is the second, so the host writes while it is fresh."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import programme
from events.models import Attendance, HostMessage, Membership, Segment, Session
from events.next_steps import Step

# After that a word of thanks comes late, and the desk no longer asks for it.
WRITE_WITHIN = timedelta(days=3)


def steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """How many members came for the first time to mornings whose list is closed, as long as nobody wrote to them.

    One query for any number of sessions.
    """
    closed = {
        session.pk: session
        for session in sessions
        if session.roster_closed_at and not session.is_cancelled and now < session.ends_at + WRITE_WITHIN
    }
    if not closed:
        return
    written = HostMessage.objects.filter(session=OuterRef("session"), segment=Segment.FIRST)
    hosts = Membership.objects.hosts().filter(series=OuterRef("session__series"), member=OuterRef("member"))
    new = Attendance.objects.came().filter(session__in=closed, first_time=True, member__is_active=True)
    counted = new.filter(~Exists(written), ~Exists(hosts)).order_by().values_list("session").annotate(n=Count("pk"))
    for pk, number in counted:
        session = closed[pk]
        what = ngettext("%(n)d person came for the first time", "%(n)d people came for the first time", number)
        yield Step(
            session=session,
            urgency=2,
            what=what % {"n": number},
            why=_("The text is ready. People who are thanked by name come a second time."),
            url=f"{reverse('session_messages', args=[session.code])}?to={Segment.FIRST}",
            label=_("Write to them"),
        )


def begun(session: Session) -> dict[str, str]:
    """A message to them, to begin with, in the active language."""
    title = programme.title(session, programme.of(session))
    return {
        "segment": Segment.FIRST,
        "subject": _("Thank you for coming"),
        "text": _(
            "Thank you for coming to “%(title)s” for the first time.\n\nHow was it? A line in reply is enough, also if "
            "something was not as you had hoped. I would be glad to see you next time, too, and to introduce you to "
            "somebody whose trade you are curious about."
        )
        % {"title": title},
    }
