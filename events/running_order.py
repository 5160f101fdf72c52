"""The running order as a host writes it: a line each, "6:40 doors open". Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from events.models import Series

CLOCK = re.compile(r"^(\s*)(\d{1,2})([:：])(\d{2})", re.MULTILINE)
DAY = 24 * 60


def plain(series: Series) -> str:
    """What every morning has, where nobody wrote an order: doors, start, end."""
    starts = datetime.combine(series.starts_on, series.at)
    lines = [
        (starts - timedelta(minutes=series.doors_minutes), _("doors open, find a seat"))
        if series.doors_minutes
        else None,
        (starts, _("it begins")),
        (starts + timedelta(minutes=series.duration_minutes), _("it ends, sharp")),
    ]
    return "\n".join(f"{line[0]:%-H:%M} {line[1]}" for line in lines if line)


def usual(starts: datetime, *, doors_minutes: int, minutes: int) -> str:
    """A first running order, in the active language: doors, introductions, talk, questions, photo, and a hard end."""
    five = 5
    talk, asking = (round(minutes * share / five) * five for share in (0.25, 0.62))
    lines = [
        (-doors_minutes, _("doors open")),
        (0, _("breakfast, and a word from everybody")),
        (talk, _("the guest speaks")),
        (asking, _("questions")),
        (minutes - 10, _("a photo together")),
        (minutes, _("out by now; coffee for those who can stay")),
    ]
    at = [(starts + timedelta(minutes=after), what) for after, what in lines]
    return "\n".join(f"{one.hour}:{one.minute:02} {what}" for one, what in at)


def longer(text: str, after: str, by: timedelta, *, until: str) -> str:
    """What stands after an hour of the clock later by so much; nothing past the hard end, which stays.

    `after` and `until` are hours as the lines have them: 7:50. Lines before midnight only, like a morning's.
    """
    first, last, minutes = _minutes(after), _minutes(until), round(by.total_seconds() / 60)

    def moved(found: re.Match[str]) -> str:
        indent, hour, colon, minute = found.groups()
        at = int(hour) * 60 + int(minute)
        if not first < at < last:
            return found[0]
        at = max(first, min(at + minutes, last))
        return f"{indent}{at // 60}{colon}{at % 60:02}"

    return CLOCK.sub(moved, text)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def shifted(text: str, by: timedelta) -> str:
    """The same order later or earlier on the clock; lines without a time stay as they are."""
    minutes = round(by.total_seconds() / 60)

    def moved(found: re.Match[str]) -> str:
        indent, hour, colon, minute = found.groups()
        clock = (int(hour) * 60 + int(minute) + minutes) % DAY
        return f"{indent}{clock // 60}{colon}{clock % 60:02}"

    return CLOCK.sub(moved, text) if minutes else text
