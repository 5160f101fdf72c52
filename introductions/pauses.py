"""A rest from being introduced: for a while, or from the next round only."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from members.models import Member


class PauseQuerySet(models.QuerySet["Pause"]):
    def in_force(self, now: datetime) -> PauseQuerySet:
        return self.filter(Q(until__gt=now) | Q(until=None, round=None))


class Pause(models.Model):
    """Somebody is not introduced for a while; without an end, from the next round only."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="introduction_pause")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)
    # The one round it was for; a round that is taken back gives it back.
    round = models.ForeignKey(
        "introductions.Round", null=True, blank=True, on_delete=models.SET_NULL, related_name="pauses"
    )

    objects = PauseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.member_id} {self.until or 'once'}"

    @classmethod
    def take(cls, member: Member, *, until: datetime | None, now: datetime) -> None:
        """Rest until then, or from the next round; the latest word counts."""
        cls.objects.update_or_create(member=member, defaults={"since": now, "until": until, "round": None})
