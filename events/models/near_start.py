"""How a seat that becomes free is passed on as the morning comes near. Pure.

`wall` is the start of the session as the clock shows it where people meet; days and hours before it are that clock's.
"""

from datetime import UTC, datetime, time, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from events import nights

# From here on people have made their plans, and are asked rather than told.
NEAR = timedelta(days=3)
# Until then some seats are kept for those who come for the first time; by then the restaurant wants to know.
KEPT_UNTIL = timedelta(days=5)
ANSWER_WITHIN = timedelta(hours=12)
# An offer ends at an hour at which somebody who slept can have answered it.
ANSWER_FROM = time(8, 0)
# On the evening before: no offer is made after the first, none stands after the second, no mail goes after the third.
LAST_OFFER, OFFERS_UNTIL, QUIET_FROM = time(18, 0), time(20, 0), nights.QUIET_FROM
# By then, on the evening before, the restaurant knows how many come, whether or not somebody noted that it was told.
TOLD_BY = time(18, 0)


WHEN = _("When a seat becomes free in the last three days")


class NearStart(models.TextChoices):
    """What becomes of a seat that becomes free in the last three days."""

    AT_ONCE = "at_once", _("The first in the queue gets it at once, and is told")
    OFFER = "offer", _("The first in the queue is asked, and has twelve hours to answer")
    FIRST_TAP = "first_tap", _("Everyone in the queue is told, and the first to tap gets it")


def near_from(wall: datetime) -> datetime:
    """Until then a free seat is the first's at once, whatever is chosen for later."""
    return wall - NEAR


def kept_until(wall: datetime) -> datetime:
    """From then on seats kept for newcomers are for everybody."""
    return wall - KEPT_UNTIL


def told_by(wall: datetime) -> datetime:
    """From then on, at the latest, spare covers are for friends."""
    return _evening_before(wall, TOLD_BY)


def quiet_from(wall: datetime) -> datetime:
    """From then on nobody is told: the page shows the free seat, and who taps first has it."""
    return _evening_before(wall, QUIET_FROM)


def offers_until(wall: datetime) -> datetime:
    """No offer stands longer than this."""
    return _evening_before(wall, OFFERS_UNTIL)


def way(wall: datetime, chosen: str, *, now: datetime) -> str:
    """How a free seat is passed on at this moment; empty when nobody is told any more.

    So late that an offer could hardly be answered, all are told instead.
    """
    if now >= quiet_from(wall):
        return ""
    if now < near_from(wall):
        return NearStart.AT_ONCE
    if chosen == NearStart.OFFER and now >= _evening_before(wall, LAST_OFFER):
        return NearStart.FIRST_TAP
    return chosen


def offer_until(wall: datetime, *, now: datetime) -> datetime:
    """Until when somebody who is asked now may answer: twelve hours from when the mail goes out by day.

    An end that falls into the night stands until the morning, and the evening before the start ends every offer.
    """
    told_at = nights.by_day(now, wall.tzinfo or UTC)
    until = (told_at.astimezone(UTC) + ANSWER_WITHIN).astimezone(wall.tzinfo)
    if until.time() >= QUIET_FROM or until.time() < ANSWER_FROM:
        day = until.date() + timedelta(days=int(until.time() >= QUIET_FROM))
        until = datetime.combine(day, ANSWER_FROM, tzinfo=wall.tzinfo)
    return min(until, offers_until(wall))


def _evening_before(wall: datetime, at: time) -> datetime:
    return datetime.combine(wall.date() - timedelta(days=1), at, tzinfo=wall.tzinfo)
