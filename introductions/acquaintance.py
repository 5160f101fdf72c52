"""Exchanged cards: both said so. And what one keeps for oneself about somebody one has met."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Session
from members.fields import LineField, ProseField
from members.models import Member


class ExchangeQuerySet(models.QuerySet["Exchange"]):
    def mutual(self) -> ExchangeQuerySet:
        """Those the other side said too; a one-sided one is nobody's business."""
        return self.filter(Exists(Exchange.objects.filter(member=OuterRef("other"), other=OuterRef("member"))))


class Exchange(models.Model):
    """`member` says: we exchanged cards. Nobody is told; once `other` says so too, both know."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exchanges")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Where, if it was said of a morning.
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # To be remembered by: the other reads it once both said so.
    line = LineField(_("one line to be remembered by"), max_length=120, blank=True)
    said_at = models.DateTimeField(default=timezone.now)

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "other"], name="exchange_once"),
            models.CheckConstraint(name="exchange_another", condition=~Q(member=F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} → {self.other_id}"

    @classmethod
    def say(cls, member: Member, other: Member, *, session: Session | None, now: datetime, line: str = "") -> None:
        """We exchanged cards. Saying it again changes nothing."""
        row = Exchange(member=member, other=other, session=session, line=line, said_at=now)
        Exchange.objects.bulk_create([row], ignore_conflicts=True)

    @classmethod
    def take_back(cls, member: Member, other: Member) -> None:
        """It was somebody else: from here on neither sees more of the other than before."""
        cls.objects.filter(member=member, other=other).delete()


class Memory(models.Model):
    """What `owner` keeps about `other`, for nobody else: not for hosts, not in admin, not in an export of theirs."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memories")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    note = ProseField(_("note for yourself"), max_length=2000, blank=True)
    next_step = LineField(_("next step"), max_length=200, blank=True)
    next_on = models.DateField(_("on"), null=True, blank=True)
    # For which date the reminder was owed; another date is another reminder.
    reminded_for = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "memories"
        constraints = [
            models.UniqueConstraint(fields=["owner", "other"], name="memory_once"),
            models.CheckConstraint(name="memory_another", condition=~Q(owner=F("other"))),
        ]
        indexes = [models.Index(fields=["next_on"], name="memory_due", condition=Q(next_on__isnull=False))]

    def __str__(self) -> str:
        return f"{self.owner_id} · {self.other_id}"
