"""What a member tells the hosts about somebody, with or without their own name, and what became of it.

Of who told without a name only a mark is kept: a number that can be made again from the two codes with the key of this
installation, and from nothing that stands in the database. The site makes it to recognise its teller, who finds the
answer on a page of their own: a mail would put their address into the outbox in the minute the host looked. The day
stands here, not the minute. docs/decisions/0017-told-without-a-name.md.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from members import links
from members.fields import CodeField, LineField, ProseField
from outbox.models import Delivery

if TYPE_CHECKING:
    from members.models import Member

# So often can one member tell in so many days: whoever is told about vanishes until a host has looked.
AT_MOST, WITHIN = 3, timedelta(days=30)
# How far back a teller finds their own.
KEPT_FOR = timedelta(days=365)
PURPOSE = "concern"


class ConcernQuerySet(models.QuerySet["Concern"]):
    def open(self) -> ConcernQuerySet:
        """No host has looked yet."""
        return self.filter(looked_at=None)

    def for_host(self, host: Member) -> ConcernQuerySet:
        """What this host may read: never what is told about themselves."""
        return self.exclude(about=host)

    def told_by(self, member: Member, *, since: date) -> list[Concern]:
        """One's own, the newest first, those without a name too: recognised one by one. One query."""
        found = self.filter(told_on__gte=since).filter(~Q(mark="") | Q(teller=member))
        return [one for one in found.select_related("about").order_by("-told_on", "-pk") if one.is_by(member)]

    @transaction.atomic
    def tell(
        self, teller: Member, about: Member | None, text: str, *, kind: str, who: str = "", named: bool, now: datetime
    ) -> Concern:
        """Tell the hosts. Raises ValidationError for the fourth in a month, and where one's own still waits."""
        get_user_model().objects.get_queryset().select_for_update(no_key=True).get(pk=teller.pk)
        today = timezone.localdate(now)
        mine = self.told_by(teller, since=today - WITHIN)
        if len(mine) >= AT_MOST:
            raise ValidationError(_t("You have told the hosts several things of late. Please speak to one of them."))
        if about and any(one.about_id == about.pk and one.looked_at is None for one in mine):
            raise ValidationError(_t("You have told them about this person already. They will look at it."))
        told = Concern(about=about, who="" if about else who, kind=kind, text=text, told_on=today)
        told.teller = teller if named else None
        told.mark = "" if named else told.mark_of(teller)
        told.save()
        return told


class Concern(models.Model):
    """Something told about somebody. Until a host has looked, that person is not shown around."""

    class Kind(models.TextChoices):
        CANVASSING = "canvassing", _("selling, recruiting or preaching")
        CONTACT = "contact", _("contact I do not want")
        OTHER = "other", _("something else")

    class Outcome(models.TextChoices):
        NOTHING = "nothing", _("There is nothing to do")
        TALK = "talk", _("I have talked with them")
        WARNING = "warning", _("I have warned them")
        REFUSAL = "refusal", _("They do not come any more")

    code = CodeField()
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="concerns"
    )
    # Somebody the teller cannot see here, in the teller's words.
    who = LineField(_("about whom"), max_length=80, blank=True)
    kind = models.CharField(_("what it is about"), max_length=10, choices=Kind)
    text = ProseField(_("what happened"), max_length=2000)
    teller = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    mark = models.CharField(max_length=64, blank=True, editable=False)
    told_on = models.DateField()
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outcome = models.CharField(_("what came of it"), max_length=10, choices=Outcome, blank=True)
    note = ProseField(_("for the hosts alone"), max_length=1000, blank=True)

    objects = ConcernQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="concern_somebody", condition=Q(about__isnull=False) | ~Q(who="")),
            models.CheckConstraint(name="concern_named_or_marked", condition=Q(mark="") | Q(teller=None)),
            models.CheckConstraint(name="concern_looked_with_outcome", condition=Q(looked_at=None) | ~Q(outcome="")),
        ]
        indexes = [models.Index(fields=["about"], name="concern_open", condition=Q(looked_at=None))]

    def __str__(self) -> str:
        return self.code

    def mark_of(self, member: Member) -> str:
        """What stands for this teller of this concern: different for each, so that no two can be told to be one's."""
        return links.derive(PURPOSE, f"{self.code}:{member.code}")

    def is_by(self, member: Member) -> bool:
        if self.teller_id is not None:
            return self.teller_id == member.pk
        return links.is_derived(PURPOSE, f"{self.code}:{member.code}", self.mark)

    @transaction.atomic
    def look(self, outcome: str, *, note: str, now: datetime, actor: Member) -> None:
        """A host has looked: the person is shown again, and who told with a name hears of it, once.

        Said again it changes what came of it.
        """
        found = Concern.objects.select_for_update().get(pk=self.pk)
        self.looked_at = found.looked_at or now
        self.looked_by, self.outcome, self.note = actor, outcome, note
        self.save(update_fields=["looked_at", "looked_by", "outcome", "note"])
        if found.looked_at is None and self.teller and self.teller.is_active:
            context = {"concern": self.pk, "member": self.teller.pk}
            key = f"{self.pk}:{self.teller.pk}"
            Delivery.objects.owe(
                "concern.looked", key, to=self.teller.email, language=self.teller.language, context=context
            )
