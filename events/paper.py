"""A sheet of A4 with Japanese on it. The door to fpdf2; its font is put into the file as far as it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noto_cjk_sans_jp_regular import FONT_PATH

if TYPE_CHECKING:
    from fpdf import FPDF

FONT = "noto"
# Greys and blues of static/css/tokens.css.
INK, SOFT, HAIR, BLUE = (28, 27, 33), (76, 73, 83), (222, 218, 209), (29, 67, 128)
POINT_MM = 0.3528


def paper(title: str, language: str) -> FPDF:
    """An empty document, millimetres on A4, without margins of its own."""
    # With its font fpdf2 takes 60 MB: only a process that prints needs it.
    from fpdf import FPDF  # noqa: PLC0415

    pdf = FPDF(format="A4")
    pdf.set_title(title)
    pdf.set_lang(language)
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.add_font(FONT, fname=str(FONT_PATH))
    return pdf


def write(
    pdf: FPDF,
    text: str,
    box: tuple[float, float, float],
    size: float,
    *,
    colour: tuple[int, int, int] = INK,
    align: str = "L",
    least: float = 7,
) -> None:
    """One line of text at (x, y) within a width in mm: smaller down to `least` points, then cut with an ellipsis.

    `y` is where the line's top is.
    """
    x, y, width = box
    pdf.set_text_color(*colour)
    pdf.set_font(FONT, size=size)
    while size > least and pdf.get_string_width(text) > width:
        size -= 0.5
        pdf.set_font_size(size)
    if pdf.get_string_width(text) > width:
        while text and pdf.get_string_width(f"{text}…") > width:
            text = text[:-1]
        text = f"{text}…"
    pdf.set_xy(x, y)
    pdf.cell(width, size * POINT_MM * 1.25, text, align=align)


def square(pdf: FPDF, says: str, x: float, y: float, side: float) -> None:
    """A QR code (ISO/IEC 18004) of that side in mm, without its quiet zone: leave four modules of white around."""
    # Where Pillow is installed, qrcode brings all of it: only who draws a square needs it.
    import qrcode  # noqa: PLC0415

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(says)
    code.make(fit=True)
    rows = code.get_matrix()
    module = side / len(rows)
    pdf.set_fill_color(*INK)
    for down, row in enumerate(rows):
        for start, length in _runs(row):
            pdf.rect(x + start * module, y + down * module, length * module, module, style="F")


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where dark modules begin in a row, and how many stand together."""
    found: list[tuple[int, int]] = []
    for at, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((at, 1))
    return found
