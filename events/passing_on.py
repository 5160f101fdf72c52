"""How free seats are passed on near the start: what the clock does, and what a host chooses for a whole series."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from events.models import Rsvp, Series, Session
from events.models.near_start import KEPT_UNTIL, NEAR
from members.models import Activity, Member

# By which clocks that change may shift the days before a start.
AN_HOUR = timedelta(hours=1)
log = logging.getLogger(__name__)


def carry_on(*, now: datetime) -> None:
    """Every minute: what was kept too long goes to the next, seats kept for newcomers to the queue.

    One session that fails holds up no other.
    """
    late = Rsvp.objects.lapsed(now).values("session")
    kept = Session.objects.on().filter(kept_seats_freed_at=None, seats_for_new__gt=0, last_queue_no__gt=0)
    soon = kept.filter(starts_at__gt=now, starts_at__lte=now + KEPT_UNTIL + AN_HOUR).values("pk")
    for session in Session.objects.filter(Q(pk__in=late) | Q(pk__in=soon)).order_by("pk"):
        try:
            session.pass_on(now=now)
        except Exception:
            log.exception("Free seats of %s were not passed on", session.code)


@transaction.atomic
def choose(
    series: Series,
    near_start: str,
    seats_for_new: int,
    standing_passes_on: bool = False,
    *,
    now: datetime,
    actor: Member,
) -> None:
    """How the seats of a series are passed on from now on; what is free goes the new way at once.

    The series' row comes before its sessions', like everywhere. Sessions that do it differently are left alone; the
    seats for newcomers are those of all mornings to come, where the number changed.
    """
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    kept_before, series.near_start, series.seats_for_new = series.seats_for_new, near_start, seats_for_new
    series.standing_passes_on = standing_passes_on
    series.save(update_fields=["near_start", "seats_for_new", "standing_passes_on"])
    Activity.record(actor, "series.seats", f"series:{series.slug}", now=now, way=near_start, for_new=seats_for_new)
    for session in series.sessions.filter(starts_at__gt=now, cancelled_at=None).order_by("starts_at", "pk"):
        if kept_before != seats_for_new:
            session.keep_for_newcomers(seats_for_new, now=now)
        if not session.near_start and session.starts_at <= now + NEAR:
            session.pass_on(now=now, freed=True)
