"""Quiet hours: what is sent by night reaches people in the morning."""

from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from events import dates

# No mail by itself between these hours of the session's own clock.
QUIET_FROM, QUIET_UNTIL = time(21, 0), time(7, 0)


def is_night(local: time) -> bool:
    """Whether nothing is sent unasked at this hour of the clock on the wall."""
    return local >= QUIET_FROM or local < QUIET_UNTIL


def by_day(when: datetime, zone: tzinfo) -> datetime:
    """This instant, or the end of the quiet hours it falls into."""
    local = when.astimezone(zone)
    if not is_night(local.time()):
        return when
    day = local.date() + timedelta(days=int(local.time() >= QUIET_FROM))
    return datetime.combine(day, QUIET_UNTIL, tzinfo=zone)


def word(sent_at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """What a host reads as long as the mails of that instant wait for the morning; nothing once they go."""
    goes_at, today = by_day(sent_at, zone), now.astimezone(zone).date()
    if now >= goes_at:
        return ""
    at = {"clock": dates.clock(goes_at)}
    if goes_at.date() == today:
        return _("They go out this morning at %(clock)s.") % at
    return _("They go out tomorrow morning at %(clock)s.") % at
