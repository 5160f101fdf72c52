"""Sessions made ahead: what the series' rule yields, as rows, over a rolling horizon."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from events import recurrence
from events.models import Series, Session

log = logging.getLogger(__name__)


def make_ahead(series: Series, *, now: datetime) -> list[Session]:
    """Make the drafts that are missing up to the series' horizon, and give those it made back.

    A date that has a row is left alone, whatever became of it: moved, cancelled, edited.
    """
    if not series.rule:
        return []
    today, rule = now.astimezone(series.zone).date(), rule_of(series, now=now)
    coming = recurrence.occurrences(rule, series.starts_on, after=today - timedelta(days=1), limit=60)
    last = series.horizon(today)
    with transaction.atomic():
        # The lock makes two schedulers come one after the other; the second finds every row there.
        Series.objects.select_for_update(no_key=True).get(pk=series.pk)
        known = set(series.sessions.filter(recurrence_id__gte=series.starts_on).values_list("recurrence_id", flat=True))
        wanted = [one for one in coming if one.on <= last and one.recurrence_id not in known]
        return Session.objects.bulk_create([_draft(series, one, now=now) for one in wanted])


def rule_of(series: Series, *, now: datetime) -> recurrence.Rule:
    """The series' rule; one that begins later may also end later than two years from now."""
    today = now.astimezone(series.zone).date()
    return recurrence.parse(series.rule, tz=series.timezone, today=max(today, series.starts_on))


def make_anew(series: Series, *, now: datetime) -> list[Session]:
    """After the schedule was changed: drafts nobody touched give way to those of the new rule."""
    drafts = series.sessions.filter(published_at=None, edited_at=None, cancelled_at=None, recurrence_id__isnull=False)
    bare = Q(talks=None) & Q(rsvps=None) & Q(invitations=None) & Q(title="")
    drafts.filter(bare, starts_at__gt=now).delete()
    return make_ahead(series, now=now)


def make_all_ahead(*, now: datetime) -> None:
    """Every series: run once an hour."""
    for series in Series.objects.exclude(rule="").select_related("venue"):
        try:
            make_ahead(series, now=now)
        except Exception:
            log.exception("No sessions were made ahead for %s", series.slug)


def _draft(series: Series, occurrence: recurrence.Occurrence, *, now: datetime) -> Session:
    """A session with the series' values."""
    session = Session(
        series=series,
        recurrence_id=occurrence.recurrence_id,
        starts_at=recurrence.localise(occurrence.on, series.at, series.timezone),
        timezone=series.timezone,
        duration_minutes=series.duration_minutes,
        doors_minutes=series.doors_minutes,
        capacity=series.capacity,
        seats_for_new=series.seats_for_new,
        spare_covers=series.spare_covers,
        fee_amount=series.fee_amount,
        fee_currency=series.fee_currency,
        venue=series.venue,
        programme=series.programme,
        language=series.language,
        created_at=now,
        changed_at=now,
    )
    session.take_terms(series.terms)
    session.complete()
    return session
