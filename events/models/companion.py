"""The friends who come on a member's word (お連れの方), and what is written to those who want mails."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.rsvp import Rsvp
from members import links
from members.fields import LineField
from members.refusals import Refusal
from outbox.models import Delivery, Lane

# Somebody else typed the address: so many first mails may reach it in a day, whoever types it.
MAILS_A_DAY = 3


class CompanionQuerySet(models.QuerySet["Companion"]):
    def mailed(self) -> CompanionQuerySet:
        """Those who want the mails of their morning, and have a seat."""
        return self.exclude(email="").filter(rsvp__seated_at__isnull=False)

    def owe_coming(self, *, now: datetime, not_before: datetime | None = None) -> None:
        """The first mail to those of a party that has just been seated: once for an address and a morning.

        And anew to whom it was told since that the seat was given back.
        """
        found = self.mailed().select_related("rsvp__session", "rsvp__member").order_by("pk")
        lately = Delivery.objects.filter(kind="friend.coming", created_at__gt=now - timedelta(days=1))
        for friend in found:
            known = lately.filter(to=friend.email).count()
            if known >= MAILS_A_DAY or Refusal.objects.covers(friend.email):
                continue
            Delivery.objects.owe(
                "friend.coming",
                friend.mail_key,
                to=friend.email,
                language=friend.language,
                context={"friend": friend.pk},
                lane=Lane.ANSWER,
                not_before=not_before,
                useful_until=friend.rsvp.session.starts_at,
            )

    def owe_left(self, *, not_before: datetime) -> None:
        """Tell those who were told of a seat that it is given back; the caller deletes them."""
        for friend in self.mailed().select_related("rsvp__session", "rsvp__member").order_by("pk"):
            session, member = friend.rsvp.session, friend.rsvp.member
            Delivery.objects.owe(
                "friend.left",
                friend.mail_key,
                to=friend.email,
                language=friend.language,
                context={"session": session.pk, "member": member.pk if member else None},
                lane=Lane.ANSWER,
                not_before=not_before,
                useful_until=session.starts_at,
            )


class Companion(models.Model):
    """A friend who comes on a member's word: a name is enough, a seat is a seat.

    An address is kept only where the friend wants the mails of this one morning; taking it away stops them. `member` is
    who the friend has become since.
    """

    rsvp = models.ForeignKey(Rsvp, on_delete=models.CASCADE, related_name="companions")
    name = LineField(_("name"), max_length=80)
    yomi = LineField(_("reading"), max_length=80, blank=True)
    email = models.EmailField(_("mail address"), max_length=254, blank=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="came_as_friend"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = CompanionQuerySet.as_manager()

    class Meta:
        verbose_name = _("friend")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("rsvp", Lower("email"), condition=~Q(email=""), name="friend_once_per_address")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def language(self) -> str:
        """What the friend is written to in: what the one who brings them reads."""
        return self.rsvp.member.language if self.rsvp.member else settings.LANGUAGE_CODE

    @property
    def mail_key(self) -> str:
        """Names the next mail of a seat given or given back: the morning, the address, how often one was given back."""
        key = address_key(self.rsvp.session_id, self.email)
        before = Delivery.objects.filter(kind="friend.left", to=self.email, key__startswith=f"friend.left:{key}")
        return f"{key}:{times}" if (times := before.count()) else key


def address_key(session_id: int, email: str) -> str:
    """What stands for a morning and an address in the key of a mail."""
    return f"{session_id}:{links.derive('friend.key', email.lower())}"
