"""The monthly letter of a series: what a host lets into it, and when it went out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from archive.api.tokens import ApiToken as ApiToken  # noqa: PLC0414 - Django looks for models here
from archive.club_exports import ClubExport as ClubExport  # noqa: PLC0414 - Django looks for models here
from archive.intakes import Intake as Intake  # noqa: PLC0414 - as above
from archive.intakes import IntakeRow as IntakeRow  # noqa: PLC0414 - as above
from archive.people import ListedPerson as ListedPerson  # noqa: PLC0414 - as above
from events import nights
from events.models import Membership, Series, Session
from events.models.series import Viewer
from members.fields import ProseField
from members.models import Activity, Member, MemberQuerySet
from outbox.models import Delivery, Lane
from outbox.stops import Stop
from outbox.topics import Topic

GREETING_LENGTH = 1000
# What is in a letter is no news any more after so many days.
USEFUL_DAYS = 14


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    def sent(self) -> BulletinQuerySet:
        return self.filter(sent_at__isnull=False)

    def visible_to(self, viewer: Viewer) -> BulletinQuerySet:
        """Letters that went out, for members of the club who may see the series."""
        if not isinstance(viewer, Member) or not viewer.has_profile:
            return self.none()
        return self.sent().filter(Exists(Series.objects.visible_to(viewer).filter(pk=OuterRef("series"))))

    @transaction.atomic
    def keep(self, session: Session, *, greeting: str, chosen: Sequence[str], language: str, now: datetime) -> Bulletin:
        """Keep what the host chose, as a draft. Raises ValidationError once the letter has gone out."""
        Session.objects.select_for_update().get(pk=session.pk)
        known = self.filter(session=session).first()
        if known is not None and known.is_sent:
            raise ValidationError(_t("This letter has gone out; it stays as it was sent."))
        bulletin = known or self.model(session=session, series=session.series, created_at=now)
        bulletin.greeting, bulletin.chosen, bulletin.language = greeting, list(chosen), language
        bulletin.save()
        return bulletin


class Bulletin(models.Model):
    """One letter about the time up to one session. `chosen` names what is in it; the words are read where they stand,
    so that a line taken back or hidden leaves the letter's page too.
    """

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="bulletins")
    # The last morning it tells of; its code is the letter's address.
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="bulletin")
    greeting = ProseField(_("greeting"), max_length=GREETING_LENGTH, blank=True)
    language = models.CharField(_("language"), max_length=8, default="ja")
    chosen = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = BulletinQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["series", "-sent_at"], name="bulletin_series_sent")]
        constraints = [
            models.CheckConstraint(name="bulletin_sent_has_something", condition=Q(sent_at=None) | ~Q(chosen=[])),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}"

    def get_absolute_url(self) -> str:
        return reverse("bulletin", args=[self.session.code])

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None

    @property
    def month(self) -> datetime:
        """The month it is called by, on the clock where people meet: that of sending, or of now."""
        return (self.sent_at or timezone.now()).astimezone(self.session.zone)

    @property
    def title(self) -> str:
        """朝食会 11月のたより, Breakfast: the November letter."""
        names = {"series": self.series.display_name, "month": dateformat.format(self.month, "F")}
        return _t("%(series)s: the %(month)s letter") % names

    def audience(self) -> MemberQuerySet:
        """Members of the series who have joined the club; whether each wants it is asked when it goes out."""
        belongs = Membership.objects.active().filter(series=self.series_id, member=OuterRef("pk"))
        return Member.objects.joined().filter(Exists(belongs))

    def readers(self) -> MemberQuerySet:
        """Of these, who has not stopped the letters of this series."""
        stops = Stop.objects.filter(topic=Topic.LETTER, about=f"series:{self.series_id}", address=OuterRef("email"))
        return self.audience().exclude(Exists(stops))

    @transaction.atomic
    def send(self, *, now: datetime, actor: Member) -> int:
        """Owe it to everybody it is for, by day; returns how many want it. Sending twice sends nothing more.

        Raises ValidationError for a letter without anything in it.
        """
        locked = Bulletin.objects.select_for_update(of=("self",)).select_related("session").get(pk=self.pk)
        if locked.is_sent:
            return 0
        if not locked.chosen:
            raise ValidationError(_t("There is nothing in this letter. Please let something in."))
        self.chosen, self.greeting, self.sent_at, self.sent_by = locked.chosen, locked.greeting, now, actor
        self.save(update_fields=["sent_at", "sent_by"])
        rows = [
            Delivery(
                kind="bulletin",
                key=f"bulletin:{self.pk}:{member.pk}",
                to=member.email,
                language=member.language,
                context={"bulletin": self.pk, "member": member.pk},
                lane=Lane.BULK,
                next_attempt_at=nights.by_day(now, locked.session.zone),
                useful_until=now + timedelta(days=USEFUL_DAYS),
            )
            for member in self.audience().order_by("pk")
        ]
        Delivery.objects.owe_many(rows)
        number = self.readers().count()
        about = self.session.code
        Activity.record(actor, "bulletin.send", f"series:{self.series.slug}", now=now, to=number, about=about)
        return number
