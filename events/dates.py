"""Dates as the two languages write them, each formatted once."""

from datetime import date, datetime
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def language() -> str:
    """The reader's of the two that are written here."""
    return "en" if (get_language() or "ja").startswith("en") else "ja"


def clock(when: datetime) -> str:
    """7:00, in both languages and without a leading nought."""
    return f"{when.hour}:{when.minute:02}"


@lru_cache(maxsize=4096)
def day(on: date, language: str, year: bool) -> str:
    """12月10日(木) or Thu 10 Dec; with the year 2026年12月10日(木) or Thu 10 Dec 2026."""
    week = WEEKDAYS[language][on.weekday()]
    if language == "en":
        return f"{week} {on.day} {MONTHS[on.month - 1]}" + (f" {on.year}" if year else "")
    return (f"{on.year}年" if year else "") + f"{on.month}月{on.day}日({week})"


def instant(local: datetime) -> str:
    """12月9日(水) 18:00 or Wed 9 Dec, 18:00, in the reader's language."""
    on = language()
    return f"{day(local.date(), on, False)}{', ' if on == 'en' else ' '}{clock(local)}"


def parts(local: datetime, language: str) -> tuple[str, str, str, str]:
    """12月, 10, 木, 7:00: what stands in a date block, for where there is no HTML."""
    on = language if language in WEEKDAYS else "en"
    month = f"{local.month}月" if on == "ja" else MONTHS[local.month - 1]
    return month, str(local.day), WEEKDAYS[on][local.weekday()], clock(local)


@lru_cache(maxsize=4096)
def block(local: datetime, language: str, year: bool, *, hour: bool = True) -> SafeString:
    """What stands in a date block. `local` is a naive wall clock: two zones may share an instant."""
    time = format_html(' <span class="date-block__time">{}</span>', clock(local)) if hour else ""
    if language == "en":
        return format_html(
            '<span class="date-block__month">{}</span> <span class="date-block__day">{}</span> '
            '<span class="date-block__week">{}</span>{}',
            MONTHS[local.month - 1] + (f" {local.year}" if year else ""),
            local.day,
            WEEKDAYS["en"][local.weekday()],
            time,
        )
    return format_html(
        '<span class="date-block__month">{}</span>'
        '<span class="date-block__day">{}<span class="visually-hidden">日</span></span> '
        '<span class="date-block__week">{}<span class="visually-hidden">曜日</span></span>{}',
        (f"{local.year}年" if year else "") + f"{local.month}月",
        local.day,
        WEEKDAYS["ja"][local.weekday()],
        time,
    )
