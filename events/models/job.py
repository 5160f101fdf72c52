"""Jobs by turn: door, chair, photos, report, taken by members for one morning."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What somebody does for one morning."""

    DOOR = "door", _("the door")
    CHAIR = "chair", _("the chair")
    PHOTOS = "photos", _("photos")
    REPORT = "report", _("the report")


class Job(models.Model):
    """One job of one morning, and who has taken it. A job nobody took has no row."""

    Kind = Kind

    session = models.ForeignKey("events.Session", on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=10, choices=Kind)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "kind"], name="job_once")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.kind} {self.member_id}"
