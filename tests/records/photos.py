"""Photos as a telephone sends them."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from events.models import Session
from members.models import Member
from members.photo_field import PhotoField
from records.keepsakes import Audience, Picture


def photo(color: str = "navy", size: tuple[int, int] = (1200, 800)) -> SimpleUploadedFile:
    body = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A camera of Ken"
    Image.new("RGB", size, color).save(body, "JPEG", exif=exif)
    return SimpleUploadedFile("breakfast.jpg", body.getvalue(), "image/jpeg")


def kept(session: Session, actor: Member, audience: str = Audience.CAME) -> Picture:
    (row,) = Picture.objects.add(
        session, [PhotoField().clean(photo())], audience=audience, now=timezone.now(), actor=actor
    )
    return row
