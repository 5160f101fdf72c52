"""Who sits at the table, by trade: one dot, one person."""

from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from events.pictures import NOTHING, SVG, drawn_once

TRADES_AT_MOST = 10
DOTS_AT_MOST = 20

Trade = tuple[str, int]


@drawn_once
def chart(counts: tuple[Trade, ...], *, upright: bool) -> SafeString:
    """Trades from the largest on, the small ones joined: columns over upright labels, or rows."""
    trades = _joined([(label, number) for label, number in counts if number > 0])
    if not trades:
        return NOTHING
    top, height, shapes = _columns(trades) if upright else _rows(trades)
    return format_html(
        '<figure class="mix">{}</figure>', format_html(SVG, top, 352, height, _trades_spoken(trades), shapes)
    )


def _joined(trades: list[Trade]) -> list[Trade]:
    ordered = sorted(trades, key=lambda trade: -trade[1])
    if len(ordered) <= TRADES_AT_MOST:
        return ordered
    kept, rest = ordered[: TRADES_AT_MOST - 1], ordered[TRADES_AT_MOST - 1 :]
    return [*kept, (_("Others"), sum(number for _label, number in rest))]


def _trades_spoken(trades: Sequence[Trade]) -> str:
    people = sum(number for _label, number in trades)
    one = _("%(trade)s %(number)d")
    return ngettext("%(people)d person: %(trades)s", "%(people)d people: %(trades)s", people) % {
        "people": people,
        "trades": pgettext("between trades", ", ").join(
            one % {"trade": label, "number": number} for label, number in trades
        ),
    }


def _columns(trades: Sequence[Trade]) -> tuple[int, int, SafeString]:
    """Dots stand on a line, 20 apart (closer where a column would leave the page); letters hang below it."""
    highest = max(number for _label, number in trades)
    apart = min(20, 200 / highest)
    top = min(round(60 - apart * (highest - 1)), 60)
    longest = max(len(_letters(label)) for label, _number in trades)
    shapes = format_html_join(
        "",
        "{}{}",
        (
            (
                _dots(((19 + 35 * n, 76 - apart * k) for k in range(number)), min(7.5, apart * 0.375))
                if highest <= DOTS_AT_MOST
                else _column(19 + 35 * n, round(200 * number / highest)),
                _upright(19 + 35 * n, label),
            )
            for n, (label, number) in enumerate(trades)
        ),
    )
    line = format_html('<line x1="2" y1="88.5" x2="{}" y2="88.5"/>{}', 35 * len(trades), shapes)
    top = top if highest <= DOTS_AT_MOST else -120
    return top, 118 + 15 * (longest - 1) - top, line


def _dots(places: Iterable[tuple[float, float]], radius: float) -> SafeString:
    return format_html_join(
        "", '<circle cx="{}" cy="{}" r="{}"/>', ((f"{x:g}", f"{y:g}", f"{radius:g}") for x, y in places)
    )


def _column(x: int, height: int) -> SafeString:
    return format_html('<rect x="{}" y="{}" width="15" height="{}"/>', x - 7.5, 84 - height, height)


def _letters(label: str) -> list[str]:
    """One full-width character a line, Latin words whole; the long vowel's bar stands upright too."""
    letters: list[str] = []
    for character in label.replace("ー", "︱"):
        if letters and character.isascii() and letters[-1].isascii():
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _upright(x: int, label: str) -> SafeString:
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        ((x, 108 + 15 * n, letter) for n, letter in enumerate(_letters(label))),
    )


def _rows(trades: Sequence[Trade]) -> tuple[int, int, SafeString]:
    """Labels end at a line, dots begin after it; the labels have the room that the longest asks for."""
    highest = max(number for _label, number in trades)
    edge = max(112.5, 6.9 * max(len(label) for label, _number in trades) + 14.5)
    room = 352 - edge - 8
    apart = min(20, room / highest)

    def row(n: int, label: str, number: int) -> tuple[float, float, str, SafeString]:
        middle = 17 + 26 * n
        shapes = (
            _dots(((edge + 15.5 + apart * k, middle) for k in range(number)), min(7, apart * 0.35))
            if highest <= DOTS_AT_MOST
            else format_html(
                '<rect x="{}" y="{}" width="{}" height="14"/>',
                edge,
                middle - 7,
                round(room * number / highest),
            )
        )
        return edge - 12.5, middle + 4.5, label, shapes

    body = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text>{}',
        (row(n, label, number) for n, (label, number) in enumerate(trades)),
    )
    height = 26 * len(trades) + 8
    return 0, height, format_html('<line x1="{}" y1="2" x2="{}" y2="{}"/>{}', edge, edge, height - 2, body)
