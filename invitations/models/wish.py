"""Whom members would like to hear: a wish with its reason, and those who would like it too."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from invitations.models import states
from invitations.models.invitation import Invitation
from members.fields import CodeField, LineField, ProseField
from members.models import Activity, Member

# Fewer are nobody's business: who says nothing loses nothing.
SHOWN_FROM = 3
OPEN_AT_MOST_EACH = 5


class WishQuerySet(models.QuerySet["Wish"]):
    def open(self) -> WishQuerySet:
        """Neither closed by a host nor fulfilled. That somebody was merely asked, members do not learn."""
        fulfilled = Invitation.objects.filter(pk=OuterRef("invitation"), state__in=states.ACCEPTED)
        return self.filter(~Exists(fulfilled), closed_at=None)

    def with_support(self, viewer: Member) -> WishQuerySet:
        """With `supporters`, the one who proposed counted in, and whether this member is among them."""
        mine = Support.objects.filter(wish=OuterRef("pk"), member=viewer)
        counted = self.annotate(supporters=Count("supports", distinct=True), mine=Exists(mine))
        return counted.order_by("-supporters", "pk")


class Wish(models.Model):
    """An author members would like to hear, and why."""

    code = CodeField()
    name = LineField(_("whom you would like to hear"), max_length=120)
    book_title = LineField(_("a book of theirs"), max_length=200, blank=True)
    why = ProseField(_("why"), max_length=1000)
    # For hosts alone.
    way = LineField(_("do you know a way to them?"), max_length=300, blank=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="wishes")
    invitation = models.ForeignKey(
        Invitation, null=True, blank=True, on_delete=models.SET_NULL, related_name="wishes", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WishQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def propose(cls, member: Member, *, name: str, book_title: str, why: str, way: str, now: datetime) -> Wish:
        """One more wish; who proposes supports it. The same name a second time is support for the first.

        Raises ValidationError when this member has as many open wishes as one may have.
        """
        Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        known = cls.objects.open().filter(name__iexact=name).first()
        if known is None:
            if cls.objects.open().filter(member=member).count() >= OPEN_AT_MOST_EACH:
                raise ValidationError(_t("Five open wishes are enough. Please take one back first."))
            told = {"name": name, "book_title": book_title, "why": why, "way": way}
            known = cls.objects.create(member=member, created_at=now, **told)
        known.support(member, yes=True, now=now)
        return known

    def support(self, member: Member, *, yes: bool, now: datetime) -> None:
        """I would like it too; or no longer. Twice is once."""
        if yes:
            Support.objects.bulk_create([Support(wish=self, member=member, since=now)], ignore_conflicts=True)
        else:
            Support.objects.filter(wish=self, member=member).delete()

    @transaction.atomic
    def become(self, invitation: Invitation, *, now: datetime, actor: Member) -> None:
        """A host is asking the author."""
        Wish.objects.filter(pk=self.pk).update(invitation=invitation)
        Activity.record(actor, "wish.invite", f"wish:{self.code}", now=now, invitation=invitation.code)

    @transaction.atomic
    def close(self, *, now: datetime, actor: Member) -> None:
        """It will not be: off the list, without a word about who decided."""
        if Wish.objects.filter(pk=self.pk, closed_at=None).update(closed_at=now):
            Activity.record(actor, "wish.close", f"wish:{self.code}", now=now)


class Support(models.Model):
    """One member would like to hear that author too."""

    wish = models.ForeignKey(Wish, on_delete=models.CASCADE, related_name="supports")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wish", "member"], name="wish_supported_once")]

    def __str__(self) -> str:
        return f"{self.wish_id} {self.member_id}"
