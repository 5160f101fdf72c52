"""Sessions made ahead: what the series' rule yields, as rows, over a rolling horizon."""

from datetime import datetime, timedelta

from django.db import transaction

from events import recurrence
from events.models import Series, Session


def make_ahead(series: Series, *, now: datetime) -> list[Session]:
    """Make the drafts that are missing up to the series' horizon, and give those it made back.

    A date that has a row is left alone, whatever became of it: moved, cancelled, edited.
    """
    if not series.rule:
        return []
    today = now.astimezone(series.zone).date()
    rule = recurrence.parse(series.rule, tz=series.timezone, today=max(today, series.starts_on))
    coming = recurrence.occurrences(rule, series.starts_on, after=today - timedelta(days=1), limit=60)
    last = series.horizon(today)
    with transaction.atomic():
        # The lock makes two schedulers come one after the other; the second finds every row there.
        Series.objects.select_for_update().get(pk=series.pk)
        known = set(series.sessions.filter(recurrence_id__gte=series.starts_on).values_list("recurrence_id", flat=True))
        wanted = [one for one in coming if one.on <= last and one.recurrence_id not in known]
        return Session.objects.bulk_create([_draft(series, one, now=now) for one in wanted])


def make_all_ahead(*, now: datetime) -> None:
    """Every series: run once an hour."""
    for series in Series.objects.exclude(rule="").select_related("venue"):
        make_ahead(series, now=now)


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
        fee_amount=series.fee_amount,
        fee_currency=series.fee_currency,
        venue=series.venue,
        language=series.language,
        created_at=now,
        changed_at=now,
    )
    session.complete()
    return session
