"""How one comes to belong to a series: a link of the hosts', and a wish that waits for their yes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string

from events.models.series import Series
from members.fields import LineField


def new_key() -> str:
    """What stands in a link: 32 letters and digits, 190 bits."""
    return get_random_string(32)


class JoinLink(models.Model):
    """A link with which whoever has it joins. A series has one at a time; one that ended leads nowhere."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="join_links")
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["series"], condition=Q(ended_at=None), name="join_link_one_in_force")
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.made_at:%Y-%m-%d}"


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def waiting(self) -> JoinRequestQuerySet:
        """Nobody has answered yet, and the person is still here."""
        return self.filter(answered_at=None, member__is_active=True)


class JoinRequest(models.Model):
    """Somebody would like to belong."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="join_requests")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="join_requests")
    asked_at = models.DateTimeField(default=timezone.now)
    words = LineField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    is_accepted = models.BooleanField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "member"], condition=Q(answered_at=None), name="join_request_one_waiting"
            ),
            models.CheckConstraint(
                name="join_request_answered_whole",
                condition=Q(answered_at=None, is_accepted=None)
                | Q(answered_at__isnull=False, is_accepted__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.member_id}"
