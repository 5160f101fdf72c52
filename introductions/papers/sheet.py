"""The list of those who take part (参加者名簿): A4, name with reading, trade, one line, table. No addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.paper import BLUE, HAIR, INK, SOFT, paper, write, write_name
from introductions.papers.people import Someone

if TYPE_CHECKING:
    from fpdf import FPDF

EDGE, TOP, BOTTOM, STEP = 16, 42, 280, 13.5
INNER = 210 - 2 * EDGE
# Where name, trade and one line, and the table begin, and how wide they are.
NAME, SAYS, TABLE = (EDGE, 56), (EDGE + 59, INNER - 59 - 14), (EDGE + INNER - 12, 12)


def pdf(people: Sequence[Someone], *, title: str, language: str, heading: str) -> bytes:
    """Those who let the room see their name; how many more come is said below, without names."""
    sheet = paper(title, language)
    shown = [someone for someone in people if someone.is_listed]
    others = len(people) - len(shown)
    y = float(BOTTOM)
    for someone in shown:
        if y + STEP > BOTTOM:
            y = _page(sheet, title, heading)
        write(sheet, someone.small, (NAME[0], y, NAME[1]), 7, colour=SOFT)
        write_name(sheet, someone.large, (NAME[0], y + 3.2, NAME[1]), 13)
        write(sheet, someone.line, (SAYS[0], y + 0.6, SAYS[1]), 9.5, colour=INK)
        write(sheet, someone.one_line, (SAYS[0], y + 5.2, SAYS[1]), 8.5, colour=SOFT)
        if someone.table:
            write(sheet, str(someone.table), (TABLE[0], y + 2.4, TABLE[1]), 12, colour=BLUE, align="R")
        y += STEP
        sheet.set_draw_color(*HAIR)
        sheet.set_line_width(0.15)
        sheet.line(EDGE, y - 2.6, EDGE + INNER, y - 2.6)
    if not shown or y + 8 > BOTTOM + 8:
        y = _page(sheet, title, heading)
    if others:
        more = ngettext("%(number)s more person comes.", "%(number)s more people come.", others)
        write(sheet, more % {"number": others}, (EDGE, y, INNER), 9, colour=SOFT)
    return bytes(sheet.output())


def _page(sheet: FPDF, title: str, heading: str) -> float:
    """A new sheet with its head; gives back where the first person stands."""
    sheet.add_page()
    write(sheet, heading, (EDGE, 14, INNER), 10, colour=BLUE)
    write(sheet, title, (EDGE, 20, INNER), 18, colour=INK)
    write(
        sheet,
        _("For this morning alone. Please take it home, and do not pass it on."),
        (EDGE, 30, INNER),
        8.5,
        colour=SOFT,
    )
    return TOP
