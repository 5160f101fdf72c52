"""The cover of a book as somebody gave it: a small JPEG whose file is called after what is in it and how large it is.

So its address changes with the picture, and a page knows its shape without opening it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import photos

if TYPE_CHECKING:
    from speakers.models import Book

# Shown 72 to 152 pixels wide, on screens of two or three dots to the pixel: about 25 KB.
LONGEST_SIDE = 480
# Less is a thumbnail of a shop, or the dot that stands for "no picture".
SHORTEST_SIDE = 60
TOO_SMALL = _("This picture is too small for a cover. Please send one of at least %(pixels)d pixels each way.")
CALLED = re.compile(r"covers/([0-9a-f]{32})-([0-9]+)x([0-9]+)")


@dataclass(frozen=True)
class Shown:
    """A cover as a page shows it."""

    url: str
    width: int
    height: int


def file_name(_row: Model, name: str) -> str:
    """Where a cover lies, once `put` has called it."""
    return f"covers/{name}"


def large_enough(picture: ContentFile[bytes]) -> ContentFile[bytes]:
    """The same picture. Raises ValidationError for one that is no cover but a dot."""
    if min(photos.size(picture)) < SHORTEST_SIDE:
        raise ValidationError(TOO_SMALL, params={"pixels": SHORTEST_SIDE})
    return picture


def read(body: bytes) -> ContentFile[bytes]:
    """A picture from elsewhere, written anew as a cover. Raises ValidationError where it is none."""
    return large_enough(ContentFile(photos.rewritten(ContentFile(body), longest=LONGEST_SIDE)))


def put(book: Book, picture: ContentFile[bytes] | None) -> None:
    """The cover of a book from now on, or none any more. The caller holds the book."""
    name = ""
    if picture is not None:
        picture.seek(0)
        mark = hashlib.blake2b(picture.read(), digest_size=16).hexdigest()
        name = "{}-{}x{}.jpg".format(mark, *photos.size(picture))
    photos.put(book, "cover", picture, name=name)


def mark(stored: str) -> str:
    """What a cover's address is told from the next one's by."""
    found = CALLED.match(stored)
    return found[1] if found else ""


def shown(code: str, stored: str, url: str = "") -> Shown | None:
    """The cover of the book with this code, at its own address or another; None where it has none."""
    found = CALLED.match(stored)
    if found is None:
        return None
    return Shown(url or reverse("book_cover", args=[code, found[1]]), int(found[2]), int(found[3]))


@dataclass(frozen=True)
class Held:
    """A cover that is not kept yet: it goes along in the form until the book is."""

    text: str

    @classmethod
    def of(cls, picture: ContentFile[bytes]) -> Held:
        picture.seek(0)
        return cls(base64.b64encode(picture.read()).decode())

    def picture(self) -> ContentFile[bytes] | None:
        """It came back from a browser: read like any other picture, or nothing."""
        try:
            return read(base64.b64decode(self.text, validate=True))
        except (binascii.Error, ValueError, ValidationError):
            return None

    @property
    def shown(self) -> Shown:
        width, height = photos.size(ContentFile(base64.b64decode(self.text)))
        return Shown(f"data:image/jpeg;base64,{self.text}", width, height)
