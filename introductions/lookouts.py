"""Two who may look for each other at one breakfast: kept, so that mail and page name the same."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from events.models import Rsvp, Session
from introductions.pairs import PairQuerySet
from members.models import Member


class LookoutQuerySet(PairQuerySet["Lookout"]):
    def standing(self, now: datetime) -> LookoutQuerySet:
        """Both have a seat still and agree, nothing stands between them, and neither takes a rest."""
        seats = (
            Exists(Rsvp.objects.seated().filter(session=OuterRef("session"), member=OuterRef(side)))
            for side in ("first", "second")
        )
        return self.filter(*seats).willing().awake(now).strangers()

    def of(self, members: Collection[Member]) -> LookoutQuerySet:
        return self.filter(Q(first__in=members) | Q(second__in=members))


class Lookout(models.Model):
    """Two who may look for each other at one breakfast. `first` is the one with the smaller id."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="lookouts")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    value = models.IntegerField()
    terms = models.JSONField(default=dict)

    objects = LookoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "first", "second"], name="lookout_once"),
            models.CheckConstraint(name="lookout_ordered", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.first_id} – {self.second_id}"


class LookoutRun(models.Model):
    """When it was last chosen for a morning: an answer or a consent since then is a reason to look again."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="lookout_run")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.session_id} {self.at:%Y-%m-%d %H:%M}"
