"""When answers are taken and what leaving late costs: what a host chooses for a whole series."""

from datetime import datetime

from django.db import transaction

from events.models import Series, Session
from events.models.window import Terms
from members.models import Activity, Member


@transaction.atomic
def choose(series: Series, terms: Terms, *, now: datetime, actor: Member) -> None:
    """These are the rules from now on, for every morning to come that has none of its own.

    The series' row comes before its sessions', the earliest first, like everywhere.
    """
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    series.terms = terms
    names = [f"{name}_{part}" for name in ("opens", "closes", "headcount") for part in ("days", "time")]
    series.save(update_fields=[*names, "late_amount"])
    Activity.record(actor, "series.answers", f"series:{series.slug}", now=now, late=terms.late)
    ahead = series.sessions.filter(starts_at__gt=now, cancelled_at=None, window_set_at=None)
    for session in ahead.order_by("starts_at", "pk"):
        session.set_terms(terms, own=False, now=now)


@transaction.atomic
def choose_for(session: Session, terms: Terms | None, *, now: datetime, actor: Member) -> None:
    """Rules for this morning alone, or with None those of its series again."""
    session.set_terms(terms or session.series.terms, own=terms is not None, now=now)
    Activity.record(actor, "session.answers", f"session:{session.code}", now=now, own=terms is not None)
