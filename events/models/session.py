"""One meeting: a row of its own, with its own address, seats, number and calendar entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from types import EllipsisType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Case, Count, Deferrable, Exists, F, Max, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from config.prepared import Prepared, text
from events import concerned, nights, off_reasons, running_order
from events.models.job import Job
from events.models.notice import Notice, is_late
from events.models.rsvp import Rsvp
from events.models.seats import Seats
from events.models.series import Membership, Series, Viewer, audiences_open_to
from events.models.venue import Venue
from events.models.window import late_needs_headcount, opens_before_it_closes
from members.fields import CodeField, LineField, ProseField
from members.models import Activity, Member
from members.names import clean_line, new_code
from members.readers import Reader
from outbox.models import Delivery, Lane
from search import sources

# Whoever has the door of a morning has its list for so long before and after.
BY_JOB = timedelta(hours=14)


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, viewer: Viewer) -> SessionQuerySet:
        """Sessions this person may see: published ones of series they may see, and drafts of series they host."""
        if viewer.is_authenticated and viewer.is_staff:
            return self
        members = Membership.objects.all()
        known = Q(series__audience__in=audiences_open_to(viewer)) | Q(series_id__in=members.series_of(viewer))
        shown = Q(published_at__isnull=False) | Q(series_id__in=members.hosts().series_of(viewer))
        return self.filter(shown, known)

    def of_series_hosted_by(self, viewer: Viewer) -> SessionQuerySet:
        """Sessions of series this person hosts: what is the club's, as its guests and letters, is theirs to handle."""
        return self.filter(Exists(Series.objects.hosted_by(viewer).filter(pk=OuterRef("series"))))

    def saying_whether_of_series(self, viewer: Viewer) -> SessionQuerySet:
        """Each with `hosts_series`: whether this person hosts its series, or this one alone as who proposed it."""
        return self.annotate(hosts_series=Exists(Series.objects.hosted_by(viewer).filter(pk=OuterRef("series"))))

    def hosted_by(self, viewer: Viewer) -> SessionQuerySet:
        """Sessions this person may change: those of series they host, and a gathering they proposed."""
        hosted = Exists(Series.objects.hosted_by(viewer).filter(pk=OuterRef("series")))
        return self.filter(hosted | Q(gathering__member=viewer) if viewer.is_authenticated else hosted)

    def door_of(self, viewer: Viewer, *, now: datetime) -> SessionQuerySet:
        """Sessions at whose door this person may check people in: by a role, or by a job of that morning.

        Who has the job has the list from the evening before until the evening after.
        """
        if not viewer.is_authenticated:
            return self.none()
        if viewer.is_staff:
            return self
        at_door = Exists(Membership.objects.door().filter(series=OuterRef("series"), member=viewer))
        near = Q(starts_at__lt=now + BY_JOB, ends_at__gt=now - BY_JOB, published_at__isnull=False)
        by_job = near & Q(Exists(Job.objects.filter(session=OuterRef("pk"), kind=Job.Kind.DOOR, member=viewer)))
        return self.visible_to(viewer).filter(at_door | Q(gathering__member=viewer) | by_job)

    def reported_by(self, viewer: Viewer) -> SessionQuerySet:
        """Sessions of which this person may write the report: as a host, or as a job of that morning."""
        if not viewer.is_authenticated:
            return self.none()
        hosted = Exists(Session.objects.hosted_by(viewer).filter(pk=OuterRef("pk")))
        by_job = Exists(Job.objects.filter(session=OuterRef("pk"), kind=Job.Kind.REPORT, member=viewer))
        return self.visible_to(viewer).annotate(hosting=hosted).filter(Q(hosting=True) | Q(by_job))

    def published(self) -> SessionQuerySet:
        return self.filter(published_at__isnull=False)

    def on(self) -> SessionQuerySet:
        """Published and not cancelled."""
        return self.published().filter(cancelled_at=None)

    def upcoming(self, now: datetime) -> SessionQuerySet:
        """From now on, the next first. A session stays here until it has ended."""
        return self.filter(ends_at__gt=now).order_by("starts_at", "pk")

    def counting_lapsed(self, now: datetime) -> SessionQuerySet:
        """Each with `lapsed`: how many seats it keeps for visitors longer than it may, free though no tick came by."""
        never = Rsvp.objects.held().filter(session=OuterRef("pk"), hold_until__lte=now).order_by()
        number = Coalesce(Subquery(never.values("session").annotate(n=Count("pk")).values("n")), 0)
        return self.annotate(lapsed=Case(When(lapses_at__lte=now, then=number), default=0))

    def past(self, now: datetime) -> SessionQuerySet:
        """Those that are over, the newest first."""
        return self.filter(ends_at__lte=now).order_by("-starts_at", "-pk")


