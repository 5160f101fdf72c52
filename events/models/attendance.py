"""Who really came. Its own table: what people said is not what happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events import nights
from members import links
from members.fields import LineField
from members.refusals import Refusal
from outbox.models import Delivery

# The mail that asks a walk-in to become a member, how many of these may reach an address in a day, and how long its
# link works and the address is kept.
ASKS, ASKED_A_DAY, WALK_IN_FOR = "walk_in.welcome", 3, timedelta(days=60)
# So long an absence without a word is counted.
COUNTED_FOR = timedelta(days=365)


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def came(self) -> AttendanceQuerySet:
        return self.filter(status=Attendance.Status.CAME)

    def without_word(self, *, now: datetime) -> AttendanceQuerySet:
        """Members who had a seat and neither came nor said so, within twelve months; from closed lists. For hosts."""
        lately = {"session__starts_at__gt": now - COUNTED_FOR, "session__starts_at__lte": now}
        closed = self.filter(session__roster_closed_at__isnull=False, session__cancelled_at=None, **lately)
        return closed.filter(status=Attendance.Status.ABSENT, member__isnull=False)


class Attendance(models.Model):
    """One person at one session, as the door marked it, from the first tap on.

    A friend or walk-in has a name and no member; who becomes a member later has both.
    """

    class Status(models.TextChoices):
        CAME = "came", _("came")
        ABSENT = "absent", _("did not come")
        EXCUSED = "excused", _("excused")

    session = models.ForeignKey("events.Session", on_delete=models.CASCADE, related_name="attendances")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="attendances"
    )
    name = LineField(_("name"), max_length=80, blank=True)
    yomi = LineField(_("reading"), max_length=80, blank=True)
    # The friend of whom, and which row of the RSVP it was.
    introduced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    companion = models.OneToOneField("events.Companion", null=True, blank=True, on_delete=models.SET_NULL)
    status = models.CharField(max_length=10, choices=Status, default=Status.CAME)
    first_time = models.BooleanField(default=False)
    marked_at = models.DateTimeField(default=timezone.now)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Which tap it was: one that is sent twice, because the line was down, counts once.
    tap = models.UUIDField(null=True, blank=True, editable=False)
    # Of a walk-in who wants to become a member.
    email = models.EmailField(_("mail address"), max_length=254, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "member"], name="attendance_once"),
            models.UniqueConstraint(fields=["session", "tap"], name="attendance_once_per_tap"),
            models.CheckConstraint(name="attendance_somebody", condition=Q(member__isnull=False) | ~Q(name="")),
        ]
        indexes = [models.Index(fields=["member", "session"], name="attendance_member")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.member_id or self.name} {self.status}"

    @transaction.atomic
    def ask_to_join(self, email: str, *, now: datetime) -> None:
        """Owe the one mail with which a walk-in becomes a member: after the morning, by day.

        Nobody is asked who is a member by now or came on a member's word, nor at a refused address.
        """
        if self.member_id or self.companion_id:
            return
        self.email = email.lower()
        Attendance.objects.filter(pk=self.pk).update(email=self.email)
        asked = Delivery.objects.filter(kind=ASKS, to=self.email, created_at__gt=now - timedelta(days=1))
        if not self.email or asked.count() >= ASKED_A_DAY or Refusal.objects.covers(self.email):
            return
        session = self.session
        Delivery.objects.owe(
            ASKS,
            f"{self.pk}:{links.derive('friend.key', self.email)}",
            to=self.email,
            language=session.language,
            context={"attendance": self.pk},
            not_before=nights.by_day(max(now, session.ends_at), session.zone),
            useful_until=session.ends_at + WALK_IN_FOR,
        )
