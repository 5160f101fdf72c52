"""The breakfast table from above: a plate for each seat."""

from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.pictures import NOTHING, SVG, drawn_once

TABLE_HOLDS = 32
TABLE_APART = 116
PLATES_AT_MOST = 128  # beyond, nobody counts; one bar tells more and weighs less


@drawn_once
def table(
    taken: int, capacity: int, *, came: bool = False, yours: bool = False, waiting: int = 0, note: str = ""
) -> SafeString:
    """Words and table. More people than seats (the host lowered the number) get a plate each all the same."""
    places = max(taken, capacity)
    free = max(capacity - taken, 0)
    return format_html(
        '<div class="seats"><p class="seats__words"><span class="seats__left">{}</span>'
        '<span class="soft">{}</span></p>{}</div>',
        _headline(taken, free, came, yours),
        note or _remark(capacity, free, came, waiting),
        _tables(taken, places, yours, _spoken(taken, capacity, came, yours)) if places else "",
    )


def _headline(taken: int, free: int, came: bool, yours: bool) -> SafeString:
    if came:
        return _with_figure(ngettext("%(figure)s came", "%(figure)s came", taken), taken)
    if yours:
        return format_html("{}", _("You have a seat"))
    if not free:
        return format_html("{}", _("Full"))
    return _with_figure(ngettext("%(figure)s seat left", "%(figure)s seats left", free), free)


def _with_figure(sentence: str, figure: int) -> SafeString:
    """The number is set large, wherever the sentence has it."""
    before, _figure, after = sentence.partition("%(figure)s")
    return format_html("{}<b>{}</b>{}", before, figure, after)


def _remark(capacity: int, free: int, came: bool, waiting: int) -> str:
    if came or not capacity:
        return ""
    if not free and waiting:
        return ngettext("%(waiting)d is waiting", "%(waiting)d are waiting", waiting) % {"waiting": waiting}
    return _("of %(capacity)d") % {"capacity": capacity}


def _spoken(taken: int, capacity: int, came: bool, yours: bool) -> str:
    numbers = {"taken": taken, "capacity": capacity, "free": max(capacity - taken, 0)}
    if came:
        return _("%(taken)d people sat at this table") % numbers
    if taken > capacity > 0:
        more = {"capacity": capacity, "more": taken - capacity}
        all_taken = _("All %(capacity)d seats are taken, and %(more)d more sit at the table") % more
        return f"{all_taken}. {_('The ring is yours')}" if yours else all_taken
    if yours:
        return _("%(taken)d of %(capacity)d seats taken. The ring is yours") % numbers
    return _("%(taken)d of %(capacity)d seats taken, %(free)d left") % numbers


def _tables(taken: int, places: int, yours: bool, spoken: str) -> SafeString:
    if places > PLATES_AT_MOST:
        return _bar(taken, places, spoken)
    tables = ceil(places / TABLE_HOLDS)
    pairs = ceil(places / tables / 2)
    width = 24 * pairs + 28
    drawn = format_html_join(
        "",
        '<rect class="seats__table" x="6" y="{}" width="{}" height="30" rx="4"/>{}',
        (
            (
                31 + TABLE_APART * table,
                width - 12,
                _plates(taken, range(first, min(first + 2 * pairs, places)), table, yours),
            )
            for table, first in enumerate(range(0, places, 2 * pairs))
        ),
    )
    return format_html(SVG, 0, width, TABLE_APART * (tables - 1) + 92, spoken, drawn)


def _plates(taken: int, seat_numbers: range, table: int, yours: bool) -> SafeString:
    """Left to right, both sides of the table; yours is the last one taken."""

    def state(seat: int) -> str:
        if yours and seat == taken - 1:
            return "yours"
        return "taken" if seat < taken else "free"

    return format_html_join(
        "",
        '<circle class="seats__{}" cx="{}" cy="{}" r="7"/>',
        (
            (state(seat), 26 + 24 * (place // 2), TABLE_APART * table + (76 if place % 2 else 16))
            for place, seat in enumerate(seat_numbers)
        ),
    )


def _bar(taken: int, places: int, spoken: str) -> SafeString:
    filled = format_html('<rect class="seats__taken" x="6" y="6" width="{}" height="30"/>', round(388 * taken / places))
    table = format_html('<rect class="seats__table" x="6" y="6" width="388" height="30"/>{}', filled)
    return format_html(SVG, 0, 400, 42, spoken, table)


@drawn_once
def line(taken: int, capacity: int) -> SafeString:
    """Small plates in one row; beyond what a line holds, nothing: the number stands beside it."""
    if not 0 < capacity <= TABLE_HOLDS:
        return NOTHING
    plates = format_html_join(
        "",
        '<circle class="seats__{}" cx="{}" cy="6" r="3.5"/>',
        (("taken" if seat < taken else "free", 5 + 9 * seat) for seat in range(capacity)),
    )
    return format_html(
        '<svg viewBox="0 0 {} 12" width="{}" height="12" role="img" aria-label="{}">{}</svg>',
        9 * capacity,
        9 * capacity,
        _("%(taken)d of %(capacity)d seats taken") % {"taken": taken, "capacity": capacity},
        plates,
    )
