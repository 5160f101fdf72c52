"""A table of the plan from above: a plate for each person, in the colour of their trade."""

from collections.abc import Sequence
from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from introductions.seating import Chair

STEP, PLATE, TOP, HIGH = 44, 17, 34, 40


def table(number: int, people: Sequence[Chair]) -> SafeString:
    """Both sides of the table; a ring is somebody's first time."""
    width = STEP * ceil(len(people) / 2) + 20
    spoken = _("Table %(number)d: %(people)d people, %(trades)d trades") % {
        "number": number,
        "people": len(people),
        "trades": len({chair.industry for chair in people if chair.industry}),
    }
    return format_html(
        '<svg class="table-plan__drawing" viewBox="0 0 {} {}" width="{}" role="img" aria-label="{}">'
        '<rect class="table-plan__top" x="6" y="{}" width="{}" height="{}" rx="4"/>{}</svg>',
        width,
        2 * TOP + HIGH + 8,
        width,
        spoken,
        TOP + 4,
        width - 12,
        HIGH,
        _plates(people),
    )


def _plates(people: Sequence[Chair]) -> SafeString:
    """Left to right, both sides."""
    return format_html_join(
        "",
        '<g class="tone-{}"><circle class="table-plan__plate{}" cx="{}" cy="{}" r="{}"/>'
        '<text class="table-plan__seal" x="{}" y="{}">{}</text></g>',
        (
            (chair.tone, " table-plan__plate--new" if chair.first_time else "", x, y, PLATE, x, y, chair.name[:1])
            for chair, x, y in (
                (chair, STEP // 2 + 10 + STEP * (place // 2), TOP + 4 + (HIGH + 13 if place % 2 else -13))
                for place, chair in enumerate(people)
            )
        ),
    )
