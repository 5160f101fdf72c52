"""Calendars of other programs (RFC 5545): every time something in them takes place, moved and left-out ones too.

With `events.ics` the door to icalendar. Rules are counted out on the local clock of the entry, as they were meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from events import recurrence

MOST_TIMES = 2000
PLAIN = {
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYDAY",
    "BYMONTH",
    "BYMONTHDAY",
    "BYSETPOS",
    "BYWEEKNO",
    "BYYEARDAY",
    "WKST",
}
OFTEN = {"YEARLY", "MONTHLY", "WEEKLY", "DAILY"}


class NotACalendar(Exception):  # noqa: N818 - said of a file
    """The file cannot be read as a calendar."""


@dataclass(frozen=True)
class Held:
    """One time. `at` is on the clocks of the reader's zone, without a time of day for a whole day.

    `id` stays the same when it is moved. `trouble` is "rule" for a rule that cannot be counted out, "broken" for an
    entry of which nothing else is known.
    """

    id: str
    on: date
    at: time | None
    minutes: int | None
    title: str
    description: str
    place: str
    categories: tuple[str, ...]
    is_cancelled: bool
    trouble: str = ""


def read(data: bytes, zone: str, *, before: date) -> Iterator[Held]:
    """Every time before a day, entry by entry. Raises `NotACalendar`."""
    try:
        calendars = Calendar.from_ical(data, multiple=True)
        found = [event for one in calendars for event in one.walk("VEVENT")]
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotACalendar(str(error)[:200]) from error
    if not calendars:
        raise NotACalendar("VCALENDAR")
    by_uid: dict[str, list[Any]] = defaultdict(list)
    for number, event in enumerate(found):
        by_uid[str(event.get("UID") or f"number {number}")].append(event)
    for uid, events in by_uid.items():
        try:
            yield from list(_Entry(uid, events, ZoneInfo(zone), before).times())
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # One entry nobody can read does not keep out the others.
            yield Held(uid, before, None, None, uid, "", "", (), is_cancelled=False, trouble="broken")


class _Entry:
    """What one UID stands for: an entry, and those of its times that were changed by themselves."""

    def __init__(self, uid: str, events: list[Any], zone: ZoneInfo, before: date) -> None:
        self.uid, self.zone, self.before = uid, zone, before
        self.changed: dict[Any, Any] = {}
        self.master: Any = None
        # The same UID twice: the later version counts (RFC 5545, 3.8.7.4).
        for event in sorted(events, key=lambda one: int(one.get("SEQUENCE", 0) or 0)):
            moved = _value(event, "RECURRENCE-ID")
            if moved is None:
                self.master = event
            else:
                self.changed[self._instant(moved)] = event

    def times(self) -> Iterator[Held]:
        start = _value(self.master, "DTSTART") if self.master is not None else None
        repeats = start is not None and any(name in self.master for name in ("RRULE", "RDATE"))
        if start is not None and not repeats:
            yield self._held(self.master, start, self.uid)
        elif start is not None:
            try:
                yield from self._repeated(start)
            except ValueError:
                yield self._held(self.master, start, self.uid, trouble="rule")
        # What is left was changed without being a time of the rule: moved by a program that knew better.
        for moved, event in self.changed.items():
            if (at := _value(event, "DTSTART")) is not None:
                yield self._held(event, at, self._name(moved))

    def _repeated(self, start: datetime | date) -> Iterator[Held]:
        tz = start.tzinfo if isinstance(start, datetime) else None
        is_day = not isinstance(start, datetime)
        left_out = {self._instant(one) for one in _dates(self.master, "EXDATE")}
        left_out_days = {one for one in _dates(self.master, "EXDATE") if not isinstance(one, datetime)}
        end = datetime.combine(self.before, time()) - timedelta(minutes=1)
        # All at once: a rule that cannot be counted out is known before the first time is told.
        ruled = list(islice(self._ruled(_naive(start), end, tz), MOST_TIMES))
        times = [naive.date() if is_day else naive.replace(tzinfo=tz) for naive in ruled] + _dates(self.master, "RDATE")
        for instant, at in {self._instant(at): at for at in times}.items():
            day = at.date() if isinstance(at, datetime) else at
            if instant not in left_out and day not in left_out_days:
                yield self._one(instant, at)

    def _one(self, instant: datetime | date, at: datetime | date) -> Held:
        changed = self.changed.pop(instant, None)
        if changed is not None:
            return self._held(changed, _value(changed, "DTSTART") or at, self._name(instant))
        return self._held(self.master, at, self._name(instant))

    def _ruled(self, start: datetime, end: datetime, tz: Any) -> Iterator[datetime]:
        """What the rules yield on the entry's own clock; the first time is one whatever they say (3.8.5.3)."""
        rules = self.master.get("RRULE") or []
        seen = {start}
        yield start
        for rule in rules if isinstance(rules, list) else [rules]:
            keys = {str(key).upper() for key in rule}
            freq = str((rule.get("FREQ") or [""])[0]).upper()
            interval = (rule.get("INTERVAL") or [1])[0]
            # Of an interval of 0 dateutil never comes back.
            if not keys <= PLAIN or freq not in OFTEN or not (isinstance(interval, int) and 0 < interval <= MOST_TIMES):
                raise ValueError(freq)
            until = min([end, *(_naive(one, tz) for one in rule.get("UNTIL", []))])
            count = (rule.get("COUNT") or [None])[0]
            bare = {key: value for key, value in rule.items() if str(key).upper() not in {"UNTIL", "COUNT"}}
            text = type(rule)(bare).to_ical().decode()
            for at in recurrence.counted_out(text, start, until=until, count=count):
                if at not in seen:
                    seen.add(at)
                    yield at

    def _instant(self, at: datetime | date) -> datetime | date:
        """One name for one time, however it is written: an entry may say it in UTC, its exception in a zone."""
        if not isinstance(at, datetime):
            return at
        return at.replace(tzinfo=at.tzinfo or self.zone).astimezone(self.zone)

    def _name(self, instant: datetime | date) -> str:
        return f"{self.uid} {instant.isoformat()}"

    def _held(self, event: Any, at: datetime | date, name: str, trouble: str = "") -> Held:
        local = self._instant(at)
        return Held(
            id=name,
            on=local.date() if isinstance(local, datetime) else local,
            at=local.time().replace(tzinfo=None) if isinstance(local, datetime) else None,
            minutes=_minutes(event),
            title=str(event.get("SUMMARY", "")),
            description=str(event.get("DESCRIPTION", "")),
            place=str(event.get("LOCATION", "")),
            categories=_categories(event),
            is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
            trouble=trouble,
        )


