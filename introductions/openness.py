"""What somebody may be asked: to introduce others, to answer the club, to meet as three. Off until they say so."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet

from members.models import Block, Member, MemberQuerySet

KINDS = ("connects", "answers", "threes")


class Openness(models.Model):
    """One row for whoever said anything; each is empty, or the day it was switched on."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="openness")
    connects_at = models.DateTimeField(null=True, blank=True)
    answers_at = models.DateTimeField(null=True, blank=True)
    threes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "opennesses"

    def __str__(self) -> str:
        return str(self.member_id)

    @classmethod
    def of(cls, member: Member) -> Openness:
        """What this member said, saved or not."""
        return cls.objects.filter(member=member).first() or cls(member=member)

    @classmethod
    def say(cls, member: Member, kinds: set[str], *, now: datetime) -> None:
        """Exactly these; what stays keeps its day."""
        row = cls.of(member)
        for kind in KINDS:
            setattr(row, f"{kind}_at", (getattr(row, f"{kind}_at") or now) if kind in kinds else None)
        row.save()


def to(kind: str) -> QuerySet[Openness]:
    """Everybody's word on one of KINDS, of those who said yes."""
    return Openness.objects.filter(**{f"{kind}_at__isnull": False})


def asked_for(people: MemberQuerySet, kind: str) -> MemberQuerySet:
    """Those of them who may be asked for that."""
    return people.shown_around().filter(Exists(to(kind).filter(member=OuterRef("pk"))))


def nothing_between(*members: Member) -> bool:
    """Whether all are here and shown around, none keeps another away: asked anew before each step."""
    ids = {one.pk for one in members}
    here = Member.objects.joined().shown_around().filter(pk__in=ids).count() == len(ids)
    return here and not Block.objects.filter(member__in=ids, other__in=ids).exists()
