"""What the host does next about introductions."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import dates
from events.models import Session
from events.next_steps import Step
from introductions.models import LAPSES_AFTER, Round

# The desk speaks of what lapsed for so long.
TOLD_FOR = timedelta(days=7)


def steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """Proposals that wait for a tap, and those that waited too long. One query."""
    of = {session.pk: session for session in sessions}
    kept = Count("introductions", filter=Q(introductions__dropped_at=None))
    rounds = Round.objects.filter(session__in=of).filter(
        Q(pk__in=Round.objects.waiting()) | Q(lapsed_at__gt=now - TOLD_FOR)
    )
    found = rounds.annotate(kept=kept).order_by("pk").values_list("session", "computed_at", "lapsed_at", "kept")
    for session_id, computed_at, lapsed_at, pairs in found:
        session = of[session_id]
        if lapsed_at:
            yield _step(session, 5, _("Proposals were not sent in time"), _("They lapsed; nobody was asked."))
        elif pairs:
            until = (computed_at + LAPSES_AFTER).astimezone(session.zone).date()
            what = ngettext("%(n)d introduction waits for you", "%(n)d introductions wait for you", pairs)
            why = _("Look at them and send them; after %(day)s they lapse.")
            yield _step(session, 1, what % {"n": pairs}, why % {"day": dates.day(until, dates.language(), year=False)})


def _step(session: Session, urgency: int, what: str, why: str) -> Step:
    url = reverse("session_introductions", args=[session.code])
    return Step(session=session, urgency=urgency, what=what, why=why, url=url, label=_("Look at the introductions"))
