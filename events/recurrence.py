"""When a series meets: its rule, the dates it yields, the instants they are, and the words for it.

The door to dateutil and jpholiday. Everything is a local date until `localise`: 7:00 stays 7:00 across a
change of clocks because nothing before it knows of a zone.
"""

from bisect import insort
from calendar import monthrange
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

import jpholiday
from dateutil import rrule

from events.recurrence_rule import BadRule, Day, Freq, Holidays, Rule, Yearly
from events.recurrence_text import closed_days, parse
from events.recurrence_words import exceptions, sentence

__all__ = [
    "BadRule",
    "Day",
    "Freq",
    "Holidays",
    "Occurrence",
    "Rule",
    "Yearly",
    "closed_days",
    "counted_out",
    "exceptions",
    "localise",
    "occurrences",
    "parse",
    "sentence",
]

YEARS_AHEAD = 10  # nothing is looked for beyond: a rule that is silent for so long has ended
MOST_MOVED = timedelta(weeks=8)  # a date that finds no open week in two months is skipped


class Occurrence(NamedTuple):
    """A date of a series: `recurrence_id` is the one the rule yielded, `on` the one when people meet."""

    recurrence_id: date
    on: date


def occurrences(rule: Rule, start_on: date, *, after: date | None = None, limit: int) -> list[Occurrence]:
    """The first `limit` dates after `after`, ordered by `on`, no day twice; empty when there are none.

    COUNT and INTERVAL are counted from `start_on`, which is itself a date only if the rule yields it. A date
    moved by a week gives way to a date that is there already.
    """
    picked = {on for on in rule.dates if on >= start_on}
    taken = picked | set(_yielded(rule, start_on, after or start_on))
    coming: list[Occurrence] = []
    for on in sorted(taken.difference(rule.exdates)):
        if len(coming) >= limit and coming[limit - 1].on < on:
            break  # no later date moves to before this one
        day = None if after and on + MOST_MOVED <= after else _held_on(on, rule, picked, taken)
        if day and (after is None or day > after):
            insort(coming, Occurrence(on, day), key=lambda one: one.on)
    return coming[:limit]


def counted_out(text: str, start: datetime, *, until: datetime, count: int | None) -> Iterator[datetime]:
    """What a foreign RRULE without UNTIL and COUNT yields from `start` on, naive as it is. Raises ValueError.

    An end is always given: dateutil would look for a 31st of February until the year 9999.
    """
    ruled = rrule.rrulestr(text, dtstart=start)
    if not isinstance(ruled, rrule.rrule):
        raise ValueError(text)  # noqa: TRY004 - said of what the text holds
    return islice(ruled.replace(until=until), count)


def localise(on: date, at: time, tz: str) -> datetime:
    """The instant in UTC when the clocks of `tz` show `at`.

    A time that the clocks leap over is shifted forward by the leap (02:30 becomes 03:30), one that they show
    twice is the first (RFC 5545, 3.3.5).
    """
    return datetime.combine(on, at.replace(fold=0), ZoneInfo(tz)).astimezone(UTC)


def _yielded(rule: Rule, start_on: date, after: date) -> Iterator[date]:
    """What the rule alone yields, from `start_on` to ten years after `after`."""
    last = date(min(max(start_on, after).year + YEARS_AHEAD, 9998), 12, 31)
    if rule.freq is None or not _meets(rule, start_on, last):
        return iter(())
    ruled = rrule.rrule(
        getattr(rrule, rule.freq),
        dtstart=datetime.combine(start_on, time()),
        interval=rule.interval,
        bymonth=rule.months or None,
        bymonthday=rule.monthdays or None,
        byweekday=[rrule.weekday(day.weekday, day.nth or None) for day in rule.weekdays] or None,
        bysetpos=rule.setpos or None,
    )
    end = min(last, rule.until or last)
    return takewhile(lambda on: on <= end, islice((at.date() for at in ruled), rule.count))


def _meets(rule: Rule, start_on: date, last: date) -> bool:
    """Whether a month that the interval reaches has such a day: dateutil would look until the year 9999."""
    if rule.freq not in {Freq.MONTHLY, Freq.YEARLY}:
        return True
    days = (1,) if rule.weekdays else rule.monthdays or (start_on.day,)
    return any(min(days) <= monthrange(year, month)[1] for year, month in _months(rule, start_on, last))


def _months(rule: Rule, start_on: date, last: date) -> Iterator[tuple[int, int]]:
    if rule.freq is Freq.YEARLY:
        for year in range(start_on.year, last.year + 1, rule.interval):
            yield from ((year, month) for month in rule.months or (start_on.month,))
        return
    for index in range(start_on.year * 12 + start_on.month - 1, last.year * 12 + 12, rule.interval):
        if not rule.months or index % 12 + 1 in rule.months:
            yield index // 12, index % 12 + 1


def _held_on(on: date, rule: Rule, picked: Collection[date], taken: Collection[date]) -> date | None:
    if on in picked:
        return on
    day = on
    while _is_closed(day, rule):
        day += timedelta(weeks=1)
        if rule.holidays is not Holidays.WEEK_LATER or day in taken or day > on + MOST_MOVED:
            return None
    return day


def _is_closed(day: date, rule: Rule) -> bool:
    return (
        (rule.holidays is not Holidays.KEEP and jpholiday.is_holiday(day))
        or day in rule.closed_on
        or any(one.covers(day) for one in rule.closed_yearly)
    )
