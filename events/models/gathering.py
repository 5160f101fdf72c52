"""Small gatherings: coffee, an evening, a trip, a side group. A member proposes one, a host lets it through."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.models.series import Series
from events.models.session import Session
from events.models.venue import Venue
from members.fields import CodeField, LineField, ProseField
from members.models import Activity, Member

OPEN_AT_MOST_EACH = 3
# So long its member reads that it is not going to be.
DECLINED_FOR = timedelta(days=30)


class GatheringQuerySet(models.QuerySet["Gathering"]):
    def waiting(self, now: datetime) -> GatheringQuerySet:
        """Not answered, still to come, and whoever proposed it still here."""
        return self.filter(answered_at=None, starts_at__gt=now, member__is_active=True)

    def for_host(self, host: Member, now: datetime) -> GatheringQuerySet:
        """What waits for this host's yes, the longest first."""
        hosted = Series.objects.hosted_by(host)
        return (
            self.waiting(now).filter(series__in=hosted).select_related("series", "member").order_by("created_at", "pk")
        )

    def declined_lately(self, now: datetime) -> GatheringQuerySet:
        """Answered with a no not long ago."""
        return self.filter(session=None, answered_at__gt=now - DECLINED_FOR)


class Gathering(models.Model):
    """A proposal; let through it is a session outside the rule, and its member hosts that one."""

    class Kind(models.TextChoices):
        COFFEE = "coffee", _("coffee or lunch")
        EVENING = "evening", _("an evening")
        TRIP = "trip", pgettext_lazy("gathering", "a trip, a visit")
        GROUP = "group", _("a side group on a question")

    code = CodeField()
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="gatherings")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="gatherings"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COFFEE)
    title = LineField(max_length=120)
    about = ProseField(max_length=1000, blank=True)
    place = LineField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField(
        default=90, validators=[MinValueValidator(10), MaxValueValidator(1440)]
    )
    capacity = models.PositiveSmallIntegerField(default=6, validators=[MinValueValidator(2), MaxValueValidator(100)])
    fee_amount = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(10_000_000)])
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    session = models.OneToOneField(Session, null=True, blank=True, on_delete=models.CASCADE, related_name="gathering")

    objects = GatheringQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="gathering_session_once_answered", condition=Q(session=None) | Q(answered_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.title

    @transaction.atomic
    def propose(self, *, now: datetime) -> None:
        """Put it before the hosts. Raises ValidationError for a time that is past, and for more than three waiting."""
        if self.starts_at <= now:
            raise ValidationError(_t("That time is past. Please look at the date again."))
        Member.objects.get_queryset().select_for_update(no_key=True).get(pk=self.member_id or 0)
        mine = Gathering.objects.waiting(now).filter(member=self.member_id)
        if mine.filter(series=self.series_id, title=self.title, starts_at=self.starts_at).exists():
            return
        if mine.count() >= OPEN_AT_MOST_EACH:
            raise ValidationError(_t("Three proposals at a time are enough. A host will look at them."))
        self.created_at = now
        self.save()

    @transaction.atomic
    def let_through(self, *, now: datetime, actor: Member) -> Session | None:
        """It takes place: a session outside the rule, published, its proposer seated and its host. Twice is once."""
        found = Gathering.objects.select_for_update(of=("self",)).select_related("series", "member").get(pk=self.pk)
        if found.answered_at is not None or found.member is None or found.starts_at <= now:
            return found.session
        series = found.series
        found.session = Session.objects.create(
            series=series,
            title=found.title,
            summary=found.about,
            venue=found._meets_at(now=now),  # noqa: SLF001 - the same row, locked
            starts_at=found.starts_at,
            timezone=series.timezone,
            duration_minutes=found.duration_minutes,
            doors_minutes=0,
            capacity=found.capacity,
            fee_amount=found.fee_amount,
            fee_currency=series.fee_currency,
            language=series.language,
            led_by=found.member,
            created_at=now,
            changed_at=now,
        )
        found.answered_at = now
        found.save(update_fields=["session", "answered_at"])
        found.session.publish(now=now, actor=actor)
        found.session.rsvp(found.member, "ACCEPTED", now=now)
        Activity.record(actor, "gathering.yes", f"session:{found.session.code}", now=now, gathering=found.code)
        return found.session

    def _meets_at(self, *, now: datetime) -> Venue | None:
        """A room of the club that is called so, or one for this once: pages, mails and calendars say where."""
        if not self.place:
            return None
        known = Venue.objects.filter(name=self.place, archived_at=None).first()
        most = Venue._meta.get_field("name").max_length  # noqa: SLF001 - Django documents it
        return known or Venue.objects.create(name=self.place[:most], address=self.place[most:], archived_at=now)

    @transaction.atomic
    def take_back(self) -> None:
        """Its member thinks otherwise, before it is answered: nothing of it is left."""
        Gathering.objects.filter(pk=self.pk, answered_at=None).delete()

    @transaction.atomic
    def decline(self, *, now: datetime, actor: Member) -> None:
        """Not this time; its member sees that it is not going to be."""
        if Gathering.objects.filter(pk=self.pk, answered_at=None).update(answered_at=now):
            Activity.record(actor, "gathering.no", f"series:{self.series.slug}", now=now, gathering=self.code)
