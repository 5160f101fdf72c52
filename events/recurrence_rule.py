"""What a series' schedule can say.

The words are RFC 5545's (section 3.3.10), the sentences made of them are fewer: every rule here has dates,
can be read back in plain words and is cheap to expand. Everything else is refused before a library sees it.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

MAX_INTERVAL = 52
MAX_COUNT = 200
MAX_DAYS_AHEAD = 731
MAX_DATES = 400
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NTHS = (1, 2, 3, 4, 5, -1)

Refusal: TypeAlias = tuple[bool, StrPromise]


class BadRule(ValidationError):  # noqa: N818 - it names what was entered
    """A schedule that is refused, with a sentence for the host who entered it."""


class Freq(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class Holidays(StrEnum):
    """What becomes of a date that falls on a public holiday of Japan."""

    KEEP = "keep"
    SKIP = "skip"
    WEEK_LATER = "week_later"


class Day(NamedTuple):
    """A weekday (Monday is 0, as in `date.weekday`); `nth` is 1 to 5 or -1 for a month's last, 0 for each."""

    weekday: int
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.nth or ''}{WEEKDAY_CODES[self.weekday]}"


WORKDAYS = tuple(Day(weekday) for weekday in range(5))


class Yearly(NamedTuple):
    """Days that return each year, both ends included as (month, day): 12-29..01-03 goes over New Year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def covers(self, on: date) -> bool:
        day = (on.month, on.day)
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last

    def __str__(self) -> str:
        return "{:02}-{:02}..{:02}-{:02}".format(*self.first, *self.last)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A schedule as the form makes it, in one canonical spelling; BadRule if it cannot be one.

    `weekdays`: for WEEKLY each has nth 0; for MONTHLY and YEARLY a nth, or Monday to Friday with `setpos`
    (the last working day). `monthdays` are 1 to 31, or -1 for the last day. Without weekdays and
    monthdays the day of the first date counts. `dates` (RDATE) are picked by hand, beside a rule or
    without any (`freq` None); `exdates` are taken out again. COUNT counts what the rule yields, before
    holidays and `exdates` take some away.

    Public holidays follow `holidays`. A closed day never holds a session: its date is moved with
    WEEK_LATER and skipped otherwise. Dates picked by hand stand as they were picked.
    """

    freq: Freq | None = None
    interval: int = 1
    weekdays: tuple[Day, ...] = ()
    monthdays: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    setpos: int = 0
    until: date | None = None
    count: int | None = None
    dates: tuple[date, ...] = ()
    exdates: tuple[date, ...] = ()
    holidays: Holidays = Holidays.KEEP
    closed_on: tuple[date, ...] = ()
    closed_yearly: tuple[Yearly, ...] = ()

    def __post_init__(self) -> None:
        if self.setpos and len(self.weekdays) == 1 and not self.weekdays[0].nth:
            object.__setattr__(self, "weekdays", (Day(self.weekdays[0].weekday, self.setpos),))
            object.__setattr__(self, "setpos", 0)
        for name in ("weekdays", "monthdays", "months", "dates", "exdates", "closed_on", "closed_yearly"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        for refused, why in [*_bounds(self), *_days(self)]:
            if refused:
                raise BadRule(why)

    def refuse_late_end(self, today: date) -> None:
        """BadRule if the last day is more than two years ahead."""
        if self.until and self.until > today + timedelta(days=MAX_DAYS_AHEAD):
            raise BadRule(_("The last day may be at most two years ahead."))

    def text(self) -> str:
        """All of it: the RRULE's value, and what an RRULE cannot say below it, a property to the line."""
        return "\n".join(line for line in (self.rrule(), *self._lines()) if line)

    def rrule(self) -> str:
        """The value of an RRULE (RFC 5545, 3.3.10); empty without a rule. Not longer than 300 characters."""
        if self.freq is None:
            return ""
        parts = {
            "FREQ": self.freq.value,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYMONTH": _joined(self.months),
            "BYMONTHDAY": _joined(self.monthdays),
            "BYDAY": _joined(self.weekdays),
            "BYSETPOS": str(self.setpos or ""),
            "UNTIL": f"{self.until:%Y%m%d}" if self.until else "",
            "COUNT": str(self.count or ""),
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    def _lines(self) -> Iterator[str]:
        for name, dates in (("RDATE", self.dates), ("EXDATE", self.exdates)):
            if dates:
                yield f"{name};VALUE=DATE:" + ",".join(f"{on:%Y%m%d}" for on in dates)
        if self.holidays is not Holidays.KEEP:
            yield f"X-HOLIDAYS:{self.holidays.value}"
        if self.closed_on or self.closed_yearly:
            yield "X-CLOSED:" + _joined([*self.closed_on, *self.closed_yearly])


def _joined(values: Iterable[object]) -> str:
    return ",".join(str(value) for value in values)


UNREADABLE = _("This schedule cannot be read. Write it like FREQ=MONTHLY;BYDAY=2TH.")
UNREADABLE_CLOSED = _("Write closed days like 2026-08-13 or 12-29..01-03.")


def _bounds(rule: Rule) -> list[Refusal]:
    dates = (*rule.dates, *rule.exdates, *rule.closed_on, *([rule.until] if rule.until else ()))
    lists = (rule.dates, rule.exdates, rule.closed_on, rule.closed_yearly)
    return [
        (rule.freq is None and bool(rule.interval > 1 or rule.until or rule.count), UNREADABLE),
        (rule.freq is None and not rule.dates, _("Choose at least one date.")),
        (not 1 <= rule.interval <= MAX_INTERVAL, _("Choose an interval from 1 to 52.")),
        (rule.count is not None and not 1 <= rule.count <= MAX_COUNT, _("Choose from 1 to 200 times.")),
        (bool(rule.count and rule.until), _("End after a number of times or on a last day, not both.")),
        (any(len(one) > MAX_DATES for one in lists), _("At most 400 days can be listed.")),
        (any(not 1900 <= on.year < 2200 for on in dates), UNREADABLE),
        (any(not _is_yearly(one) for one in rule.closed_yearly), UNREADABLE_CLOSED),
    ]


def _days(rule: Rule) -> list[Refusal]:
    """What the rule says of days must go together, and must exist."""
    by_month = rule.freq in {Freq.MONTHLY, Freq.YEARLY}
    months = rule.months or range(1, 13)
    numbered = {bool(day.nth) for day in rule.weekdays}
    said = bool(rule.weekdays or rule.monthdays or rule.setpos)
    in_range = (
        all(day.weekday in range(7) and day.nth in (0, *NTHS) for day in rule.weekdays)
        and all(1 <= day <= 31 or day == -1 for day in rule.monthdays)
        and all(month in range(1, 13) for month in months)
        and rule.setpos in (0, *NTHS)
    )
    if not in_range or (rule.freq is None and (said or rule.months)):
        return [(True, UNREADABLE)]
    return [
        (
            bool(rule.monthdays) and not _some_day_exists(rule.monthdays, months),
            _("None of the chosen months has such a day."),
        ),
        (bool(rule.weekdays and rule.monthdays), _("Choose weekdays or days of the month, not both.")),
        (bool(rule.monthdays) and not by_month, _("Days of the month go with a monthly or yearly schedule.")),
        (rule.freq is Freq.DAILY and bool(rule.weekdays), _("Weekdays go with a weekly schedule.")),
        (True in numbered and not by_month, _("“The 2nd Thursday” goes with a monthly schedule.")),
        (
            bool(rule.setpos) and (rule.freq is not Freq.MONTHLY or rule.weekdays != WORKDAYS),
            _("Only one weekday, or Monday to Friday, can be counted within a month."),
        ),
        (
            False in numbered and by_month and not rule.setpos,
            _("Say which weekday of the month, such as the 2nd Thursday."),
        ),
        (rule.freq is Freq.YEARLY and said and not rule.months, _("Choose the month.")),
    ]


def _some_day_exists(days: Iterable[int], months: Iterable[int]) -> bool:
    """Whether one of the days is in one of the months, of a leap year at least."""
    return min(days) <= max(monthrange(2024, month)[1] for month in months)


def _is_yearly(one: Yearly) -> bool:
    return all(1 <= month <= 12 and 1 <= day <= monthrange(2024, month)[1] for month, day in one)
