"""A sheet of A4 with Japanese on it. The door to fpdf2; its fonts are put into the file as far as they are used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, cast

from noto_cjk_sans_jp_regular import FONT_PATH

from events import latin

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

FONT = "noto"
LATIN = "latin"
# Where a long name may be broken: after a space, after the dots and lines of names in katakana.
PARTS = re.compile(r"[^\s・＝゠]+[\s・＝゠]*")
# What stands together in one font: Latin, Greek and Cyrillic words apart from the rest.
WORD = re.compile(r"[!-\u1fff]+|[^!-\u1fff]+")
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
    pdf.add_font(LATIN, fname=latin.FONT_PATH)
    return pdf


def measure(pdf: FPDF, text: str, size: float) -> float:
    """How wide a line of text is in mm, at a size in points."""
    return sum(width for _font, _points, _part, width in _parts(pdf, text, size))


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
    while size > least and measure(pdf, text, size) > width:
        size -= 0.5
    if measure(pdf, text, size) > width:
        while text and measure(pdf, f"{text}…", size) > width:
            text = text[:-1]
        text = f"{text}…"
    pdf.set_text_color(*colour)
    x += {"L": 0.0, "C": 0.5, "R": 1.0}[align] * (width - measure(pdf, text, size))
    for font, points, part, wide in _parts(pdf, text, size):
        pdf.set_font(font, size=points)
        pdf.text(x, y + size * POINT_MM * 0.925, part)
        x += wide


def write_name(pdf: FPDF, name: str, box: tuple[float, float, float], size: float) -> None:
    """A name too long for one large line stands in two smaller ones, as even as its words and its dots allow."""
    x, y, width = box
    words = PARTS.findall(name)
    if len(words) < 2 or measure(pdf, name, size * 0.7) <= width:
        write(pdf, name, box, size, least=5)
        return
    ways = [("".join(words[:at]).strip(), "".join(words[at:]).strip()) for at in range(1, len(words))]
    for at, line in enumerate(min(ways, key=lambda way: max(measure(pdf, line, size) for line in way))):
        write(pdf, line, (x, y + at * size * 0.34, width), size * 0.62, least=5)


def _parts(pdf: FPDF, text: str, size: float) -> Iterator[tuple[str, float, str, float]]:
    """The line in as few parts as fonts allow: each with its font, its size in points there, and its width in mm."""
    for is_latin, words in groupby(WORD.findall(text), lambda word: _needs_latin(pdf, word)):
        part = "".join(words)
        font, points = (LATIN, size * latin.LARGER) if is_latin else (FONT, size)
        pdf.set_font(font, size=points)
        yield font, points, part, pdf.get_string_width(part)


def _needs_latin(pdf: FPDF, word: str) -> bool:
    japanese, latin = (cast("TTFFont", pdf.fonts[font]).cmap for font in (FONT, LATIN))
    return any(ord(letter) not in japanese for letter in word) and all(ord(letter) in latin for letter in word)


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
