"""Name badges: ten on a sheet, 91 × 55 mm, as the card sheets sold in every stationer's are cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from events.paper import BLUE, HAIR, INK, SOFT, paper, square, write, write_name
from introductions.papers.people import Someone

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH, HEIGHT, LEFT, TOP, COLUMNS, ROWS = 91, 55, 14, 11, 2, 5
EDGE, CODE, NAME = 6, 17, 25


def pdf(people: Sequence[Someone], *, title: str, language: str, heading: str, table_word: str) -> bytes:
    """A badge for each. `heading` is the morning; `table_word` says "Table 3" from `%(number)s`."""
    sheet = paper(title, language)
    for at, someone in enumerate(people):
        place = at % (COLUMNS * ROWS)
        if not place:
            sheet.add_page()
            _cuts(sheet)
        row, column = divmod(place, COLUMNS)
        table = table_word % {"number": someone.table} if someone.table else ""
        _badge(sheet, someone, (LEFT + column * WIDTH, TOP + row * HEIGHT), heading, table)
    return bytes(sheet.output())


def _badge(sheet: FPDF, someone: Someone, corner: tuple[float, float], heading: str, table: str) -> None:
    x, y = corner
    inner = WIDTH - 2 * EDGE
    write(sheet, heading, (x + EDGE, y + 5, inner), 8, colour=BLUE)
    write(sheet, someone.small, (x + EDGE, y + 12.5, inner), 9, colour=SOFT)
    write_name(sheet, someone.large, (x + EDGE, y + 17, inner), NAME)
    beside = inner - (CODE + 3 if someone.scan else 0)
    write(sheet, someone.line, (x + EDGE, y + 34, beside), 11, colour=INK)
    write(sheet, table or (someone.guest and someone.one_line), (x + EDGE, y + 43, beside), 10, colour=SOFT)
    if someone.scan:
        square(sheet, someone.scan, x + WIDTH - EDGE - CODE, y + HEIGHT - 5 - CODE, CODE)


def _cuts(sheet: FPDF) -> None:
    """Hairlines for who cuts by hand."""
    sheet.set_draw_color(*HAIR)
    sheet.set_line_width(0.1)
    for column in range(COLUMNS + 1):
        x = LEFT + column * WIDTH
        sheet.line(x, TOP, x, TOP + ROWS * HEIGHT)
    for row in range(ROWS + 1):
        y = TOP + row * HEIGHT
        sheet.line(LEFT, y, LEFT + COLUMNS * WIDTH, y)
