"""The sheet for the restaurant: A4, how many, what is not eaten by how many, the hours. No names of who comes."""

from __future__ import annotations

from collections.abc import Sequence

from events.paper import BLUE, HAIR, INK, SOFT, paper, write

EDGE, INNER, STEP = 18, 210 - 36, 11


def pdf(title: str, heading: str, number: str, rows: Sequence[tuple[str, str]], *, language: str, note: str) -> bytes:
    """One page: the number large, then a line for each of `rows` (what, how)."""
    sheet = paper(title, language)
    sheet.add_page()
    write(sheet, heading, (EDGE, 18, INNER), 11, colour=BLUE)
    write(sheet, title, (EDGE, 25, INNER), 18, colour=INK)
    write(sheet, number, (EDGE, 40, INNER), 40, colour=INK)
    y = 66.0
    sheet.set_draw_color(*HAIR)
    sheet.set_line_width(0.2)
    for what, how in rows:
        if y > 270:
            sheet.add_page()
            y = 20.0
        write(sheet, what, (EDGE, y, 44), 10, colour=SOFT)
        write(sheet, how, (EDGE + 46, y - 0.7, INNER - 46), 13, colour=INK)
        y += STEP
        sheet.line(EDGE, y - 3.2, EDGE + INNER, y - 3.2)
    write(sheet, note, (EDGE, y + 4, INNER), 9, colour=SOFT)
    return bytes(sheet.output())
