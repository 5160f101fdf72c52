"""The face one looks for at the door: a photo a host gives for the meeting-point card, and for nothing else."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone

from members import photos
from members.models import Member


class HostPhoto(models.Model):
    """One host's photo. Whoever has the link of a card sees it, so it is asked for by itself."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="host_photo")
    file = models.FileField(upload_to=photos.random_name, max_length=200)
    given_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.member_id)

    @classmethod
    @transaction.atomic
    def give(cls, member: Member, photo: ContentFile[bytes], *, now: datetime) -> None:
        """Show this one from now on."""
        found, _is_new = cls.objects.select_for_update().get_or_create(member=member)
        found.given_at = now
        found.save(update_fields=["given_at"])
        photos.put(found, "file", photo)

    @classmethod
    @transaction.atomic
    def take_back(cls, member: Member) -> None:
        """Show none; the file goes too."""
        found = cls.objects.select_for_update().filter(member=member).first()
        if found is not None:
            photos.put(found, "file", None)
            found.delete()