@cache
def _seen(reader: Reader) -> Prepared[Session]:
    """Which session of a code somebody may see: what else there is to know about them is asked with it."""
    return Prepared(lambda: Session.objects.visible_to(reader.stand_in).only("code").filter(code=text("code")))


def to_answer(code: str, member: Member) -> Session | None:
    """The session somebody answers for, where they may see it: the verb reads the row itself, under the lock."""
    return _seen(Reader.of(member)).first(code=code, reader=member.pk)


class Session(Seats):
    """One meeting of a series: published by a host, moved, cancelled, and remembered at the same address."""

    code = CodeField()
    # Opens the meeting-point card without account; can be passed on to a friend.
    meeting_code = CodeField()
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    title = LineField(_("title"), max_length=200, blank=True)
    summary = ProseField(_("what kind of morning it is"), max_length=5000, blank=True)
    language = models.CharField(_("language"), max_length=8, default="ja")
    # The local date the rule yielded (RFC 5545 RECURRENCE-ID); a moved session keeps it, a one-off has none.
    recurrence_id = models.DateField(null=True, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(editable=False)
    # When it was to begin before it was moved last, if people could read that.
    moved_from = models.DateTimeField(null=True, blank=True, editable=False)
    # Of an older morning that was taken in: nobody wrote down the hour, and none is shown.
    is_day_only = models.BooleanField(default=False, editable=False)
    timezone = models.CharField(max_length=40, default="Asia/Tokyo")
    duration_minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=80, validators=[MinValueValidator(10), MaxValueValidator(1440)]
    )
    doors_minutes = models.PositiveSmallIntegerField(default=20, validators=[MaxValueValidator(240)])
    venue = models.ForeignKey(Venue, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("place"))
    fee_amount = models.PositiveIntegerField(_("fee"), default=0, validators=[MaxValueValidator(10_000_000)])
    fee_currency = models.CharField(max_length=3, default="JPY")
    # The running order, a line each: "6:40 doors".
    programme = ProseField(_("running order"), max_length=2000, blank=True)

    published_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = LineField(max_length=300, blank=True)
    # Edited by hand: another schedule of the series leaves it alone.
    edited_at = models.DateTimeField(null=True, blank=True)
    # Which fields: a change pushed to "all later ones" leaves these alone.
    edited_fields = ArrayField(models.CharField(max_length=20), default=list, blank=True, editable=False)
    roster_closed_at = models.DateTimeField(null=True, blank=True)
    # Opened again: it closes itself only at the noon after that.
    roster_reopened_at = models.DateTimeField(null=True, blank=True, editable=False)
    # From here on the roster stays closed: introductions stand upon it.
    roster_final_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The host whose morning this is; empty where it is the owner's, as every other.
    led_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # RFC 5545 UID and SEQUENCE of its calendar entry.
    uid = models.CharField(max_length=100, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=clock.now)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        constraints = [
            models.UniqueConstraint(fields=["series", "recurrence_id"], name="session_once_per_occurrence"),
            models.UniqueConstraint(
                fields=["series", "number"], name="session_number_unique", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(name="session_capacity_positive", condition=Q(capacity__gt=0)),
            models.CheckConstraint(name="session_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="session_cancelled_with_reason", condition=Q(cancelled_at=None) | ~Q(cancel_reason="")
            ),
            late_needs_headcount("session_late_price_from_an_hour", "headcount_at"),
            opens_before_it_closes("session_opens_before_it_closes"),
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="session_starts"),
            models.Index(fields=["series", "-starts_at"], name="session_series_starts"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.local_start:%Y-%m-%d %H:%M}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.complete()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def complete(self) -> None:
        """Work out what follows from the rest; for rows that are written in bulk."""
        self.uid = self.uid or f"{self.code}@{urlsplit(settings.SITE_URL).hostname}"
        self.ends_at = self.starts_at + timedelta(minutes=self.duration_minutes)

    def get_absolute_url(self) -> str:
        return reverse("session", args=[self.code])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def local_start(self) -> datetime:
        """The start as the clock on the wall shows it."""
        return self.starts_at.astimezone(self.zone)

    @property
    def local_end(self) -> datetime:
        return self.ends_at.astimezone(self.zone)

    @property
    def doors_at(self) -> datetime:
        return (self.starts_at - timedelta(minutes=self.doors_minutes)).astimezone(self.zone)

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def off_because(self) -> str:
        """Why it was called off, in the reader's language where a host chose the reason instead of typing it."""
        return off_reasons.said(self.cancel_reason)

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now

    # Verbs of the host

    @transaction.atomic
    def publish(self, *, now: datetime, actor: Member | None = None) -> None:
        """Show it to those who may see the series, and give it its number. Publishing twice changes nothing."""
        series = self._lock_series()
        self._lock()
        if self.published_at is not None or self.cancelled_at is not None:
            return
        self.published_at = self.changed_at = now
        if series.numbered and self.recurrence_id is not None and self.number is None:
            self._take_number(series)
        self.save(update_fields=["published_at", "number", "changed_at"])
        Activity.record(actor, "session.publish", f"session:{self.code}", now=now, number=self.number)
        sources.refresh([self.code])
        self.seat_standing(now=now, tells=True)

    @transaction.atomic
    def cancel(self, reason: str, *, now: datetime, actor: Member | None = None) -> None:
        """Call it off: stays visible with its reason, hands its number on, and everybody concerned is told once."""
        self._lock_series()
        self._lock()
        if self.cancelled_at is not None:
            return
        if self.ends_at <= now:
            raise ValidationError(_t("This morning is over; it cannot be called off any more."))
        self.cancel_reason = clean_line(reason)
        if not self.cancel_reason:
            raise ValidationError(_t("Please give a reason: it is told to those who wanted to come."))
        was, number, self.cancelled_at, self.changed_at = self._as_it_stands(), self.number, now, now
        self._hand_number_on()
        self.sequence += 1
        self.save()
        Activity.record(
            actor, "session.cancel", f"session:{self.code}", now=now, reason=self.cancel_reason, number=number
        )
        sources.refresh([self.code])
        if self.starts_at > now:
            self._tell("session.cancelled", was=was, now=now)

    @transaction.atomic
    def restore(self, *, now: datetime, actor: Member | None = None) -> None:
        """Undo a cancellation: its number and seats are as they were, and those who were told are told."""
        self._lock_series()
        self._lock()
        if self.cancelled_at is None:
            return
        was, self.cancelled_at, self.cancel_reason, self.changed_at = self._as_it_stands(), None, "", now
        self.sequence += 1
        last = Activity.objects.filter(target=f"session:{self.code}", verb="session.cancel").order_by("-pk").first()
        if last is not None and last.detail.get("number"):
            self._number_as(last.detail["number"])
        self.save()
        Activity.record(actor, "session.restore", f"session:{self.code}", now=now)
        sources.refresh([self.code])
        if self.starts_at > now:
            self._tell("session.changed", was=was, now=now)
        self._let_lapse(now=now)
        self._promote(now=now, freed=True)

    @transaction.atomic
    def move(
        self,
        starts_at: datetime,
        *,
        now: datetime,
        actor: Member | None = None,
        venue: Venue | EllipsisType | None = ...,
        by_hand: bool = True,
    ) -> None:
        """Another time, another place: answers, reminders and calendars follow, everybody concerned is told once.

        Without `venue` the place stays; None takes it away. `by_hand`: for this session alone. Raises ValidationError
        for a time that is past.
        """
        self._lock()
        venue = self.venue if isinstance(venue, EllipsisType) else venue
        if starts_at == self.starts_at and venue == self.venue:
            return
        if starts_at <= now:
            raise ValidationError(_t("That time is past. Please look at the date again."))
        was, before, wall = self._as_it_stands(), self.starts_at, self.local_start
        if by_hand:
            self.by_hand({"starts_at"} if starts_at != self.starts_at else set())
            self.by_hand({"venue"} if venue != self.venue else set())
        if starts_at != before and self.published_at is not None:
            self.moved_from = before
        self.starts_at, self.venue, self.edited_at, self.changed_at = starts_at, venue, now, now
        self.programme = running_order.shifted(self.programme, _on_the_clock(wall, self.local_start))
        self._move_window(wall, now=now)
        self.standing_passed_at = None
        self.sequence += 1
        self.save()
        self._move_reminders(now=now)
        after = starts_at.isoformat()
        Activity.record(actor, "session.move", f"session:{self.code}", now=now, before=before.isoformat(), after=after)
        sources.refresh([self.code])
        if self.cancelled_at is None:
            self._tell("session.changed", was=was, now=now)
        self._follow_start(now=now)

    @transaction.atomic
    def charge(self, amount: int, *, now: datetime, knowing: Collection[str] = ()) -> None:
        """Another fee: who comes or waits is told once, as of another time or place, but not by night before the eve.

        Nobody is asked for a word, and each answer stands. Those `knowing` (by address) read it in a mail of their own.
        What an earlier change had still to say is said in the same mail, to those too who do not pay.
        """
        self._lock()
        if amount == self.fee_amount:
            return
        was, self.fee_amount, self.changed_at = self._as_it_stands(), amount, now
        tells = self.published_at is not None and self.cancelled_at is None and self.starts_at > now
        self.sequence += tells
        self.save(update_fields=["fee_amount", "changed_at", "sequence"])
        if not tells:
            return
        before = self.sequence - 1
        Notice.objects.filter(rsvp__session=self.pk, sequence=before).update(sequence=self.sequence)
        on_the_way = Delivery.objects.open().filter(context__session=self.pk, context__sequence=before)
        due = dict(on_the_way.values_list("to", "next_attempt_at"))
        news = [one for one in concerned.people(self) if one.email in due or (one.pays and one.email not in knowing)]
        by_day = now if is_late([self.starts_at], self.zone, now=now) else nights.by_day(now, self.zone)
        self._owe_news("session.changed", news, was=was, goes_at=min([by_day, *due.values()]))

    @transaction.atomic
    def run_longer(self, after: str, by: timedelta, *, now: datetime, actor: Member) -> None:
        """What stands in the running order after this hour is later by so much; the hard end stays."""
        self._lock()
        until = f"{self.local_end:%H:%M}"
        self.programme = running_order.longer(self.programme, after, by, until=until)
        self.save(update_fields=["programme"])
        minutes = round(by.total_seconds() / 60)
        Activity.record(actor, "session.clock", f"session:{self.code}", now=now, minutes=minutes)

    @transaction.atomic
    def renew_card(self, *, now: datetime, actor: Member) -> None:
        """A new link for the meeting-point card; the old one leads nowhere from now on."""
        self._lock()
        self.meeting_code = new_code()
        self.save(update_fields=["meeting_code"])
        Activity.record(actor, "session.card", f"session:{self.code}", now=now)

    # What the verbs are made of

    def by_hand(self, fields: Iterable[str]) -> None:
        """These fields are this session's own from now on; the caller saves."""
        self.edited_fields = sorted({*self.edited_fields, *fields})

    def _lock_series(self) -> Series:
        """Numbers are the series': whoever gives or takes one comes one after the other.

        Without touching its key (FOR NO KEY UPDATE): somebody's first answer makes a membership that refers to it,
        under the session's lock, and the two would wait for each other.
        """
        return Series.objects.select_for_update(no_key=True).get(pk=self.series_id)

    def _take_number(self, series: Series) -> None:
        """The number after the latest earlier one; what comes later moves up."""
        numbered = Session.objects.filter(series=series, number__isnull=False).exclude(pk=self.pk)
        last = numbered.filter(starts_at__lt=self.starts_at).aggregate(Max("number"))["number__max"]
        first_later = numbered.filter(starts_at__gt=self.starts_at).aggregate(Min("number"))["number__min"]
        self._number_as(last + 1 if last is not None else first_later or series.first_number)

    def _number_as(self, number: int) -> None:
        """Take this number; where somebody has it, that one and all above move up."""
        others = Session.objects.filter(series=self.series_id).exclude(pk=self.pk)
        if others.filter(number=number).exists():
            others.filter(number__gte=number).update(number=F("number") + Value(1))
        self.number = number

    def _hand_number_on(self) -> None:
        if self.number is None:
            return
        later = Session.objects.filter(series_id=self.series_id, number__gt=self.number).exclude(pk=self.pk)
        later.update(number=F("number") - Value(1))
        self.number = None

    def _move_reminders(self, *, now: datetime) -> None:
        """Each falls due anew; what is owed for another day is void. Of several in one mail, the mail asks itself."""
        self.reminder_runs.all().delete()
        this_day = f"reminder:{self.pk}:{self.local_start.date().isoformat()}:"
        owed = Delivery.objects.open().filter(key__startswith=f"reminder:{self.pk}:").exclude(kind="reminder.joined")
        owed.exclude(key__startswith=this_day).update(dropped_at=now, drop_reason="moved")

    def _as_it_stands(self) -> dict[str, Any]:
        """When, where, whether and for how much: what a mail of a change compares with."""
        return {
            "starts_at": self.starts_at.isoformat(),
            "venue": self.venue_id,
            "off": self.cancelled_at is not None,
            "fee": self.fee_amount,
        }

    def _tell(self, kind: str, *, was: dict[str, Any], now: datetime) -> None:
        """Owe the mail of a change to everybody it concerns: who has a seat, who waits, and whom higher apps name.

        At any hour: this mail knows no quiet hours. So late that a mail may not be seen, each is asked for a word.
        """
        if is_late((self.starts_at, datetime.fromisoformat(was["starts_at"])), self.zone, now=now):
            Notice.objects.tell(self.pk, self.sequence, now=now)
        self._owe_news(kind, concerned.people(self), was=was, goes_at=now)

    def _owe_news(
        self, kind: str, people: Iterable[concerned.Person], *, was: dict[str, Any], goes_at: datetime
    ) -> None:
        context = {"session": self.pk, "sequence": self.sequence, "was": was}
        rows = [
            Delivery(
                kind=person.kind or kind,
                key=f"{kind}:{self.pk}:{self.sequence}:{person.key}",
                to=person.email,
                language=person.language,
                context={**context, **person.context},
                lane=Lane.ANSWER,
                next_attempt_at=goes_at,
                useful_until=self.ends_at,
            )
            for person in people
        ]
        Delivery.objects.owe_many(rows)


def _on_the_clock(before: datetime, after: datetime) -> timedelta:
    """By how much the hands of the clock differ, whatever the dates."""
    return timedelta(hours=after.hour - before.hour, minutes=after.minute - before.minute)
