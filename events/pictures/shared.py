"""The picture that goes along when somebody passes on the address of a session: 1200 × 630 (https://ogp.me)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from noto_cjk_sans_jp_regular import FONT_PATH

from events import latin

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, EDGE = 1200, 630, 84
TEXT_LEFT, TEXT_WIDTH = 372, WIDTH - 372 - EDGE
# The values of static/css/tokens.css by day.
PAPER, SUMI, SOFT, HAIR, AI, SHU = "#fcfbf8", "#1c1b21", "#4c4953", "#dedad1", "#1d4380", "#c9391a"
# What may not stand at the beginning of a line, and what not at its end (JIS X 4051).
NOT_FIRST, NOT_LAST = "、。，．・：；？！」』）】〕〉》ーァィゥェォッャュョ々〜,.:;?!)]}…", "「『（【〔〈《([{"
# Words with letters of the second font.
OTHER_LATIN = re.compile(r"([!-\u1fff]*[\u0100-\u024f\u0370-\u052f\u1e00-\u1e9f][!-\u1fff]*)")
# Latin words stay whole; a Japanese line breaks between any two characters that allow it.
PIECE = re.compile(r"[!-~À-ɏ‘-”–—]+[ ]*|[ \u3000]+|.", re.DOTALL)
TITLE_SIZES, TITLE_LINES = (68, 58, 50), 3
# Nothing of the text comes lower than this.
BOTTOM = HEIGHT - EDGE - 64
# The cover stands on the right, at most so large, and the text keeps so far from it.
COVER, BESIDE = (232, 350), 40


@dataclass(frozen=True)
class Shared:
    """What the picture says. `date` is what stands on the left, from above to below."""

    date: tuple[str, str, str, str]  # month, day, weekday, clock
    series: str
    title: str
    who: str
    club: str
    # Where the cover of the book is stored, if somebody gave one.
    cover: str = ""


def png(shared: Shared) -> bytes:
    """Draw it: about 80 ms and 25 KB, with a cover 100 KB."""
    # Pillow alone is 15 MB: only a process that draws needs it.
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    width = TEXT_WIDTH
    if cover := _cover(shared.cover):
        width -= cover.width + BESIDE
        at = (WIDTH - EDGE - cover.width, EDGE)
        image.paste(cover, at)
        draw.rectangle((at[0], at[1], at[0] + cover.width - 1, at[1] + cover.height - 1), outline=HAIR)

    def font(size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(FONT_PATH), size, layout_engine=ImageFont.Layout.BASIC)

    _date(draw, shared.date, font(40), font(148))
    draw.line((TEXT_LEFT - 48, EDGE + 6, TEXT_LEFT - 48, BOTTOM), fill=HAIR, width=2)
    draw.text((TEXT_LEFT, EDGE - 6), broken(draw, shared.series, font(32), 1, width)[0], font=font(32), fill=AI)
    top = _title(draw, shared.title, [font(size) for size in TITLE_SIZES], width)
    for line in broken(draw, shared.who, font(38), max((BOTTOM - top) // 54, 1), width):
        _write(draw, (TEXT_LEFT, top), line, font(38), SOFT)
        top += 54
    mark = Image.new("RGB", (4 * 84, 4 * 60), PAPER)
    _mark(ImageDraw.Draw(mark))
    image.paste(mark.resize((84, 60), Image.Resampling.LANCZOS), (EDGE, HEIGHT - EDGE - 26))
    draw.text((EDGE + 108, HEIGHT - EDGE + 12), shared.club, font=font(30), fill=SOFT, anchor="lm")
    buffer = BytesIO()
    colours = 256 if cover else 64
    image.quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _cover(stored: str) -> Image.Image | None:
    """The cover as large as there is room for it; none where the file is gone."""
    from PIL import Image  # noqa: PLC0415 - as above

    if not stored:
        return None
    try:
        with default_storage.open(stored) as file, Image.open(file, formats=["JPEG"]) as picture:
            picture.load()
            whole = picture.convert("RGB")
    except OSError:
        return None
    scale = min(COVER[0] / whole.width, COVER[1] / whole.height)
    return whole.resize((round(whole.width * scale), round(whole.height * scale)), Image.Resampling.LANCZOS)


def broken(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, lines: int, width: int = TEXT_WIDTH
) -> list[str]:
    """The text in at most so many lines of this width; what is too long ends with an ellipsis."""
    found, line = [], ""
    for piece in PIECE.findall(text.strip()):
        if line and draw.textlength((line + piece).rstrip(), font=font) > width and piece not in NOT_FIRST:
            kept = line.rstrip(NOT_LAST) or line
            found.append(kept.rstrip())
            line = line[len(kept) :]
        line += piece if line else piece.lstrip()
    found.append(line.rstrip())
    if len(found) <= lines:
        return found
    last = found[lines - 1]
    while last and draw.textlength(f"{last}…", font=font) > width:
        last = last[:-1]
    return [*found[: lines - 1], f"{last}…"]


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, font: ImageFont.FreeTypeFont, fill: str) -> None:
    """One line from its top left; other letters stand on the same line of writing."""
    from PIL import ImageFont  # noqa: PLC0415 - as in png

    x, y = float(at[0]), at[1] + font.getmetrics()[0]
    other = ImageFont.truetype(latin.FONT_PATH, font.size * latin.LARGER, layout_engine=ImageFont.Layout.BASIC)
    for place, part in enumerate(OTHER_LATIN.split(text)):
        used = other if place % 2 else font
        draw.text((x, y), part, font=used, fill=fill, anchor="ls")
        x += draw.textlength(part, font=used)


def _date(
    draw: ImageDraw.ImageDraw,
    date: tuple[str, str, str, str],
    small: ImageFont.FreeTypeFont,
    large: ImageFont.FreeTypeFont,
) -> None:
    month, day, weekday, clock = date
    middle = (EDGE + TEXT_LEFT - 48) // 2
    draw.text((middle, EDGE), month, font=small, fill=SUMI, anchor="ma")
    draw.text((middle, EDGE + 50), day, font=large, fill=SUMI, anchor="ma")
    draw.text((middle, EDGE + 250), weekday, font=small, fill=SUMI, anchor="ma")
    draw.text((middle, EDGE + 312), clock, font=small, fill=SUMI, anchor="ma")


def _title(draw: ImageDraw.ImageDraw, title: str, fonts: list[ImageFont.FreeTypeFont], width: int) -> int:
    """The title as large as it fits; gives back where the next thing may stand."""
    for font in fonts:
        lines = broken(draw, title, font, TITLE_LINES, width)
        if not lines[-1].endswith("…"):
            break
    top, step = EDGE + 56, int(font.size * 1.4)
    for line in lines:
        _write(draw, (TEXT_LEFT, top), line, font, SUMI)
        top += step
    return top + 18


def _mark(draw: ImageDraw.ImageDraw) -> None:
    """The sun over the water, four times as large as it is shown."""
    draw.pieslice((52, 8, 276, 232), 180, 360, fill=SHU)
    draw.line((4, 124, 332, 124), fill=AI, width=16)
    draw.line((76, 184, 260, 184), fill=AI, width=16)
