"""A schedule read back in the reader's language, as a host would say it."""

from collections.abc import Iterable
from datetime import date, time
from itertools import groupby

from django.conf import settings
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import get_language, gettext, ngettext, pgettext, pgettext_lazy

from events import dates
from events.recurrence_rule import WORKDAYS, Day, Freq, Holidays, Rule, Yearly

MOST_DATES = 6  # more are counted, not listed
NTHS = {
    1: pgettext_lazy("of the month’s weekdays", "1st"),
    2: pgettext_lazy("of the month’s weekdays", "2nd"),
    3: pgettext_lazy("of the month’s weekdays", "3rd"),
    4: pgettext_lazy("of the month’s weekdays", "4th"),
    5: pgettext_lazy("of the month’s weekdays", "5th"),
    -1: pgettext_lazy("of the month’s weekdays", "last"),
}


def sentence(rule: Rule, at: time | None = None) -> str:
    """毎月第2木曜日 7:00; every 2nd Thursday of the month, 7:00. What `exceptions` tells is left out."""
    words = _repeats(rule) if rule.freq else _picked(rule.dates)
    if rule.freq and rule.months and rule.freq is not Freq.YEARLY:
        words = gettext("%(schedule)s (only in %(months)s)") % {"schedule": words, "months": _months(rule)}
    if at:
        words = gettext("%(schedule)s, %(time)s") % {"schedule": words, "time": f"{at.hour}:{at.minute:02}"}
    if rule.until:
        words = gettext("%(schedule)s, until %(date)s") % {
            "schedule": words,
            "date": _day(rule.until, year=True),
        }
    if rule.count:
        times = ngettext("%(count)d time", "%(count)d times", rule.count) % {"count": rule.count}
        words = gettext("%(schedule)s, %(times)s") % {"schedule": words, "times": times}
    if rule.freq and rule.dates:
        more = ngettext("%(count)d more day", "%(count)d more days", len(rule.dates)) % {"count": len(rule.dates)}
        words = gettext("%(schedule)s, and %(more)s") % {"schedule": words, "more": more}
    return words


def exceptions(rule: Rule) -> str:
    """What happens on public holidays and which days are closed; empty if nothing is out of the ordinary."""
    closed = [_range(one) for one in rule.closed_yearly] + [_day(on, year=True) for on in rule.closed_on]
    said = {
        Holidays.KEEP: "",
        Holidays.SKIP: gettext("Not on public holidays."),
        Holidays.WEEK_LATER: gettext("A week later when it falls on a public holiday or a closed day.")
        if closed
        else gettext("A week later when it falls on a public holiday."),
    }[rule.holidays]
    days = gettext("Closed: %(days)s.") % {"days": pgettext("between dates", ", ").join(closed)} if closed else ""
    if said and days:
        return gettext("%(first)s %(second)s") % {"first": said, "second": days}
    return said or days


def _repeats(rule: Rule) -> str:
    few = {1: 0, 2: 1}.get(rule.interval, 2)
    pattern = {
        Freq.DAILY: (gettext("every day"), gettext("every other day"), gettext("every %(count)d days")),
        Freq.WEEKLY: _weekly(rule.weekdays),
        Freq.MONTHLY: _monthly(rule),
        Freq.YEARLY: _yearly(rule),
    }[rule.freq or Freq.DAILY][few]
    return pattern % {"count": rule.interval, "days": _days(rule), "months": _months(rule)}


def _weekly(weekdays: tuple[Day, ...]) -> tuple[str, str, str]:
    if not weekdays:
        return gettext("every week"), gettext("every other week"), gettext("every %(count)d weeks")
    return (
        pgettext("weekdays", "every %(days)s"),
        pgettext("weekdays", "every other %(days)s"),
        pgettext("weekdays", "every %(count)d weeks on %(days)s"),
    )


def _monthly(rule: Rule) -> tuple[str, str, str]:
    if not (rule.weekdays or rule.monthdays):
        return gettext("every month"), gettext("every other month"), gettext("every %(count)d months")
    return (
        gettext("every %(days)s of the month"),
        gettext("every other month on the %(days)s"),
        gettext("every %(count)d months on the %(days)s"),
    )


def _yearly(rule: Rule) -> tuple[str, str, str]:
    if not rule.months:
        return gettext("every year"), gettext("every other year"), gettext("every %(count)d years")
    if not (rule.weekdays or rule.monthdays):
        return (
            gettext("every year in %(months)s"),
            gettext("every other year in %(months)s"),
            gettext("every %(count)d years in %(months)s"),
        )
    return (
        gettext("every year on the %(days)s of %(months)s"),
        gettext("every other year on the %(days)s of %(months)s"),
        gettext("every %(count)d years on the %(days)s of %(months)s"),
    )


def _days(rule: Rule) -> str:
    if rule.setpos and rule.weekdays == WORKDAYS:
        return gettext("%(nth)s working day (Mon–Fri)") % {"nth": NTHS[rule.setpos]}
    if rule.monthdays:
        return _and(_monthday(day) for day in sorted(rule.monthdays, key=lambda day: day % 32))
    grouped = groupby(rule.weekdays, key=lambda day: day.weekday)
    return _and(_weekday(weekday, [day.nth for day in days]) for weekday, days in grouped)


def _weekday(weekday: int, nths: list[int]) -> str:
    if nths == [0]:
        return str(WEEKDAYS[weekday])
    counted = _and(str(NTHS[nth]) for nth in sorted(nths, key=lambda nth: nth % 6))
    return gettext("%(nth)s %(weekday)s") % {"nth": counted, "weekday": WEEKDAYS[weekday]}


def _monthday(day: int) -> str:
    if day == -1:
        return pgettext("of the month", "last day")
    ending = 0 if 10 < day < 14 else day % 10
    if ending == 1:
        return pgettext("of the month", "%(day)dst") % {"day": day}
    if ending == 2:
        return pgettext("of the month", "%(day)dnd") % {"day": day}
    if ending == 3:
        return pgettext("of the month", "%(day)drd") % {"day": day}
    return pgettext("of the month", "%(day)dth") % {"day": day}


def _months(rule: Rule) -> str:
    return _and(str(MONTHS[month]) for month in rule.months)


def _picked(days: tuple[date, ...]) -> str:
    listed = pgettext("between dates", ", ").join(_day(on) for on in days[:MOST_DATES])
    more = len(days) - MOST_DATES
    if more > 0:
        rest = ngettext("%(count)d more day", "%(count)d more days", more) % {"count": more}
        return gettext("%(schedule)s, and %(more)s") % {"schedule": listed, "more": rest}
    return listed


def _range(one: Yearly) -> str:
    first, last = (
        gettext("%(day)d %(month)s") % {"day": day, "month": MONTHS[month]} for month, day in (one.first, one.last)
    )
    return first if one.first == one.last else gettext("%(first)s to %(last)s") % {"first": first, "last": last}


def _day(on: date, *, year: bool = False) -> str:
    return dates.day(on, get_language() or settings.LANGUAGE_CODE, year)


def _and(words: Iterable[str]) -> str:
    """“Monday, Tuesday and Friday”, 月曜日・火曜日・金曜日."""
    *first, last = list(words) or [""]
    if not first:
        return last
    return pgettext("between days", ", ").join(first) + pgettext("before the last day", " and ") + last
