"""Rooms that are used again and again: the way in, what they cost, and what the restaurant asks of a host."""

from __future__ import annotations

from datetime import datetime, time

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from events.models.series import Membership, Viewer
from members.fields import CodeField, LineField, ProseField
from members.models import Activity, Member
from members.photos import random_name

MOST_MONEY = MaxValueValidator(10_000_000)
MOST_DAYS = MaxValueValidator(60)


def keeps_rooms(viewer: Viewer) -> bool:
    """The club's rooms are all its hosts': whoever hosts a series, and operators."""
    if not viewer.is_authenticated:
        return False
    return viewer.is_staff or Membership.objects.hosts().filter(member=viewer).exists()


class VenueQuerySet(models.QuerySet["Venue"]):
    def known_to(self, viewer: Viewer) -> VenueQuerySet:
        """All of them, or none."""
        return self if keeps_rooms(viewer) else self.none()

    def offered(self, current: int | None) -> VenueQuerySet:
        """What a form offers: those in use, and the one that is chosen already."""
        return self.filter(Q(archived_at=None) | Q(pk=current))


class Venue(models.Model):
    """A room that is used again and again, with its meeting-point card and the restaurant's rules.

    What the restaurant asks for is the default of series and sessions that begin to meet there.
    """

    code = CodeField()
    name = LineField(_("name"), max_length=120)
    address = LineField(_("address"), max_length=200, blank=True)
    map_url = models.URLField(_("link to a map"), max_length=500, blank=True)

    # The meeting-point card, for whoever comes.
    directions = LineField(_("how to find it, in one line"), max_length=200, blank=True)
    entrance = ProseField(_("how to get in before opening time"), max_length=1000, blank=True)
    phone = LineField(_("a phone that is answered that morning"), max_length=40, blank=True)
    # The same for who reads English; what is empty is shown as it stands above.
    name_en = LineField(max_length=120, blank=True)
    address_en = LineField(max_length=200, blank=True)
    directions_en = LineField(max_length=200, blank=True)
    entrance_en = ProseField(max_length=1000, blank=True)
    door_photo = models.FileField(upload_to=random_name, max_length=200, blank=True)

    # The restaurant, for hosts alone.
    contact_name = LineField(max_length=80, blank=True)
    contact_phone = LineField(max_length=40, blank=True)
    contact = ProseField(_("the restaurant's contact and rules, for hosts"), max_length=1000, blank=True)
    # As it is said after "paying": all together in cash on the morning.
    payment = LineField(max_length=80, blank=True)
    cover_amount = models.PositiveIntegerField(default=0, validators=[MOST_MONEY])
    room_amount = models.PositiveIntegerField(default=0, validators=[MOST_MONEY])
    currency = models.CharField(max_length=3, default="JPY")
    # Days before the morning; the final number is due at `final_at` of its day.
    provisional_days = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MOST_DAYS])
    final_days = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MOST_DAYS])
    final_at = models.TimeField(default=time(15, 0))
    # Covers the restaurant can add on the morning itself.
    spare_covers = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(50)])
    # What one cover costs that is given up after the final number; 0 is nothing.
    late_amount = models.PositiveIntegerField(default=0, validators=[MOST_MONEY])

    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Where the restaurant moved to: mornings that were keep this row, those to come have the other.
    moved_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, editable=False)

    objects = VenueQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("place", args=[self.code])

    def _shown(self, column: str) -> str:
        """In the reader's language, as far as somebody wrote it."""
        said: str = getattr(self, f"{column}_en") if get_language() == "en" else ""
        return said or getattr(self, column)

    @property
    def display_name(self) -> str:
        return self._shown("name")

    @property
    def display_address(self) -> str:
        return self._shown("address")

    @property
    def display_directions(self) -> str:
        return self._shown("directions")

    @property
    def display_entrance(self) -> str:
        return self._shown("entrance")

    @property
    def whereabouts(self) -> str:
        """Name and address in a line."""
        between = ", " if get_language() == "en" else " "
        return between.join(part for part in (self.display_name, self.display_address) if part)

    @property
    def way_in(self) -> str:
        """How to find it and how to get in, in a line."""
        return " ".join(part for part in (self.display_directions, self.display_entrance) if part)

    @transaction.atomic
    def archive(self, *, now: datetime, actor: Member) -> None:
        """Offered no more; what meets there goes on. Twice changes nothing."""
        if Venue.objects.filter(pk=self.pk, archived_at=None).update(archived_at=now):
            Activity.record(actor, "venue.archive", f"venue:{self.code}", now=now)

    @transaction.atomic
    def bring_back(self, *, now: datetime, actor: Member) -> None:
        """Offered again."""
        if Venue.objects.filter(pk=self.pk, archived_at__isnull=False).update(archived_at=None, moved_to=None):
            Activity.record(actor, "venue.return", f"venue:{self.code}", now=now)
