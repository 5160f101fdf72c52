"""A card for each table: A4, folded in the middle to stand, the same on both sides, names in large type."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from events.paper import BLUE, HAIR, SOFT, paper, write, write_name
from introductions.papers.people import Someone

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH, HALF, EDGE = 210, 148.5, 18
NAMES_TOP, NAMES_BOTTOM = 44, HALF - 12


def pdf(people: Sequence[Someone], *, title: str, language: str, heading: str, table_word: str) -> bytes:
    """One sheet for each table there is; nobody without a table stands on one."""
    sheet = paper(title, language)
    placed = sorted((someone for someone in people if someone.table), key=lambda someone: someone.table)
    for number, there in groupby(placed, key=lambda someone: someone.table):
        names = list(there)
        sheet.add_page()
        # The upper half stands on its head: folded, both sides read from the table.
        with sheet.rotation(180, WIDTH / 2, HALF / 2):
            _side(sheet, 0, table_word % {"number": number}, heading, names)
        _side(sheet, HALF, table_word % {"number": number}, heading, names)
        sheet.set_draw_color(*HAIR)
        sheet.line(0, HALF, 6, HALF)
        sheet.line(WIDTH - 6, HALF, WIDTH, HALF)
    if not sheet.pages:
        sheet.add_page()
    return bytes(sheet.output())


def _side(sheet: FPDF, top: float, table: str, heading: str, names: Sequence[Someone]) -> None:
    inner = WIDTH - 2 * EDGE
    write(sheet, table, (EDGE, top + 12, inner), 40, colour=BLUE)
    write(sheet, heading, (EDGE, top + 17, inner), 11, colour=SOFT, align="R")
    step = min((NAMES_BOTTOM - NAMES_TOP) / len(names), 20)
    size = min(step / 0.3528 * 0.62, 30)
    for at, someone in enumerate(names):
        y = top + NAMES_TOP + at * step
        write_name(sheet, someone.large, (EDGE, y, inner * 0.55), size)
        write(sheet, someone.line, (EDGE + inner * 0.58, y + step * 0.2, inner * 0.42), size * 0.5, colour=SOFT)