def _value(event: Any, name: str) -> datetime | date | None:
    try:
        value = getattr(event.get(name), "dt", None)
    except ValueError:  # of what nobody can read
        return None
    return value if isinstance(value, date) else None


def _dates(event: Any, name: str) -> list[datetime | date]:
    """EXDATE and RDATE: one property or several, each a list; of periods the beginning."""
    found = event.get(name) or []
    lists = found if isinstance(found, list) else [found]
    values = [value.dt for one in lists for value in getattr(one, "dts", [])]
    starts = [value[0] if isinstance(value, tuple) else value for value in values]
    return [value for value in starts if isinstance(value, date)]


def _naive(at: datetime | date, tz: Any = None) -> datetime:
    """On the entry's own clock; a day ends with its last minute where it is an end."""
    if not isinstance(at, datetime):
        return datetime.combine(at, time(23, 59) if tz else time())
    return (at.astimezone(tz) if tz and at.tzinfo else at).replace(tzinfo=None)


def _minutes(event: Any) -> int | None:
    start, end, length = (_value(event, "DTSTART"), _value(event, "DTEND"), getattr(event.get("DURATION"), "dt", None))
    if isinstance(start, datetime) and isinstance(end, datetime) and bool(start.tzinfo) == bool(end.tzinfo):
        length = end - start
    if not isinstance(length, timedelta):
        return None
    minutes = int(length.total_seconds() // 60)
    return minutes if 0 < minutes <= 1440 else None


def _categories(event: Any) -> tuple[str, ...]:
    found = event.get("CATEGORIES") or []
    lists = found if isinstance(found, list) else [found]
    return tuple(str(word) for one in lists for word in getattr(one, "cats", []))
