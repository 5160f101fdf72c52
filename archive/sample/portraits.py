"""Faces of some of the sample's people: cut paper in the dyes of the club. They are nobody's, like the names."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, TypedDict

from django.core.files.base import ContentFile

from archive.sample.data import read
from members.models import Member
from members.tones import TONES, tone

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

# Drawn on a square of a hundred units, twice as large as it is kept.
UNIT = 10
SUN, GLASSES = "#f7f3ea", "#2b2a30"
# The wash behind somebody and the cloth, by tone: static/css/tokens.css.
WASHES = ("#dce6f1", "#f2dfe0", "#dce9df", "#f1e3d5", "#e6e1f0", "#d8e8e9", "#f2e8c8", "#e6e4e2")
CLOTHS = ("#213f63", "#6e2838", "#2d5340", "#623f24", "#4c4070", "#264a51", "#59440f", "#3a3842")
# A skin, and the same in the shade of the chin.
SKINS = (("#f0d3b8", "#dcb899"), ("#e6c3a2", "#d0a784"), ("#d9b08c", "#c3946f"))
HAIRS = {"black": "#1d1a1f", "brown": "#4a3a31", "grey": "#8d8a8c", "fair": "#c9a86a"}
# Where the hair ends beside the face, and the line along which it begins.
ENDS = {"short": 46, "bun": 45, "parted": 44, "bob": 58, "long": 58}
PARTING = (33, 60, 33, 42, 41, 31, 64, 37, 67, 42, 67, 60)
FRINGE = (34, 76, 34, 44, 57, 30, 66, 43, 66, 76)


class Look(TypedDict):
    """How somebody is drawn: one of ENDS or bald, one of HAIRS, a skin from 0."""

    hair: str
    colour: str
    skin: int
    glasses: bool


def hang() -> None:
    """Give those of portraits.toml their photo; it goes as far as the rest of what they tell."""
    looks: dict[str, Look] = read("portraits")
    for member in Member.objects.get_queryset().filter(name__in=looks).order_by("pk"):
        member.put_photo(ContentFile(drawn(member.name, looks[member.name])))


def drawn(name: str, look: Look) -> bytes:
    """A face without features as a PNG."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - no process holds it that draws nothing

    dye = tone(name) - 1
    picture = Image.new("RGB", (100 * UNIT, 100 * UNIT), WASHES[dye])
    pen = ImageDraw.Draw(picture)
    skin, shade = SKINS[look["skin"]]
    pen.ellipse(_at(58, -6, 112, 48), fill=SUN)
    _behind(pen, look["hair"], HAIRS[look["colour"]])
    pen.ellipse(_at(12, 73, 88, 150), fill=CLOTHS[(dye + 3) % TONES])
    pen.rounded_rectangle(_at(42, 58, 58, 78), 6 * UNIT, fill=shade)
    pen.polygon(_at(39, 75.5, 50, 88, 61, 75.5, 58, 73, 42, 73), fill=shade)
    pen.ellipse(_at(31, 20, 69, 71), fill=skin)
    if look["hair"] in ENDS:
        picture.paste(HAIRS[look["colour"]], (0, 0), _crown(picture, look["hair"]))
    if look["glasses"]:
        for left in (36, 52):
            pen.ellipse(_at(left, 44, left + 12, 56), outline=GLASSES, width=UNIT)
        pen.line(_at(47.5, 49, 52.5, 49), fill=GLASSES, width=UNIT)
    body = io.BytesIO()
    picture.save(body, "PNG")
    return body.getvalue()


def _behind(pen: ImageDraw.ImageDraw, hair: str, colour: str) -> None:
    """What of the hair is seen around the head."""
    if hair == "long":
        pen.rounded_rectangle(_at(28, 19, 72, 84), 22 * UNIT, fill=colour)
    elif hair == "bob":
        pen.rounded_rectangle(_at(27, 19, 73, 62), 20 * UNIT, fill=colour)
    elif hair == "bun":
        pen.ellipse(_at(41, 6, 59, 24), fill=colour)
    elif hair == "bald":
        for left in (29, 65):
            pen.ellipse(_at(left, 38, left + 6, 53), fill=colour)


def _crown(picture: Image.Image, hair: str) -> Image.Image:
    """Where hair lies upon the face."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - as above

    mask = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(mask)
    pen.ellipse(_at(29, 16, 71, 66), fill=255)
    pen.rectangle(_at(0, ENDS[hair], 100, 100), fill=0)
    if hair in {"short", "bun"}:
        pen.ellipse(_at(33, 31, 67, 76), fill=0)
    else:
        pen.polygon(_at(*(PARTING if hair == "parted" else FRINGE)), fill=0)
    return mask


def _at(*units: float) -> list[float]:
    return [unit * UNIT for unit in units]
