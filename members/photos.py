"""Photos somebody sends: read within limits, turned upright, made small, and written anew.

Nothing but the picture is left: no place, no time, no camera.
"""

from __future__ import annotations

import io
import struct
from functools import partial
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from PIL import Image

# What a telephone of today takes is under both.
MEGABYTES_AT_MOST = 12
PIXELS_AT_MOST = 50_000_000
LONGEST_SIDE = 1600
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
# That of a camera or a telephone has a few kilobytes; one of a printer, with millions, is none of a photo.
PROFILE_BYTES_AT_MOST = 100_000

TOO_LARGE = _("This photo is too large. Please send one of at most %(megabytes)d MB.")
UNREADABLE = _("This is no photo that can be read. Please send a JPEG, PNG or WebP.")


def random_name(_row: Model, _name: str) -> str:
    """Where a photo lies: nobody guesses it."""
    return f"photos/{get_random_string(40)}.jpg"


def rewritten(file: File[bytes], *, longest: int = LONGEST_SIDE) -> bytes:
    """The photo as a JPEG of at most `longest` pixels a side, without anything that was written into the file.

    Raises ValidationError where it is too large (also when unpacked: a few kilobytes may claim gigapixels) or no photo.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - no process holds it that draws nothing

    if (file.size or 0) > MEGABYTES_AT_MOST * 1_000_000:
        raise ValidationError(TOO_LARGE, params={"megabytes": MEGABYTES_AT_MOST})
    try:
        file.seek(0)
        with Image.open(file, formats=FORMATS) as sent:
            if sent.width * sent.height > PIXELS_AT_MOST:
                raise ValidationError(TOO_LARGE, params={"megabytes": MEGABYTES_AT_MOST})
            # A JPEG is unpacked no larger than it is needed.
            sent.draft("RGB", (longest * 2, longest * 2))
            sent.load()
            upright = ImageOps.exif_transpose(sent)
            upright.thumbnail((longest, longest))
            picture = Image.new("RGB", upright.size, "white")
            clear = _in_srgb(upright, sent.info.get("icc_profile")).convert("RGBA")
            picture.paste(clear, mask=clear)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise ValidationError(TOO_LARGE, params={"megabytes": MEGABYTES_AT_MOST}) from bomb
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as broken:
        raise ValidationError(UNREADABLE) from broken
    body = io.BytesIO()
    picture.save(body, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return body.getvalue()


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """What was taken in the wider colours of a telephone, in those every screen has; as it is where that fails."""
    from PIL import ImageCms  # noqa: PLC0415 - as above

    if not profile or len(profile) > PROFILE_BYTES_AT_MOST or picture.mode not in {"RGB", "RGBA", "CMYK"}:
        return picture
    mode = "RGB" if picture.mode == "CMYK" else picture.mode
    try:
        taken = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        shown = ImageCms.profileToProfile(picture, taken, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return picture
    return shown or picture


def squared(photo: File[bytes], side: int) -> bytes:
    """A photo that was rewritten, cut to a square of at most `side` pixels: the middle, of an upright one rather the
    upper part, where faces are.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - as above

    photo.seek(0)
    with Image.open(photo, formats=FORMATS) as written:
        edge = min(side, *written.size)
        cut = ImageOps.fit(written, (edge, edge), Image.Resampling.LANCZOS, centering=(0.5, 0.35))
    body = io.BytesIO()
    cut.save(body, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return body.getvalue()


def size(photo: File[bytes]) -> tuple[int, int]:
    """Width and height in pixels of a photo that was rewritten."""
    from PIL import Image  # noqa: PLC0415 - as above

    photo.seek(0)
    with Image.open(photo, formats=FORMATS) as written:
        return written.size


def stored(photo: FieldFile | None) -> bytes:
    """A photo, or any file, as it lies there; nothing where there is none, or where the file is gone."""
    try:
        if not photo:
            return b""
        with photo.open() as kept:
            return bytes(kept.read())
    except FileNotFoundError:
        return b""


@transaction.atomic
def put(row: Model, column: str, photo: ContentFile[bytes] | None, *, name: str = "") -> None:
    """Keep this photo in a row's file column, or none; the one before is thrown away once that stands.

    The one before is what stands in the database, not what the row had when it was read: two who give one at once
    leave no file behind. `name` is for a column whose files are not called at random.
    """
    kept = type(row)._default_manager.select_for_update(no_key=True).filter(pk=row.pk)  # noqa: SLF001 - Django's name
    file: FieldFile = getattr(row, column)
    if before := kept.values_list(column, flat=True).get():
        transaction.on_commit(partial(file.storage.delete, before))
    if photo is None:
        setattr(row, column, "")
    else:
        file.save(name, photo, save=False)
    row.save(update_fields=[column])
