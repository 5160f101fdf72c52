"""Who has a seat. The verbs here are the only writers of seat state, for page, mail link, host and sample club alike.

Every verb locks the session's row first, so that all who want a seat of one session come one after the other. That
holds under READ COMMITTED: the statement after the lock sees what was committed before it (under REPEATABLE READ it
would not, and the same lock overbooks; /readyz watches the setting).

A seat is promised to a party (a member and the friends who come on their word) whole or not at all. Free seats go
to the first party in the queue that fits; a party passed over keeps its place.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count
from django.utils import timezone as clock
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.models.rsvp import Companion, Partstat, Rsvp
from events.models.series import Membership
from outbox.models import Delivery, Lane

if TYPE_CHECKING:
    from members.models import Member

FRIENDS_AT_MOST = 3
# After this hour of the evening before, nobody is given a seat unasked: the page shows it, and who taps first has it.
QUIET_FROM = time(21, 0)


class SeatsError(ValidationError):
    """The answer cannot be taken as things stand: over, cancelled, closed, no seat. Says so to the person."""


class Seats(models.Model):
    """The seats of a session: how many there are, how many are taken, and the verbs that change it."""

    capacity = models.PositiveSmallIntegerField(
        _("seats"), default=24, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    # No constraint against capacity: lowering it evicts nobody.
    seats_taken = models.PositiveSmallIntegerField(default=0, editable=False)
    last_queue_no = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=clock.now)
    rsvp_opens_at = models.DateTimeField(_("answers from"), null=True, blank=True)
    rsvp_closes_at = models.DateTimeField(_("answers until"), null=True, blank=True)

    if TYPE_CHECKING:
        pk: int
        code: str
        starts_at: datetime
        published_at: datetime | None
        cancelled_at: datetime | None
        series_id: int
        rsvps: models.Manager[Rsvp]

        @property
        def zone(self) -> ZoneInfo: ...

    class Meta:
        abstract = True

    @property
    def seats_left(self) -> int:
        return max(self.capacity - self.seats_taken, 0)

    @property
    def is_full(self) -> bool:
        return self.seats_left == 0

    def quiet_from(self) -> datetime:
        """From this instant on a free seat goes to who taps first."""
        evening = self.starts_at.astimezone(self.zone).date() - timedelta(days=1)
        return datetime.combine(evening, QUIET_FROM, tzinfo=self.zone)

    def answer_refusal(self, *, now: datetime, coming: bool = True) -> str:
        """Why no answer can be taken now, in the reader's words, or empty. Leaving is possible until the start."""
        if self.published_at is None or self.cancelled_at is not None:
            return _t("This morning is not on.")
        if now >= self.starts_at:
            return _t("This morning has begun; answers are no longer taken.")
        if coming and self.rsvp_opens_at and now < self.rsvp_opens_at:
            return _t("Answers are not taken yet.")
        if coming and self.rsvp_closes_at and now > self.rsvp_closes_at:
            return _t("Answers are no longer taken. Please write to the host.")
        return ""

    # Verbs

    def rsvp(self, member: Member, partstat: str, *, now: datetime, question: str | None = None) -> Rsvp:
        """Take a member's answer: a seat if one is free, else a place in the queue; or give both back.

        Saying the same again changes nothing, except that a waiting person takes a seat that is free now.
        Raises `SeatsError` when no answer can be taken.
        """
        with transaction.atomic():
            self._lock()
            self._refuse(now=now, coming=partstat == Partstat.ACCEPTED)
            rsvp = self._answer_of(member)
            if question is not None:
                rsvp.question = question
            rsvp.answered_at = now
            if partstat == Partstat.ACCEPTED:
                self._come(rsvp, now=now)
            else:
                self._leave(rsvp, now=now)
        return rsvp

    def add_friend(self, member: Member, name: str, *, yomi: str = "", now: datetime) -> Companion:
        """Bring a friend on this member's word: one more seat if the party is seated, one more to wait if it waits."""
        with transaction.atomic():
            self._lock()
            self._refuse(now=now, coming=True)
            rsvp = self._answer_of(member)
            if rsvp.partstat != Partstat.ACCEPTED:
                raise SeatsError(_t("Please say first that you are coming yourself."), code="not_coming")
            if self._friends(rsvp) >= FRIENDS_AT_MOST:
                raise SeatsError(_t("Three friends at most, please."), code="too_many")
            if rsvp.is_seated and not self.seats_left:
                raise SeatsError(_t("There is no seat left for your friend."), code="full")
            friend = Companion.objects.create(rsvp=rsvp, name=name, yomi=yomi, created_at=now)
            self._save_seats(taken=int(rsvp.is_seated), now=now)
        return friend

    def remove_friend(self, member: Member, companion_id: int, *, now: datetime) -> None:
        """The friend does not come; the seat goes to the queue. Unknown friends are no error: the wish is fulfilled."""
        with transaction.atomic():
            self._lock()
            self._refuse(now=now, coming=False)
            rsvp = self._answer_of(member)
            gone, _rows = Companion.objects.filter(rsvp_id=rsvp.pk, pk=companion_id).delete()
            if gone:
                self._save_seats(taken=-int(rsvp.is_seated), now=now)
                self._promote(now=now)

    def set_capacity(self, capacity: int, *, now: datetime) -> None:
        """More or fewer seats. Fewer evicts nobody; more go to the queue."""
        with transaction.atomic():
            self._lock()
            self.capacity = capacity
            self._save_seats(taken=0, now=now)
            self._promote(now=now)

    # What the verbs are made of; all of it runs under the lock.

    def _lock(self) -> None:
        """Lock this row and read it anew: what the caller had in hand may be old."""
        fresh = type(self)._default_manager.select_for_update().get(pk=self.pk)  # noqa: SLF001 - Django documents it
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))

    def _refuse(self, *, now: datetime, coming: bool) -> None:
        if refusal := self.answer_refusal(now=now, coming=coming):
            raise SeatsError(refusal, code="refused")

    def _answer_of(self, member: Member) -> Rsvp:
        found = Rsvp.objects.filter(session_id=self.pk, member=member).annotate(friends=Count("companions")).first()
        rsvp = found or Rsvp(session_id=self.pk)
        rsvp.member = member
        return rsvp

    def _friends(self, rsvp: Rsvp) -> int:
        return int(getattr(rsvp, "friends", 0))

    def _come(self, rsvp: Rsvp, *, now: datetime) -> None:
        rsvp.partstat = Partstat.ACCEPTED
        party = 1 + self._friends(rsvp)
        if rsvp.is_seated:
            rsvp.save()
            return
        if party <= self.seats_left:
            self._seat(rsvp, mail="rsvp.confirmed", now=now)
            self._save_seats(taken=party, now=now)
        else:
            if rsvp.queue_no is None:
                self.last_queue_no += 1
                rsvp.queue_no = self.last_queue_no
            rsvp.save()
            self._save_seats(taken=0, now=now)
        Membership.objects.bulk_create(
            [Membership(series_id=self.series_id, member=rsvp.member, joined_at=now)], ignore_conflicts=True
        )

    def _leave(self, rsvp: Rsvp, *, now: datetime) -> None:
        freed = 1 + self._friends(rsvp) if rsvp.is_seated else 0
        was_coming = rsvp.partstat == Partstat.ACCEPTED
        rsvp.partstat, rsvp.seated_at, rsvp.queue_no = Partstat.DECLINED, None, None
        rsvp.offered_until = rsvp.hold_until = rsvp.late_minutes = rsvp.late_at = None
        rsvp.version += int(was_coming)
        rsvp.save()
        if was_coming:
            rsvp.companions.all().delete()
        if freed:
            self._owe("rsvp.left", rsvp)
        self._save_seats(taken=-freed, now=now)
        self._promote(now=now)

    def _seat(self, rsvp: Rsvp, *, mail: str, now: datetime) -> None:
        rsvp.seated_at, rsvp.queue_no = now, None
        rsvp.version += 1
        rsvp.save()
        self._owe(mail, rsvp)

    def _promote(self, *, now: datetime) -> None:
        """Give free seats to the queue: the first party that fits whole, then the next, until none fits."""
        nobody_waited = self.last_queue_no == 0
        if nobody_waited or not self.seats_left or now >= self.quiet_from() or self.cancelled_at is not None:
            return
        queue = Rsvp.objects.filter(session_id=self.pk).waiting().select_related("member")
        taken = 0
        for rsvp in queue.annotate(friends=Count("companions")):
            party = 1 + self._friends(rsvp)
            if party <= self.seats_left - taken:
                self._seat(rsvp, mail="rsvp.promoted", now=now)
                taken += party
        if taken:
            self._save_seats(taken=taken, now=now)

    def _save_seats(self, *, taken: int, now: datetime) -> None:
        self.seats_taken += taken
        self.changed_at = now
        self.save(update_fields=["capacity", "seats_taken", "last_queue_no", "changed_at"])

    def _owe(self, kind: str, rsvp: Rsvp) -> None:
        """The mail of this seat change: one per version of the answer, so that no change is told twice."""
        assert rsvp.member is not None  # noqa: S101 - visitors have verbs of their own
        Delivery.objects.owe(
            kind,
            f"{rsvp.pk}:{rsvp.version}",
            to=rsvp.member.email,
            language=rsvp.member.language,
            context={"rsvp": rsvp.pk, "version": rsvp.version},
            lane=Lane.ANSWER,
            useful_until=self.starts_at,
        )
