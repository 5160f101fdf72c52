"""How the club grows together: pairs that know each other, over its mornings. A plot, never a graph of people.

Two know each other from the first closed list that had both; where both had a table, from the first they shared.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from events import dates
from events.models import Attendance, Series
from introductions.table_seats import TableSeat

# Of fewer people a number would be about somebody.
PEOPLE_AT_LEAST = 5
BARS = 24
FIGURE = (
    '<figure class="plot"><figcaption>{}</figcaption><svg viewBox="0 0 240 100" preserveAspectRatio="none" '
    'role="img" aria-label="{}">{}<line class="plot__base" x1="0" x2="240" y1="100" y2="100"/></svg>'
    '<p class="plot__scale"><span>{}</span><span>{}</span></p>'
    '<p class="plot__key"><span><i class="plot__dark"></i>{}</span><span><i></i>{}</span></p></figure>'
)
BAR = (
    '<rect x="{0}" y="{1}" width="{2}" height="{3}"/><rect class="plot__new" x="{0}" y="{4}" width="{2}" height="{5}"/>'
)


@dataclass(frozen=True)
class Point:
    """After one morning: pairs that know each other by then, and those of them of two trades."""

    day: str
    pairs: int
    across: int


def of(series: Series) -> list[Point]:
    """Morning by morning, the oldest first; nothing while fewer than five people have come. Two queries."""
    came = Attendance.objects.came().filter(session__series=series, session__roster_closed_at__isnull=False)
    came = came.filter(member__isnull=False).order_by("session__starts_at", "session", "member")
    seats = TableSeat.objects.filter(session__series=series, rsvp__member__isnull=False).order_by()
    table_of = {
        (session, one): table for session, one, table in seats.values_list("session", "rsvp__member", "table_no")
    }
    there: dict[tuple[int, str], dict[int, str]] = defaultdict(dict)
    for row in came.select_related("session", "member"):
        day = dates.day(row.session.local_start.date(), dates.language(), year=True)
        assert row.member is not None  # noqa: S101 - filtered above
        there[row.session_id, day][row.member.pk] = row.member.industry
    if len({one for people in there.values() for one in people}) < PEOPLE_AT_LEAST:
        return []
    known: dict[tuple[int, int], bool] = {}
    points = []
    for (session, day), people in there.items():
        for a, b in combinations(sorted(people), 2):
            if len({table_of.get((session, one)) for one in (a, b)} - {None}) < 2:
                known.setdefault((a, b), people[a] != people[b] and "" not in {people[a], people[b]})
        points.append(Point(day, len(known), sum(known.values())))
    return points


def picture(points: list[Point]) -> SafeString:
    """A bar a morning, the last ones; of two trades darker. Its sentence says the same."""
    shown = points[-BARS:]
    if not shown:
        return SafeString("")
    step, unit = 240 / len(shown), 100 / max(1, shown[-1].pairs)
    bars = [
        (
            step * (n + 0.15),
            100 - unit * one.pairs,
            step * 0.7,
            unit * one.pairs,
            100 - unit * one.across,
            unit * one.across,
        )
        for n, one in enumerate(shown)
    ]
    words = [_("%(day)s: %(n)d pairs") % {"day": one.day, "n": one.pairs} for one in (shown[0], shown[-1])]
    spoken = _("From %(first)d to %(last)d pairs that know each other, %(across)d of them of two trades.") % {
        "first": shown[0].pairs,
        "last": shown[-1].pairs,
        "across": shown[-1].across,
    }
    drawn = format_html_join("", BAR, (tuple(f"{x:.4g}" for x in bar) for bar in bars))
    caption = _("Pairs that know each other")
    return format_html(FIGURE, caption, spoken, drawn, *words, _("Of two trades"), _("Of one trade"))
