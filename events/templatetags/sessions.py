"""Dates, seats, trades and numbers of a session as one looks at them. Nothing here asks the database."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from django import template
from django.template import Context
from django.utils import timezone as clock
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from events import dates
from events.pictures import mix as trades
from events.pictures import plot as numbers
from events.pictures import seats as plates
from events.schema_org import absolute

register = template.Library()

SIZES: Mapping[str, str] = {"": "", "s": " date-block--s", "l": " date-block--l", "xl": " date-block--xl"}
STATES: Mapping[str, str] = {
    "": "",
    "dawn": " date-block--dawn",
    "past": " date-block--past",
    "cancelled": " date-block--cancelled",
}
# The numbers of a street and a house: 1-2-3, 4−13−18号.
HOUSE = re.compile(r"(\d+(?:[-‐‑–−－]\d+)+[番号階F]?)")
# A date in Japanese: 12月10日(木), 2026年12月10日(木).
DAY = re.compile(r"((?:\d{4}年)?\d{1,2}月\d{1,2}日(?:\([月火水木金土日]\))?)")
# As far as the next 、 with the brackets it closes; what is last keeps its own.
CLAUSE = re.compile(r".+?[、。？！]+[」』）]*(?!$)|.+$", re.DOTALL)


class Timed(Protocol):
    """Whatever begins: a session, a card of one in a search result."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def timezone(self) -> str: ...


class Lasting(Timed, Protocol):
    """Whatever also ends."""

    @property
    def ends_at(self) -> datetime: ...


def _local(when: datetime | Timed, zone: str = "") -> datetime:
    """The wall clock where people meet; a bare datetime as it is, or by the club's clock where it comes from a row."""
    if isinstance(when, datetime):
        if zone:
            return when.astimezone(ZoneInfo(zone))
        return clock.localtime(when) if when.tzinfo is UTC else when
    return when.starts_at.astimezone(ZoneInfo(when.timezone))


def _is_day_only(when: datetime | Timed) -> bool:
    """Whether no hour is known of it, and none is shown."""
    return getattr(when, "is_day_only", False)


@register.filter
def by_clause(title: str) -> SafeString | str:
    """A title whose lines end after 、 and 。 where they can: 市場の帳簿は、| なぜ夜明け前につけるのか."""
    clauses = CLAUSE.findall(title)
    if len(clauses) < 2:
        return title
    return format_html_join("", '<span class="clause">{}</span>', ((clause,) for clause in clauses))


@register.simple_tag(takes_context=True)
def canonical(context: Context) -> SafeString:
    """The one address of a page that is the same for everybody, for search engines: without filters, with its page."""
    page = context["request"].GET.get("page", "")
    query = f"?page={page}" if page.isascii() and page.isdigit() and page != "1" else ""
    return format_html('<link rel="canonical" href="{}{}">', absolute(context["request"].path), query)


@register.simple_tag
def date_block(when: datetime | Timed, size: str = "", state: str = "", year: bool = False) -> SafeString:
    """Month, big day, weekday, clock. `size` s, l, xl; `state` dawn (the next one only), past, cancelled."""
    local, hour = _local(when), not _is_day_only(when)
    return format_html(
        '<time class="date-block{}{}" datetime="{}">{}</time>',
        SIZES[size],
        STATES[state],
        local.isoformat(timespec="minutes") if hour else local.date().isoformat(),
        dates.block(local.replace(tzinfo=None, second=0, microsecond=0), dates.language(), year, hour=hour),
    )


@register.filter
def session_date(when: datetime | Timed, with_year: str = "") -> str:
    """12月10日(木), Thu 10 Dec; `:"year"` adds the year."""
    return dates.day(_local(when).date(), dates.language(), bool(with_year))


@register.filter
def session_time(when: datetime | Timed, zone: str = "") -> str:
    """7:00. For an end that is stored in UTC: `session.ends_at|session_time:session.timezone`."""
    return dates.clock(_local(when, zone))


@register.filter
def session_hours(session: Lasting) -> str:
    """7:00〜8:20, 7:00–8:20; nothing where no hour is known."""
    if _is_day_only(session):
        return ""
    ends = session.ends_at.astimezone(ZoneInfo(session.timezone))
    return f"{dates.clock(_local(session))}{'–' if dates.language() == 'en' else '〜'}{dates.clock(ends)}"


@register.filter
def session_span(session: Lasting) -> str:
    """12月10日(木) 7:00〜8:20, Thu 10 Dec, 7:00–8:20."""
    if _is_day_only(session):
        return session_date(session)
    return f"{session_date(session)}{', ' if dates.language() == 'en' else ' '}{session_hours(session)}"


@register.filter
def session_when(when: datetime | Timed, with_year: str = "") -> str:
    """12月10日(木) 7:00, Thu 10 Dec, 7:00; the day alone where no hour is known."""
    if _is_day_only(when):
        return session_date(when, with_year)
    local, language = _local(when), dates.language()
    between = ", " if language == "en" else " "
    return f"{dates.day(local.date(), language, bool(with_year))}{between}{dates.clock(local)}"


@register.simple_tag
def seats(
    taken: int, capacity: int, *, came: bool = False, yours: bool = False, waiting: int = 0, note: str = ""
) -> SafeString:
    """The table from above, a plate for each seat, and how many are left (or `came`); `note` ends it."""
    return plates.table(taken, capacity, came=came, yours=yours, waiting=waiting, note=note)


@register.simple_tag
def seats_line(taken: int, capacity: int) -> SafeString:
    """The same in one line of small plates, for lists."""
    return plates.line(taken, capacity)


@register.simple_tag
def mix(counts: Sequence[tuple[str, int]]) -> SafeString:
    """Who sits at the table, by trade: one dot, one person; (label, how many) in any order."""
    return trades.chart(tuple((str(label), number) for label, number in counts), upright=dates.language() == "ja")


@register.simple_tag
def plot(rows: Sequence[tuple[str, int, int]], caption: str = "") -> SafeString:
    """Who came over time: (label, all, first-timers) per session, oldest first."""
    return numbers.bars(tuple((str(label), people, new) for label, people, new in rows), caption)


@register.filter
def unbroken(address: str) -> SafeString:
    """A postal address whose numbers stay together at the end of a line: 1-2-3."""
    parts = enumerate(HOUSE.split(address))
    return format_html_join(
        "", "{}", ((format_html('<span class="nowrap">{}</span>', p) if at % 2 else p,) for at, p in parts)
    )


@register.filter
def whole_days(text: object) -> SafeString:
    """A sentence whose dates stay whole at the end of a line: 12月10日(木). What has markup stays as it is."""
    html = conditional_escape(str(text))
    return html if "<" in html else SafeString(DAY.sub(r'<span class="nowrap">\1</span>', html))
