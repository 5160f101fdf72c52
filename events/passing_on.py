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
# No evening before is further from its morning.
SPARES_WITHIN = timedelta(days=1, hours=7)
log = logging.getLogger(__name__)


def carry_on(*, now: datetime) -> None:
    """Every minute: what was kept too long goes to the next, seats kept for newcomers and spare covers to the queue.

    One session that fails holds up no other.
    """
    late = Rsvp.objects.lapsed(now).values("session")
    asked_for = Session.objects.on().filter(starts_at__gt=now, last_queue_no__gt=0)
    kept = asked_for.filter(kept_seats_freed_at=None, seats_for_new__gt=0, starts_at__lte=now + KEPT_UNTIL + AN_HOUR)
    spare = asked_for.filter(spares_freed_at=None, spare_covers__gt=0)
    spare = spare.filter(Q(headcount_at__lte=now) | Q(headcount_at=None, starts_at__lte=now + SPARES_WITHIN))
    due = Q(pk__in=late) | Q(pk__in=kept.values("pk")) | Q(pk__in=spare.values("pk"))
    for session in Session.objects.filter(due).order_by("pk"):
        try:
            session.pass_on(now=now)
        except Exception:
            log.exception("Free seats of %s were not passed on", session.code)


@transaction.atomic
def choose(
    series: Series,
    near_start: str,
    seats_for_new: int,
    spare_covers: int,
    standing_passes_on: bool = False,
    *,
    now: datetime,
    actor: Member,
) -> None:
    """How the seats of a series are passed on from now on; what is free goes the new way at once.

    The series' row comes before its sessions', like everywhere. Sessions that do it differently are left alone; the
    seats for newcomers and the spare covers are those of all mornings to come, where the number changed.
    """
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    kept_before, spare_before = series.seats_for_new, series.spare_covers
    series.near_start, series.seats_for_new, series.spare_covers = near_start, seats_for_new, spare_covers
    series.standing_passes_on = standing_passes_on
    series.save(update_fields=["near_start", "seats_for_new", "spare_covers", "standing_passes_on"])
    chosen = {"way": near_start, "for_new": seats_for_new, "spare": spare_covers}
    Activity.record(actor, "series.seats", f"series:{series.slug}", now=now, **chosen)
    for session in series.sessions.filter(starts_at__gt=now, cancelled_at=None).order_by("starts_at", "pk"):
        if kept_before != seats_for_new:
            session.keep_for_newcomers(seats_for_new, now=now)
        if spare_before != spare_covers:
            session.set_spare_covers(spare_covers, now=now)
        if not session.near_start and session.starts_at <= now + NEAR:
            session.pass_on(now=now, freed=True)
