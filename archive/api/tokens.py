"""Tokens of members for the API: shown once, kept as a digest, with scopes and an end."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from members.fields import CodeField, LineField
from members.models import Member

PREFIX = "asakai_"
MOST = 10
LONGEST_DAYS = 365


class Scope(models.TextChoices):
    """What a token opens besides what everybody may see."""

    CLUB = "club", _("what I may see as a member: series, mornings and guests")
    MINE = "mine", _("my own answers and mornings")
    HOSTING = "hosting", _("the series I host: drafts, seats and numbers")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def live(self, now: datetime) -> ApiTokenQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=now, member__is_active=True)

    @transaction.atomic
    def issue(
        self, member: Member, *, name: str, scopes: Iterable[str], days: int, now: datetime
    ) -> tuple[ApiToken, str]:
        """A new token and its text, which nobody can find out again. Raises ValidationError when there are too many."""
        Member.objects.select_for_update().get(pk=member.pk)
        if self.live(now).filter(member=member).count() >= MOST:
            raise ValidationError(_t("You have %(most)d tokens. Please end one first.") % {"most": MOST})
        text = PREFIX + secrets.token_urlsafe(32)
        until = now + timedelta(days=min(days, LONGEST_DAYS))
        values = {"name": name, "scopes": sorted(set(scopes)), "created_at": now, "expires_at": until}
        return self.create(member=member, digest=_digest(text), **values), text

    def of(self, text: str, now: datetime) -> ApiToken | None:
        """The token of this text, if it still opens anything."""
        return self.live(now).filter(digest=_digest(text)).select_related("member").first()


class ApiToken(models.Model):
    """One key of one member's."""

    code = CodeField()
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = LineField(_("what it is for"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="api_token_ends", condition=Q(expires_at__gt=models.F("created_at"))),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def opens(self) -> list[str]:
        """Its scopes in words."""
        return [str(scope.label) for scope in Scope if scope.value in self.scopes]

    def revoke(self, *, now: datetime) -> None:
        """End it at once. Ending it twice changes nothing."""
        type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now)


def _digest(text: str) -> str:
    """A token is random enough to need no salt."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
