"""One person's word for a whole series: "I come every time unless I say no"."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.series import Membership, Series
from members.models import Member

# One seat in so many may be kept for who comes every time.
SHARE = 2


class StandingQuerySet(models.QuerySet["StandingRsvp"]):
    def standing(self) -> StandingQuerySet:
        """Not ended, of people who belong to the series still."""
        belongs = Membership.objects.active().filter(series=OuterRef("series"), member=OuterRef("member"))
        return self.filter(Exists(belongs), ended_at=None, member__is_active=True)

    def on(self, day: date) -> StandingQuerySet:
        """Those that hold for a morning of this local date: who waited longest for a seat by this word comes first."""
        open_ = Q(paused_until=None) | Q(paused_until__lte=day)
        return self.standing().filter(open_).order_by("waits_since", "pk")


class StandingRsvp(models.Model):
    """A row for each person and series; begun anew it is the same row."""

    class End(models.TextChoices):
        ASKED = "asked", _("ended by the member")
        ABSENT = "absent", _("three absences without a word")
        LEFT = "left", _("left the series")

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="standing_rsvps")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="standing_rsvps")
    # Absences before this do not count.
    since = models.DateTimeField(default=timezone.now)
    # Each seat given by this word puts it behind those of who got none.
    waits_since = models.DateTimeField(default=timezone.now)
    # Mornings before this local date are left out.
    paused_until = models.DateField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=10, choices=End, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "member"], name="standing_rsvp_once"),
            models.CheckConstraint(name="standing_rsvp_ends_why", condition=Q(ended_at=None, end="") | ~Q(end="")),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.series_id}"

    @property
    def has_ended(self) -> bool:
        return self.ended_at is not None

    def is_paused(self, today: date) -> bool:
        return self.paused_until is not None and today < self.paused_until

    @classmethod
    @transaction.atomic
    def begin(cls, series: Series, member: Member, *, now: datetime) -> StandingRsvp:
        """From now on they come every time. Who does already goes on; a pause is over; begun anew, it counts anew."""
        first = {"since": now, "waits_since": now}
        mine, made = cls.objects.select_for_update().get_or_create(series=series, member=member, defaults=first)
        if not made:
            if mine.has_ended:
                mine.since = mine.waits_since = now
                mine.warned_at, mine.ended_at, mine.end = None, None, ""
            mine.paused_until = None
            mine.save()
        return mine

    def pause(self, until: date) -> None:
        """Mornings before this date are left out. An ended one stays ended."""
        type(self).objects.filter(pk=self.pk, ended_at=None).update(paused_until=until)
        self.refresh_from_db()

    def finish(self, why: str, *, now: datetime) -> bool:
        """It holds no more; whether it did until now."""
        mine = type(self).objects.filter(pk=self.pk, ended_at=None)
        ended = mine.update(ended_at=now, end=why, paused_until=None)
        self.refresh_from_db()
        return bool(ended)
