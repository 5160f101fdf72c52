import io
import struct
import zlib

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from PIL import Image, ImageCms

from invitations import shelf
from members import photos
from members.models import Member
from members.photos import LONGEST_SIDE, MEGABYTES_AT_MOST, rewritten
from speakers.models import Book, Speaker
from tests.drills.crew import database_url

# The tags of EXIF: which way up, and where it was taken.
ORIENTATION, GPS = 0x0112, 0x8825
SECRET = b"35.665 139.770 taken at home"


def sent(body: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("door.jpg", body, "image/jpeg")


def a_photo(size: tuple[int, int] = (400, 200), kind: str = "JPEG", **saved: object) -> bytes:
    """Left half red, right half blue."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    body = io.BytesIO()
    picture.save(body, kind, **saved)
    return body.getvalue()


def from_a_telephone(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010E] = SECRET.decode()
    return a_photo(exif=exif, comment=SECRET, icc_profile=b"x" * 128 + SECRET)


def opened(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


def test_nothing_is_left_but_the_picture() -> None:
    before = from_a_telephone(1)
    assert SECRET in before
    after = rewritten(sent(before))
    picture = opened(after)
    assert (SECRET in after, dict(picture.getexif()), "icc_profile" in picture.info, "comment" in picture.info) == (
        False,
        {},
        False,
        False,
    )


def test_a_photo_taken_on_its_side_is_turned_upright() -> None:
    """Orientation 6: the camera was turned to the right, so the left of the file is the top of the picture."""
    picture = opened(rewritten(sent(from_a_telephone(6))))
    top, bottom = picture.getpixel((100, 20)), picture.getpixel((100, 380))
    assert picture.size == (200, 400)
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, bottom[2] > 200) == (True, True)


def test_a_large_photo_is_made_small_and_keeps_its_shape() -> None:
    picture = opened(rewritten(sent(a_photo((5000, 2500)))))
    assert (picture.size, picture.format) == ((LONGEST_SIDE, LONGEST_SIDE // 2), "JPEG")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_become_a_jpeg(kind: str) -> None:
    assert opened(rewritten(sent(a_photo(kind=kind)))).format == "JPEG"


def test_what_is_clear_in_a_picture_becomes_white() -> None:
    body = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(body, "PNG")
    corner = opened(rewritten(sent(body.getvalue()))).getpixel((5, 5))
    assert isinstance(corner, tuple)
    assert min(corner) > 250


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be this large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 11_000, 60_000])
def test_a_bomb_is_refused_before_it_is_unpacked(side: int) -> None:
    """Below what Pillow warns of, above it, and above what Pillow refuses itself."""
    with pytest.raises(ValidationError, match=str(MEGABYTES_AT_MOST)):
        rewritten(sent(bomb(side, side)))


def test_a_file_that_is_too_large_is_not_opened() -> None:
    with pytest.raises(ValidationError, match=str(MEGABYTES_AT_MOST)):
        rewritten(sent(b"\xff\xd8" + b"\0" * (MEGABYTES_AT_MOST * 1_000_000)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no photo",
        a_photo()[:600],
        a_photo(kind="GIF"),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        a_photo(kind="PNG")[:-30],
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
def test_what_is_no_photo_says_so(body: bytes) -> None:
    with pytest.raises(ValidationError, match="JPEG"):
        photos.rewritten(sent(body))


def swapped() -> bytes:
    """A profile in which what is written as red is seen as green, and the other way round."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {
        bytes(profile[at : at + 4]): at + 4
        for at in range(132, 132 + 12 * struct.unpack(">I", profile[128:132])[0], 12)
    }
    red, green = (slice(tags[name], tags[name] + 8) for name in (b"rXYZ", b"gXYZ"))
    profile[red], profile[green] = profile[green], profile[red]
    return bytes(profile)


@pytest.mark.parametrize(("profile", "seen"), [(swapped(), "green"), (None, "red"), (b"no profile", "red")])
def test_colours_are_those_its_profile_means(profile: bytes | None, seen: str) -> None:
    """A telephone writes in wider colours than a screen without the profile would show."""
    body = io.BytesIO()
    Image.new("RGB", (40, 20), (255, 0, 0)).save(body, "JPEG", icc_profile=profile, quality=95)
    red, green, _blue = opened(rewritten(sent(body.getvalue()))).getpixel((20, 10))
    assert (green > red) == (seen == "green")
    assert max(red, green) > 150


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("media")
def test_a_photo_does_not_wait_for_whoever_answers_and_who_answers_not_for_it(hana: Member, sato: Speaker) -> None:
    """A row that names somebody holds their key until it stands: nothing that is done to their photo changes it."""
    give = {
        hana: lambda: hana.put_photo(ContentFile(a_photo())),
        sato: lambda: shelf.keep(sato, shelf.Told("朝の計算", "", "", ContentFile(a_photo())), now=timezone.now()),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
    try:
        for row, act in give.items():
            with psycopg.connect(database_url()) as other:
                other.execute(f"SELECT 1 FROM {row._meta.db_table} WHERE id = %s FOR KEY SHARE", [row.pk])  # noqa: S608 - a name
                act()
    finally:
        connection.close()
    assert (bool(Member.objects.get().photo), Book.objects.get(title="朝の計算").picture is not None) == (True, True)
