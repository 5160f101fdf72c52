"""Series, and who belongs to a series in which role."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Exists, Q
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.models import job, roles
from events.models.near_start import WHEN, NearStart
from events.models.roles import Right, Role
from events.models.window import WindowRules, late_needs_headcount
from members.fields import LineField, ProseField
from members.models import Member

# Somebody who looks at a page: a member, or nobody we know.
Viewer = Member | AnonymousUser
# So long an offer to take a series over stands.
OFFER_FOR = timedelta(days=30)


class SeriesQuerySet(models.QuerySet["Series"]):
    def visible_to(self, viewer: Viewer) -> SeriesQuerySet:
        """Series this person may know of: public ones, for members all but closed ones, and their own."""
        if viewer.is_authenticated and viewer.is_staff:
            return self
        return self.filter(Q(audience__in=audiences_open_to(viewer)) | Q(pk__in=Membership.objects.series_of(viewer)))

    def hosted_by(self, viewer: Viewer) -> SeriesQuerySet:
        """Series this person may change."""
        if not viewer.is_authenticated:
            return self.none()
        if viewer.is_staff:
            return self
        return self.filter(pk__in=Membership.objects.hosts().series_of(viewer))

    def owned_by(self, viewer: Viewer) -> SeriesQuerySet:
        """Series of which this person may say who hosts them, and hand them on."""
        if not viewer.is_authenticated:
            return self.none()
        if viewer.is_staff:
            return self
        return self.filter(pk__in=Membership.objects.owners().series_of(viewer))


def audiences_open_to(viewer: Viewer) -> list[str]:
    """The audiences of which this person is one, whatever series they belong to.

    Who only answered a mail, or has no profile yet, has not joined the club.
    """
    has_joined = viewer.is_authenticated and viewer.joined_at
    return [Series.Audience.PUBLIC, *([Series.Audience.MEMBERS] if has_joined else [])]


class Joining(models.TextChoices):
    """How one comes to belong."""

    OPEN = "open", _("Anyone who would like to")
    APPROVAL = "approval", _("Anyone, once a host says yes")
    INVITED = "invited", _("Only people with a link from the hosts")


class Series(WindowRules):
    """A gathering that recurs: the breakfast, the study evening. Its values are the defaults of its sessions."""

    class Audience(models.TextChoices):
        PUBLIC = "public", _("everyone")
        MEMBERS = "members", _("members of the club")
        SERIES = "series", _("members of this series")

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = LineField(_("name"), max_length=80)
    name_en = LineField(_("name in English"), max_length=80, blank=True)
    summary = LineField(_("what it is, in one sentence"), max_length=200, blank=True)
    about = ProseField(_("about it"), max_length=5000, blank=True)
    language = models.CharField(_("language"), max_length=8, default="ja")
    audience = models.CharField(_("who may see it"), max_length=10, choices=Audience, default=Audience.PUBLIC)

    joining = models.CharField(max_length=10, choices=Joining, default=Joining.OPEN)

    # What events.recurrence.Rule.text() writes: RRULE, RDATE, EXDATE, what happens on holidays and closed days.
    # Empty for a series whose sessions are all made by hand.
    rule = models.TextField(max_length=20_000, blank=True)
    starts_on = models.DateField(_("first date"))
    at = models.TimeField(_("begins at"))
    timezone = models.CharField(_("time zone"), max_length=40, default="Asia/Tokyo")
    duration_minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=80, validators=[MinValueValidator(10), MaxValueValidator(1440)]
    )
    doors_minutes = models.PositiveSmallIntegerField(
        _("doors open, minutes before"), default=20, validators=[MaxValueValidator(240)]
    )
    horizon_days = models.PositiveSmallIntegerField(
        default=120, validators=[MinValueValidator(7), MaxValueValidator(400)]
    )
    first_number = models.PositiveIntegerField(_("number of the first session"), default=1)
    numbered = models.BooleanField(_("sessions are numbered"), default=True)

    capacity = models.PositiveSmallIntegerField(
        _("seats"), default=24, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    # Whether the seat of somebody who comes every time, was asked and says nothing goes to who waits.
    standing_passes_on = models.BooleanField(default=False)
    seats_for_new = models.PositiveSmallIntegerField(_("Seats kept for newcomers"), default=0)
    near_start = models.CharField(WHEN, max_length=10, choices=NearStart, default=NearStart.OFFER)
    spare_covers = models.PositiveSmallIntegerField(_("Spare covers"), default=0)
    # How long a seat is kept for somebody without an account whose mail has not been answered yet.
    hold_minutes = models.PositiveSmallIntegerField(
        _("minutes a seat is kept for a visitor"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
    )
    fee_amount = models.PositiveIntegerField(_("fee"), default=0, validators=[MaxValueValidator(10_000_000)])
    fee_currency = models.CharField(max_length=3, default="JPY")
    # Which jobs go round among the members (events.models.job); empty, and there are none.
    jobs = ArrayField(models.CharField(max_length=10, choices=job.Kind), default=list, blank=True)
    # The usual running order, with which a session begins; empty, and none is written into it.
    programme = ProseField(_("running order"), max_length=2000, blank=True)
    venue = models.ForeignKey("events.Venue", null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("place"))
    # Until when the host decides, on the day before, whether storm or snow call a morning off.
    decides_at = models.TimeField(
        _("storm or snow: decided the evening before, at"), null=True, blank=True, default=time(18, 0)
    )
    # Where an imported series came from.
    source = models.CharField(max_length=200, null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["pk"]
        constraints = [late_needs_headcount("series_late_price_from_an_hour", "headcount_days")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("series", args=[self.slug])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def display_name(self) -> str:
        """The name for a reader of the active language."""
        return (self.name_en if get_language() == "en" else "") or self.name

    def join(self, member: Member, *, now: datetime) -> None:
        """Belong to it: reminders come, and one may see what is for its members. Joining twice changes nothing."""
        Membership.objects.bulk_create([Membership(series=self, member=member, joined_at=now)], ignore_conflicts=True)
        # Who comes back comes back as a member, whatever the role was that ended.
        left = self.memberships.filter(member=member, left_at__isnull=False)
        left.update(left_at=None, joined_at=now, role=Membership.Role.MEMBER)

    @transaction.atomic
    def leave(self, member: Member, *, now: datetime) -> None:
        """Belong to it no longer: no more reminders, no seat by itself. Answers already given stand.

        Raises ValidationError for its last owner, who hands it on first.
        """
        lock = Series.objects.select_for_update(no_key=True).get(pk=self.pk)
        mine = lock.memberships.filter(member=member, left_at=None).first()
        if mine is not None:
            mine.become(Role.MEMBER, now=now)
            mine.left_at = now
            mine.save(update_fields=["left_at"])
        self.standing_rsvps.filter(member=member, ended_at=None).update(ended_at=now, end="left")

    def role_of(self, member: Member) -> str:
        """This member's role here, or an empty text."""
        found = self.memberships.filter(member=member, left_at=None).values_list("role", flat=True).first()
        return found or ""

    def standing_of(self, member: Member) -> tuple[str, bool]:
        """This member's role here, or an empty text, and whether they come every time: one query."""
        every_time = self.standing_rsvps.filter(member=member, ended_at=None)
        mine = self.memberships.filter(member=member, left_at=None).annotate(every_time=Exists(every_time))
        return mine.values_list("role", "every_time").first() or ("", False)

    def horizon(self, today: date) -> date:
        """Sessions are made ahead up to this date."""
        return today + timedelta(days=self.horizon_days)


