"""Attendance over time: a bar a morning, the first-timers darker."""

from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from events.pictures import NOTHING, drawn_once

Row = tuple[str, int, int]
FIGURE = (
    '<figure class="plot"><figcaption>{}</figcaption><svg viewBox="0 0 240 100" preserveAspectRatio="none" '
    'role="img" aria-label="{}">{}<line class="plot__base" x1="0" x2="240" y1="100" y2="100"/></svg>'
    '<p class="plot__scale"><span>{}</span><span>{}</span></p>'
    '<p class="plot__key"><span><i class="plot__dark"></i>{}</span><span><i></i>{}</span></p></figure>'
)
BAR = (
    '<rect x="{0}" y="{1}" width="{2}" height="{3}"/><rect class="plot__new" x="{0}" y="{4}" width="{2}" height="{5}"/>'
)
GRID = '<line x1="0" x2="240" y1="{0}" y2="{0}"/>'


@drawn_once
def bars(rows: tuple[Row, ...], caption: str = "") -> SafeString:
    """Bars stretch with the page, words do not: the words are HTML."""
    if not rows:
        return NOTHING
    caption = caption or _("Who came, the last %(number)d mornings") % {"number": len(rows)}
    return format_html(
        FIGURE,
        caption,
        _spoken(caption, rows),
        format_html("{}{}", format_html_join("", GRID, ((y,) for y in (75, 50, 25))), _drawn(rows)),
        _scale(rows[0]),
        _scale(rows[-1]),
        _("First time"),
        _("Came before"),
    )


def _scale(row: Row) -> str:
    return _("%(when)s, %(number)d people") % {"when": row[0], "number": row[1]}


def _spoken(caption: str, rows: tuple[Row, ...]) -> str:
    news = [new for _label, _all, new in rows]
    return _("%(caption)s: first %(first)d, now %(last)d, of them new each time %(least)d to %(most)d") % {
        "caption": caption,
        "first": rows[0][1],
        "last": rows[-1][1],
        "least": min(news),
        "most": max(news),
    }


def _drawn(rows: tuple[Row, ...]) -> SafeString:
    """The scale ends at the next multiple of five, so that bars of two pages can be compared by eye."""
    unit = 100 / (5 * max(1, ceil(max(people for _label, people, _new in rows) / 5)))
    step = 240 / len(rows)
    return format_html_join(
        "",
        BAR,
        (
            tuple(
                f"{x:.4g}"
                for x in (
                    step * (n + 0.15),
                    100 - unit * people,
                    step * 0.7,
                    unit * people,
                    100 - unit * new,
                    unit * new,
                )
            )
            for n, (_label, people, new) in enumerate(rows)
        ),
    )
