"""Figures drawn: columns one inside the other, period by period. Shapes here, words in the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import ceil

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from archive.figures import Figures, Periods
from events import dates
from members.industries import Industry

WIDTH, HEIGHT = 240, 100
WIDEST = 24  # a column
LABELS = 6  # words under the columns, at most, on a phone
SCALES = (4, 5, 6, 8, 10, 12, 16, 20, 24, 28, 32, 36)
Shape = tuple[str, str, str, str]  # x, y, width, height


@dataclass(frozen=True)
class Column:
    """One period: its label under the column, its whole name, and its numbers, each a part of the one before."""

    label: str
    name: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Chart:
    """A plot with the words around it. `code` makes the ids of a page unique."""

    code: str
    title: str
    note: str
    names: Sequence[str]
    columns: Sequence[Column]

    @cached_property
    def top(self) -> int:
        """Where the scale ends: round, and in four equal parts."""
        most = max(column.numbers[0] for column in self.columns)
        tops: set[int] = {scale * 10**power for power in range(len(str(most)) + 1) for scale in SCALES}
        return min(top for top in tops if top >= most and top % 4 == 0)

    @property
    def shapes(self) -> list[tuple[int, list[Shape]]]:
        """By number, the widest first: a bar for each column that has one."""
        step, unit = WIDTH / len(self.columns), HEIGHT / self.top
        return [
            (
                which,
                [
                    _shape(step * (n + 0.5), HEIGHT - unit * column.numbers[which], min(step * 0.7, WIDEST))
                    for n, column in enumerate(self.columns)
                    if column.numbers[which]
                ],
            )
            for which in range(len(self.names))
        ]

    @property
    def labels(self) -> list[str]:
        """Of so many columns every second, third … has its word."""
        every = ceil(len(self.columns) / LABELS)
        return [column.label if n % every == 0 else "" for n, column in enumerate(self.columns)]

    @property
    def spoken(self) -> str:
        """What one sees at a glance."""
        most = max(self.columns, key=lambda column: column.numbers[0])
        return _("From %(first)s to %(last)s; the most in %(most)s: %(number)d") % {
            "first": self.columns[0].name,
            "last": self.columns[-1].name,
            "most": most.name,
            "number": most.numbers[0],
        }


@dataclass(frozen=True)
class Bar:
    """A trade: people, each time, and how long their bars are, in hundredths."""

    label: str
    people: int
    came: int
    length: str
    whole: str


def charts(figures: Figures) -> list[Chart]:
    """What there is to be drawn; nothing of what nobody has been counted for."""
    drawn = [
        (
            "came",
            figures.came,
            _("People who came, over time"),
            _("Each time counted, and everybody once in each period."),
            (_("Each time counted"), _("Everybody once")),
        ),
        (
            "newcomers",
            figures.newcomers,
            _("Who came for the first time, and again"),
            _("By when they first came; how often is counted until today. Friends who came along are not in it."),
            (_("Came once"), _("Came twice"), _("Came five times")),
        ),
        (
            "guests",
            figures.guests,
            _("Guests"),
            _("All guests, and those who had not been there before."),
            (_("All guests"), _("For the first time")),
        ),
        (
            "seats",
            figures.seats,
            _("Seats left empty without a word"),
            _("Only hosts see this. Of lists that are closed."),
            (_("All seats"), _("Empty without a word")),
        ),
    ]
    return [
        Chart(code, title, note, names, _columns(periods, len(names), by_month=figures.by_month))
        for code, periods, title, note, names in drawn
        if periods
    ]


def bars(figures: Figures) -> list[Bar]:
    """A bar for each trade, each time counted, and in it the people."""
    most = max((came for _code, _people, came in figures.trades), default=1)
    return [
        Bar(str(Industry(code).label), people, came, f"{100 * people / most:.4g}", f"{100 * came / most:.4g}")
        for code, people, came in figures.trades
    ]


def _columns(periods: Periods, numbers: int, *, by_month: bool) -> list[Column]:
    """Every period from the first to the last, also those in which nothing was."""
    day, last, found = min(periods), max(periods), []
    while day <= last:
        found.append(_column(day, periods.get(day, (0,) * numbers), by_month=by_month))
        later = day.month % 12 + 1 if by_month else 1
        day = date(day.year + (later == 1), later, 1)
    return found


def _column(day: date, numbers: tuple[int, ...], *, by_month: bool) -> Column:
    english = get_language() == "en"
    if not by_month:
        return Column(str(day.year), str(day.year) if english else f"{day.year}年", numbers)
    month = dates.MONTHS[day.month - 1] if english else f"{day.month}月"
    return Column(month, f"{month} {day.year}" if english else f"{day.year}年{month}", numbers)


def _shape(middle: float, y: float, width: float) -> Shape:
    return f"{middle - width / 2:.4g}", f"{y:.4g}", f"{width:.4g}", f"{HEIGHT - y:.4g}"
