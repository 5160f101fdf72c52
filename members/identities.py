"""Who somebody is at Google or LINE: the provider's name for them and nothing else, no picture, no list of friends."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from members.openid import Provider


class IdentityQuerySet(models.QuerySet["Identity"]):
    @transaction.atomic
    def link(self, member_id: int, provider: str, subject: str, *, now: datetime) -> bool:
        """This person is that one there. False when it is somebody else here already; again changes nothing."""
        self.get_or_create(
            provider=provider, subject=subject, defaults={"member_id": member_id, "linked_at": now, "used_at": now}
        )
        return self.filter(provider=provider, subject=subject, member_id=member_id).exists()


class Identity(models.Model):
    """One account elsewhere that opens an account here."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    provider = models.CharField(max_length=10)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["provider", "subject"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.member_id}"


def providers() -> list[Provider]:
    """Those this installation has an id and a secret for; none unless the operator wants it."""
    return [Provider(name=name, **said) for name, said in settings.SIGN_IN_BY.items()]


def provider(name: str) -> Provider | None:
    return next((one for one in providers() if one.name == name), None)
