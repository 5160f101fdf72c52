"""A schedule written down as RFC 5545 text, read back through a white list."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.recurrence_rule import (
    NTHS,
    UNREADABLE,
    UNREADABLE_CLOSED,
    WEEKDAY_CODES,
    BadRule,
    Day,
    Freq,
    Holidays,
    Rule,
    Yearly,
)

MAX_TEXT = 20_000
KNOWN = frozenset(
    {
        "FREQ",
        "INTERVAL",
        "BYDAY",
        "BYMONTHDAY",
        "BYMONTH",
        "BYSETPOS",
        "UNTIL",
        "COUNT",
        "WKST",
        "RDATE",
        "EXDATE",
        "X-HOLIDAYS",
        "X-CLOSED",
    }
)


def parse(
    text: str,
    *,
    dates: Iterable[date] = (),
    exdates: Iterable[date] = (),
    holidays: str = "",
    closed: str = "",
    tz: str = "",
    today: date | None = None,
) -> Rule:
    """The Rule that a text says, one that `Rule.text` wrote or a plain RRULE from elsewhere; or BadRule.

    A name that is not known here is refused, and nothing here takes time. What is kept beside an RRULE can be
    given beside it; `closed` is what `closed_days` reads. `tz` (the club's, if none is named) turns an UNTIL in
    UTC into a local date; `today` is the day from which two years are counted.
    """
    found = _properties(text)
    weekdays = tuple(_weekday(code) for code in _values(found, "BYDAY"))
    closed_on, closed_yearly = closed_days(found.get("X-CLOSED", "") + "\n" + closed)
    rule = Rule(
        freq=_freq(found, weekdays),
        interval=_integer(found.get("INTERVAL", "1")),
        weekdays=weekdays,
        monthdays=tuple(_integer(day) for day in _values(found, "BYMONTHDAY")),
        months=tuple(_integer(month) for month in _values(found, "BYMONTH")),
        setpos=_integer(found.get("BYSETPOS", "0")),
        until=_until(found["UNTIL"], tz) if "UNTIL" in found else None,
        count=_integer(found["COUNT"]) if "COUNT" in found else None,
        dates=(*dates, *(_date(on) for on in _values(found, "RDATE"))),
        exdates=(*exdates, *(_date(on) for on in _values(found, "EXDATE"))),
        holidays=_holidays(holidays or found.get("X-HOLIDAYS", "KEEP")),
        closed_on=closed_on,
        closed_yearly=closed_yearly,
    )
    if found.get("WKST", "MO") != "MO" and rule.freq is Freq.WEEKLY and rule.interval > 1:
        raise BadRule(UNREADABLE)  # it would move the weeks that are left out
    rule.refuse_late_end(today or timezone.localdate())
    return rule


def closed_days(text: str) -> tuple[tuple[date, ...], tuple[Yearly, ...]]:
    """Days as a host writes them, between commas or lines: 2026-08-13, 08-15, 12-29..01-03; or BadRule."""
    dates, yearly = [], []
    for word in re.split(r"[\s,、]+", text.strip()) if text.strip() else ():
        if one := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", word):
            dates.append(_calendar_day(*(int(number) for number in one.groups())))
        elif one := re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})(?:\.\.([0-9]{1,2})-([0-9]{1,2}))?", word):
            month, day, *last = (int(number) for number in one.groups() if number)
            yearly.append(Yearly((month, day), (last[0], last[1]) if last else (month, day)))
        else:
            raise BadRule(UNREADABLE_CLOSED)
    return tuple(dates), tuple(yearly)


def _properties(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if len(text) > MAX_TEXT or not text.isascii():
        raise BadRule(UNREADABLE)
    for name, value in _pairs(text.upper()):
        if name in {"BYHOUR", "BYMINUTE", "BYSECOND"}:
            raise BadRule(_("Choose the time of day beside the schedule, not in it."))
        if name not in KNOWN or name in found or not value:
            raise BadRule(UNREADABLE)
        found[name] = value
    return found


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each part of the RRULE (that word before it or not) and of each line below."""
    for line in text.split("\n"):
        name, colon, value = line.strip().removeprefix("RRULE:").partition(":")
        if colon:
            yield name.removesuffix(";VALUE=DATE"), value
        elif name:
            yield from ((part.partition("=")[0], part.partition("=")[2]) for part in name.split(";"))


def _values(found: dict[str, str], name: str) -> list[str]:
    return found[name].split(",") if name in found else []


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,6}", text):
        raise BadRule(UNREADABLE)
    return int(text)


def _freq(found: dict[str, str], weekdays: tuple[Day, ...]) -> Freq | None:
    name = found.get("FREQ")
    if name is None:
        return None
    if name not in Freq.__members__:
        raise BadRule(_("Repeat by day, week, month or year."))
    if name == Freq.DAILY and weekdays and found.get("INTERVAL", "1") == "1":
        return Freq.WEEKLY  # each day that is a Thursday is each week's Thursday
    return Freq(name)


def _weekday(code: str) -> Day:
    one = re.fullmatch(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", code)
    if not one or (one[1] and int(one[1]) not in NTHS):
        raise BadRule(UNREADABLE)
    return Day(WEEKDAY_CODES.index(one[2]), int(one[1] or 0))


def _calendar_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise BadRule(UNREADABLE) from None


def _date(text: str) -> date:
    if not re.fullmatch(r"[0-9]{8}", text):
        raise BadRule(UNREADABLE)
    return _calendar_day(int(text[:4]), int(text[4:6]), int(text[6:]))


def _until(text: str, tz: str) -> date:
    """The last local date. A naive DTSTART and an UNTIL in UTC must not meet, so the zone is applied here."""
    if not re.fullmatch(r"[0-9]{8}(T[0-9]{6}Z?)?", text):
        raise BadRule(UNREADABLE)
    if not text.endswith("Z"):
        return _date(text[:8])
    try:
        at = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return at.astimezone(ZoneInfo(tz) if tz else timezone.get_default_timezone()).date()
    except (ValueError, OverflowError):
        raise BadRule(UNREADABLE) from None


def _holidays(text: str) -> Holidays:
    try:
        return Holidays(text.lower())
    except ValueError:
        raise BadRule(UNREADABLE) from None
