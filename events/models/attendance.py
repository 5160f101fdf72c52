"""Who really came. Its own table: what people said is not what happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.fields import LineField

# So long an absence without a word is counted.
COUNTED_FOR = timedelta(days=365)


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def came(self) -> AttendanceQuerySet:
        return self.filter(status=Attendance.Status.CAME)

    def without_word(self, *, now: datetime) -> AttendanceQuerySet:
        """Members who had a seat and neither came nor said so, within twelve months; from closed lists. For hosts."""
        lately = {"session__starts_at__gt": now - COUNTED_FOR, "session__starts_at__lte": now}
        closed = self.filter(session__roster_closed_at__isnull=False, session__cancelled_at=None, **lately)
        return closed.filter(status=Attendance.Status.ABSENT, member__isnull=False)


class Attendance(models.Model):
    """One person at one session, as the door marked it. A friend or walk-in has a name and no member."""

    class Status(models.TextChoices):
        CAME = "came", _("came")
        ABSENT = "absent", _("did not come")
        EXCUSED = "excused", _("excused")

    session = models.ForeignKey("events.Session", on_delete=models.CASCADE, related_name="attendances")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="attendances"
    )
    name = LineField(_("name"), max_length=80, blank=True)
    yomi = LineField(_("reading"), max_length=80, blank=True)
    # The friend of whom, and which row of the RSVP it was.
    introduced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    companion = models.OneToOneField("events.Companion", null=True, blank=True, on_delete=models.SET_NULL)
    status = models.CharField(max_length=10, choices=Status, default=Status.CAME)
    first_time = models.BooleanField(default=False)
    marked_at = models.DateTimeField(default=timezone.now)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "member"], name="attendance_once"),
            models.CheckConstraint(name="attendance_somebody", condition=Q(member__isnull=False) | ~Q(name="")),
        ]
        indexes = [models.Index(fields=["member", "session"], name="attendance_member")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.member_id or self.name} {self.status}"
