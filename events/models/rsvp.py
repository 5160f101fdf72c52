"""What a person said about one session, and the friends who come on their word."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.fields import LineField, ProseField


class Partstat(models.TextChoices):
    """RFC 5545 section 3.2.12."""

    NEEDS_ACTION = "NEEDS-ACTION", _("no answer yet")
    ACCEPTED = "ACCEPTED", _("coming")
    DECLINED = "DECLINED", _("not this time")


class RsvpQuerySet(models.QuerySet["Rsvp"]):
    def seated(self) -> RsvpQuerySet:
        return self.filter(seated_at__isnull=False)

    def waiting(self) -> RsvpQuerySet:
        """The queue, first first."""
        return self.filter(seated_at=None, queue_no__isnull=False).order_by("queue_no")

    def offered(self) -> RsvpQuerySet:
        """Who waits and is asked whether a seat, kept for them so long, still suits them."""
        return self.filter(offered_until__isnull=False)

    def held(self) -> RsvpQuerySet:
        """Seats kept for people who have not answered their mail: nobody's answers yet."""
        return self.filter(hold_until__isnull=False)

    def lapsed(self, now: datetime) -> RsvpQuerySet:
        """Seats kept for somebody longer than they may be, counted as kept until the next turn."""
        return self.filter(Q(offered_until__lte=now) | Q(hold_until__lte=now))

    def declined(self) -> RsvpQuerySet:
        return self.filter(partstat=Partstat.DECLINED)

    def by_standing(self) -> RsvpQuerySet:
        """Seats that came by "I come every time"."""
        return self.filter(seated_at__isnull=False, standing_at__isnull=False)

    def silent(self) -> RsvpQuerySet:
        """Of these, whose holders have said nothing since, nor named a friend."""
        return self.by_standing().filter(standing_said_at=None, companions=None)

    def owing(self) -> RsvpQuerySet:
        """Who owes the restaurant's price for a seat given back late, waived or not."""
        return self.filter(owes_amount__gt=0)

    def gave_seat_back(self) -> RsvpQuerySet:
        """Who had a seat, or waited long enough to be told of one, and does not come after all."""
        return self.declined().filter(version__gt=1)


class Rsvp(models.Model):
    """One person's answer to one session. What was said (`partstat`) is apart from whether there is a seat.

    Seat state (`seated_at`, `queue_no`, `offered_until`, `offer_lapsed_at`, `is_new`, `hold_until`, `owes_amount` and
    what begins with `standing`) is written by events/models/seats.py, standing_seats.py and queue.py.
    """

    session = models.ForeignKey("events.Session", on_delete=models.CASCADE, related_name="rsvps")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="rsvps"
    )
    # A seat kept for somebody without an account, until the mail is answered (events/models/visit.py).
    name = LineField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("mail address"), max_length=254, blank=True)
    partstat = models.CharField(max_length=12, choices=Partstat, default=Partstat.NEEDS_ACTION)
    seated_at = models.DateTimeField(null=True, blank=True)
    queue_no = models.PositiveIntegerField(null=True, blank=True)
    # Never came to this series when the answer was given: the seats kept for newcomers are for this party too.
    is_new = models.BooleanField(default=False)
    offered_until = models.DateTimeField(null=True, blank=True)
    # Asked, and no answer came: the place in the queue stays, but the next one is asked.
    offer_lapsed_at = models.DateTimeField(null=True, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    question = ProseField(_("a question to the guest"), max_length=500, blank=True)
    # Whether one's name may stand beside it; and where the host put it, null after those that have a place.
    question_named = models.BooleanField(default=False)
    question_place = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    question_hidden_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(default=timezone.now)
    # How often the seat state changed: part of the key of the mail that tells so.
    version = models.PositiveIntegerField(default=0)
    # "I am late", said on the morning itself.
    late_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    late_at = models.DateTimeField(null=True, blank=True)
    # What was agreed to when a seat was given back after the restaurant had its number, and that a host let it be.
    owes_amount = models.PositiveIntegerField(default=0, editable=False)
    owes_waived_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The seat came by "I come every time", unasked; when its holder was asked, and when they said that they come.
    standing_at = models.DateTimeField(null=True, blank=True, editable=False)
    standing_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    standing_said_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RsvpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "member"], name="rsvp_once_per_member"),
            models.UniqueConstraint("session", Lower("email"), condition=~Q(email=""), name="rsvp_once_per_address"),
            models.UniqueConstraint(fields=["session", "queue_no"], name="rsvp_queue_no_unique"),
            models.CheckConstraint(
                name="rsvp_somebody", condition=Q(member__isnull=False) | ~Q(email="") & ~Q(name="")
            ),
            models.CheckConstraint(
                name="rsvp_seat_only_for_who_comes",
                condition=Q(partstat=Partstat.ACCEPTED) | Q(seated_at=None, queue_no=None),
            ),
            models.CheckConstraint(name="rsvp_seated_or_waiting", condition=Q(seated_at=None) | Q(queue_no=None)),
            models.CheckConstraint(
                name="rsvp_offer_only_for_who_waits",
                condition=Q(offered_until=None, offer_lapsed_at=None)
                | Q(queue_no__isnull=False, offer_lapsed_at=None)
                | Q(queue_no__isnull=False, offered_until=None),
            ),
            models.CheckConstraint(
                name="rsvp_held_is_no_answer",
                condition=Q(hold_until=None)
                | Q(member=None, seated_at=None, queue_no=None, partstat=Partstat.NEEDS_ACTION),
            ),
            models.CheckConstraint(
                name="rsvp_late_only_with_a_seat",
                condition=Q(late_minutes=None, late_at=None)
                | Q(late_minutes__isnull=False, late_at__isnull=False, seated_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["session", "seated_at"], name="rsvp_session_seated")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.member_id or self.email} {self.partstat}"

    @property
    def is_seated(self) -> bool:
        return self.seated_at is not None

    @property
    def is_waiting(self) -> bool:
        return self.seated_at is None and self.queue_no is not None

    @property
    def is_offered(self) -> bool:
        """A seat is kept for them until they answer. (One whose time is over lapses with the next turn.)"""
        return self.offered_until is not None

    def tell_late(self, minutes: int, *, now: datetime) -> None:
        """So many minutes late, or with 0 on time after all. The last word counts; without a seat nothing is kept."""
        said, since = (minutes, now) if minutes else (None, None)
        seat = Rsvp.objects.seated().filter(pk=self.pk)
        seat.exclude(late_minutes=said).update(late_minutes=said, late_at=since)