class OldSlug(models.Model):
    """An address a series had before: it leads on for ever."""

    slug = models.SlugField(max_length=60, unique=True)
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        return self.filter(left_at=None)

    def hosts(self) -> MembershipQuerySet:
        return self.active().filter(role__in=roles.who_may(Right.HOST))

    def owners(self) -> MembershipQuerySet:
        return self.active().filter(role__in=roles.who_may(Right.OWN))

    def series_of(self, viewer: Viewer) -> models.QuerySet[Membership, Any]:
        """The series of this person's memberships, as a subquery: refers to no other table, and is cheap to build."""
        if not viewer.is_authenticated:
            return self.none().values("series_id")
        return self.active().filter(member_id=viewer.pk).values("series_id")

    def door(self) -> MembershipQuerySet:
        """Who may check people in: the door, and the hosts."""
        return self.active().filter(role__in=roles.who_may(Right.DOOR))

    def offered(self, now: datetime) -> MembershipQuerySet:
        """To whom a series is offered, to be theirs; an offer nobody takes up lapses."""
        return self.active().filter(offered_at__gt=now - OFFER_FOR, offered_by__isnull=False)


class Membership(models.Model):
    """One person in one series, and in which role."""

    Role = Role

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=clock.now)
    left_at = models.DateTimeField(null=True, blank=True)
    # The series is offered to this person, to be theirs: since when, and by which owner.
    offered_at = models.DateTimeField(null=True, blank=True)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # By which link somebody came, where it was by one.
    link = models.ForeignKey(
        "events.JoinLink", null=True, blank=True, on_delete=models.SET_NULL, related_name="memberships", editable=False
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "member"], name="membership_once"),
            models.UniqueConstraint(
                fields=["series"], condition=Q(offered_at__isnull=False), name="membership_one_offer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.role} {self.series_id}"

    def become(self, role: str, *, now: datetime) -> None:
        """Another role, under the lock of the series. Mornings to come are no longer those of somebody who may not.

        Raises ValidationError where the series would be without an owner.
        """
        others = Membership.objects.owners().filter(series=self.series_id).exclude(pk=self.pk)
        if Right.OWN in roles.MAY[self.role] - roles.MAY[role] and not others.exists():
            raise ValidationError(_t("Somebody must own the series. Please hand it on first."))
        self.role, self.offered_at, self.offered_by = role, None, None
        self.save(update_fields=["role", "offered_at", "offered_by"])
        if Right.HOST not in roles.MAY[role]:
            self.series.sessions.filter(led_by=self.member_id, ends_at__gt=now).update(led_by=None)
