"""Who has linked a LINE account, and the code that links one: shown on a page here, typed once into LINE there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from members import codes, links
from outbox.by_line import Channel
from outbox.models import Delivery, Lane

if TYPE_CHECKING:
    from members.models import Member

# 28^8 are 378 thousand million.
CODE_LENGTH = 8
CODE_FOR = timedelta(minutes=15)
LINKED = "line.linked"


class LineCode(models.Model):
    """A code somebody may type into LINE once; only what can be made from it is kept."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.member_id}"

    @classmethod
    def give(cls, member: Member, *, now: datetime) -> str:
        """A new code for this member; an older one is worth nothing from now on."""
        code = get_random_string(CODE_LENGTH, codes.LETTERS)
        values = {"digest": links.derive("line-code", code), "expires_at": now + CODE_FOR}
        cls.objects.update_or_create(member=member, defaults=values)
        return code


class LineAccount(models.Model):
    """A member's account at LINE, by the name LINE gives it for this club alone."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="line_account")
    account = models.CharField(max_length=64, unique=True)
    linked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.member_id}"

    @classmethod
    @transaction.atomic
    def link(cls, typed: str, account: str, *, now: datetime) -> LineAccount | None:
        """Link who typed a valid code, use the code up, and owe them a word; nothing for any other text."""
        code = "".join(typed.split()).upper()
        if len(code) != CODE_LENGTH:
            return None
        found = LineCode.objects.select_for_update().filter(digest=links.derive("line-code", code)).first()
        if found is None or found.expires_at < now:
            return None
        member = get_user_model().objects.get(pk=found.member_id)
        found.delete()
        cls.objects.filter(models.Q(account=account) | models.Q(member=member)).delete()
        linked = cls.objects.create(member=member, account=account, linked_at=now)
        word = Delivery(
            kind=LINKED,
            key=f"{LINKED}:{linked.pk}",
            channel=Channel.LINE,
            to=account,
            language=member.language,
            context={"member": member.pk},
            lane=Lane.ANSWER,
            useful_until=now + CODE_FOR,
        )
        Delivery.objects.owe_many([word])
        return linked

    @classmethod
    @transaction.atomic
    def unlink(cls, accounts: models.QuerySet[LineAccount], *, now: datetime) -> int:
        """End it; what is still owed to them there is not sent. Returns how many there were."""
        names = list(accounts.values_list("account", flat=True))
        owed = Delivery.objects.open().filter(channel=Channel.LINE, to__in=names)
        owed.update(dropped_at=now, drop_reason="unlinked")
        return accounts.delete()[0]
