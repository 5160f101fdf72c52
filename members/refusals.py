"""お断り: addresses that get no code any more. Who tries sees the same page as anybody else."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import links
from members.fields import LineField


def digests(address: str) -> list[str]:
    """What stands for an address that is not kept itself, under every key in use; the newest first."""
    return [links.derive_by(key, "refusal", address.strip().lower()) for key in settings.LINK_KEYS]


class RefusalQuerySet(models.QuerySet["Refusal"]):
    def covers(self, address: str) -> bool:
        """Whether this address is refused. One query."""
        return self.filter(Q(address=address.strip().lower()) | Q(digest__in=digests(address))).exists()

    @transaction.atomic
    def add(self, address: str, why: str, *, now: datetime) -> Refusal:
        """Refuse an address; again keeps the first day and takes the new reason."""
        address = address.strip().lower()
        values = {"digest": digests(address)[0], "why": why, "refused_at": now}
        refusal, is_new = self.get_or_create(address=address, defaults=values)
        if not is_new:
            refusal.why = why
            refusal.save(update_fields=["why"])
        return refusal


class Refusal(models.Model):
    """One refused address. Of somebody who had their data erased only the digest is left."""

    address = models.EmailField(_("mail address"), max_length=254, null=True, blank=True, unique=True)
    digest = models.CharField(max_length=64)
    why = LineField(_("why, for the hosts alone"), max_length=200, blank=True)
    refused_at = models.DateTimeField(default=timezone.now)

    objects = RefusalQuerySet.as_manager()

    class Meta:
        ordering = ["-refused_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk}"
