"""Who keeps whom away. Nobody is told; the two vanish from each other's pages, and are never brought together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

if TYPE_CHECKING:
    from members.models import Member

# What an app above has to part when somebody keeps another away from now on.
Parting = Callable[["Member", "Member", datetime], None]
_partings: list[Parting] = []


def register(parting: Parting) -> None:
    """Add what is parted."""
    if parting not in _partings:
        _partings.append(parting)


class BlockQuerySet(models.QuerySet["Block"]):
    @transaction.atomic
    def keep_away(self, member: Member, other: Member, *, now: datetime) -> None:
        """From now on these two do not see each other here. Again changes nothing."""
        self.bulk_create([Block(member=member, other=other, created_at=now)], ignore_conflicts=True)
        for part in _partings:
            part(member, other, now)

    def let_near(self, member: Member, other: Member) -> None:
        """As before, as far as it is this member's to say; the other may keep away as well."""
        self.filter(member=member, other=other).delete()


class Block(models.Model):
    """`member` wants nothing to do with `other`; nobody is told."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=timezone.now)

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "other"], name="block_once"),
            models.CheckConstraint(name="block_another", condition=~Q(member=F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} × {self.other_id}"
