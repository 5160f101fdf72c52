"""How free seats are passed on near the start: what the clock does, and what a host chooses for a whole series."""

import logging
from datetime import datetime

from django.db import transaction

from events.models import Rsvp, Series, Session
from events.models.near_start import NEAR
from members.models import Activity, Member

log = logging.getLogger(__name__)


def let_lapse(*, now: datetime) -> None:
    """Every minute: offers and kept seats whose time is over go to the next. One that fails holds up no other."""
    late = Rsvp.objects.lapsed(now).values("session")
    for session in Session.objects.filter(pk__in=late).order_by("pk"):
        try:
            session.pass_on(now=now)
        except Exception:
            log.exception("Free seats of %s were not passed on", session.code)


@transaction.atomic
def choose(series: Series, near_start: str, *, now: datetime, actor: Member) -> None:
    """How the seats of a series are passed on from now on; what is free goes the new way at once.

    The series' row comes before its sessions', like everywhere. Sessions that do it differently are left alone.
    """
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    series.near_start = near_start
    series.save(update_fields=["near_start"])
    Activity.record(actor, "series.near_start", f"series:{series.slug}", now=now, chosen=near_start)
    near = Session.objects.on().filter(series=series, near_start="", starts_at__gt=now, starts_at__lte=now + NEAR)
    for session in near.order_by("pk"):
        session.pass_on(now=now, freed=True)
