"""What the verbs of events/models/seats.py are made of: the state of seats and queue, and how free seats are passed on.

All of it runs under the lock of the session's row. The two modules are the only writers of seat state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Min
from django.db.models.functions import Least
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _

from events import nights
from events.models import near_start as near
from events.models.near_start import NearStart
from events.models.rsvp import Rsvp, RsvpQuerySet
from events.models.series import Series
from outbox.models import Delivery, Lane


class Queue(models.Model):
    """How many seats there are, how many are promised, who waits, and who is next."""

    capacity = models.PositiveSmallIntegerField(
        _("seats"), default=24, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    # No constraint against capacity: lowering it evicts nobody.
    seats_taken = models.PositiveSmallIntegerField(default=0, editable=False)
    # Kept for those who are asked whether a seat still suits them, and for visitors who were sent a mail to confirm.
    seats_held = models.PositiveSmallIntegerField(default=0, editable=False)
    # No seat is kept too long before this: until then an answer need not look.
    lapses_at = models.DateTimeField(null=True, editable=False)
    # Empty: as the series has it.
    near_start = models.CharField(near.WHEN, max_length=10, choices=NearStart, blank=True)
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
        @property
        def local_start(self) -> datetime: ...

    class Meta:
        abstract = True

    @property
    def seats_promised(self) -> int:
        """Taken, or kept for somebody who is asked. A page's query counts as `lapsed` what is kept too long."""
        return self.seats_taken + self.seats_held - int(vars(self).get("lapsed", 0))

    @property
    def seats_left(self) -> int:
        return max(self.capacity - self.seats_promised, 0)

    @property
    def is_full(self) -> bool:
        return self.seats_left == 0

    def quiet_from(self) -> datetime:
        """From this instant on a free seat goes to who taps first."""
        return near.quiet_from(self.local_start)

    def _lock(self) -> None:
        """Lock this row and read it anew: what the caller had in hand may be old."""
        fresh = type(self)._default_manager.select_for_update().get(pk=self.pk)  # noqa: SLF001 - Django documents it
        vars(self).pop("lapsed", None)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))

    def _take_turn(self, *, now: datetime) -> None:
        """Lock, and let offers lapse whose time is over: nothing depends on a tick having come by before."""
        self._lock()
        self._let_lapse(now=now)

    def _let_lapse(self, *, now: datetime) -> None:
        """Who did not answer in time waits on at the same place, who never confirmed is gone, and the next is asked."""
        if self.lapses_at is None or now < self.lapses_at:
            return
        lapsed = list(self._parties(Rsvp.objects.offered().filter(offered_until__lte=now)))
        never = self._drop_holds(Rsvp.objects.held().filter(hold_until__lte=now))
        for rsvp in lapsed:
            rsvp.offered_until, rsvp.offer_lapsed_at = None, rsvp.offered_until
        Rsvp.objects.bulk_update(lapsed, ["offered_until", "offer_lapsed_at"])
        first = Least(Min("hold_until"), Min("offered_until"))
        self.lapses_at = Rsvp.objects.filter(session_id=self.pk).aggregate(first=first)["first"]
        self._save_seats(held=-never - sum(1 + self._friends(rsvp) for rsvp in lapsed), now=now)
        self._promote(now=now, freed=True)

    def _drop_holds(self, holds: RsvpQuerySet) -> int:
        """Keep these seats no longer; nothing stays of who never said yes. Returns how many there were."""
        found = list(holds.filter(session_id=self.pk).values_list("pk", flat=True))
        if found:
            Rsvp.objects.filter(pk__in=found).delete()
        return len(found)

    def _keep_until(self, until: datetime) -> datetime:
        """Note that a seat is kept so long; saved with the number of seats."""
        self.lapses_at = min(until, self.lapses_at or until)
        return until

    def _parties(self, rsvps: RsvpQuerySet) -> RsvpQuerySet:
        """These of this session, with their number of friends."""
        return rsvps.filter(session_id=self.pk).select_related("member").annotate(friends=Count("companions"))

    def _friends(self, rsvp: Rsvp) -> int:
        return int(getattr(rsvp, "friends", 0))

    def _seat(self, rsvp: Rsvp, *, mail: str, now: datetime, not_before: datetime | None = None) -> None:
        rsvp.seated_at, rsvp.queue_no, rsvp.offered_until, rsvp.offer_lapsed_at = now, None, None, None
        rsvp.version += 1
        rsvp.save()
        self._owe(mail, rsvp, not_before=not_before)

    def _offer(self, rsvp: Rsvp, *, now: datetime) -> None:
        rsvp.offered_until = self._keep_until(near.offer_until(self.local_start, now=now))
        rsvp.save()
        mail = self._queue_mail("rsvp.offer", rsvp, what=f"{rsvp.offered_until:%m%dT%H%M}", now=now)
        mail.useful_until = rsvp.offered_until
        Delivery.objects.owe_many([mail])

    def _way(self, *, now: datetime) -> str:
        """How a free seat is passed on at this hour; empty when nobody is told any more."""
        wall = self.local_start
        if now < near.near_from(wall):
            return NearStart.AT_ONCE
        series = Series.objects.filter(pk=self.series_id).values_list("near_start", flat=True)
        return near.way(wall, self.near_start or series.get(), now=now)

    def _promote(self, *, now: datetime, freed: bool = False) -> None:
        """Pass free seats on to the queue; `freed` says that there may be more of them than a moment ago.

        The first party that fits whole, then the next, until none fits: seated, or asked. Whom what is left is too
        small for, is told once that fewer of them could come.
        """
        nobody_waited = self.last_queue_no == 0
        if nobody_waited or not self.seats_left or self.cancelled_at is not None or now >= self.quiet_from():
            return
        way = self._way(now=now)
        if way == NearStart.FIRST_TAP:
            if freed:
                self._tell_queue(now=now)
            return
        queue = self._parties(Rsvp.objects.waiting().filter(offered_until=None))
        if way == NearStart.OFFER:
            queue = queue.filter(offer_lapsed_at=None)
        self._serve(queue, asks=way == NearStart.OFFER, now=now)

    def _serve(self, queue: Iterable[Rsvp], *, asks: bool, now: datetime) -> None:
        """Seat or ask the parties that fit, in their order."""
        left, passed_over = self.seats_left, []
        for rsvp in queue:
            party = 1 + self._friends(rsvp)
            if party > left:
                passed_over.append(rsvp)
                continue
            if asks:
                self._offer(rsvp, now=now)
            else:
                self._seat(rsvp, mail="rsvp.promoted", now=now, not_before=nights.by_day(now, self.zone))
            left -= party
        if given := self.seats_left - left:
            self._save_seats(taken=0 if asks else given, held=given if asks else 0, now=now)
        if left:
            Delivery.objects.owe_many([self._smaller(rsvp, now=now) for rsvp in passed_over])

    def _tell_queue(self, *, now: datetime) -> None:
        """A seat is free for whoever taps first: told to all who wait, to a party too large that fewer could come."""
        queue = self._parties(Rsvp.objects.waiting().filter(offered_until=None))
        told = [
            self._queue_mail("rsvp.free", rsvp, what=f"{now:%m%dT%H%M}", now=now)
            if self._friends(rsvp) < self.seats_left
            else self._smaller(rsvp, now=now)
            for rsvp in queue
        ]
        Delivery.objects.owe_many(told)

    def _save_seats(self, *, taken: int = 0, held: int = 0, now: datetime) -> None:
        self.seats_taken += taken
        self.seats_held += held
        self.changed_at = now
        counted = ("capacity", "seats_taken", "seats_held", "lapses_at", "last_queue_no")
        self.save(update_fields=[*counted, "near_start", "changed_at"])

    def _follow_start(self, *, now: datetime) -> None:
        """After a move: whoever let an offer lapse may be asked for the new day, and none stands too long before it."""
        rsvps = Rsvp.objects.filter(session_id=self.pk)
        rsvps.exclude(offer_lapsed_at=None).update(offer_lapsed_at=None)
        latest = near.offers_until(self.local_start)
        rsvps.offered().filter(offered_until__gt=latest).update(offered_until=latest)
        self.lapses_at = self.lapses_at and min(self.lapses_at, latest)
        self._let_lapse(now=now)
        self._promote(now=now, freed=True)

    def _owe(self, kind: str, rsvp: Rsvp, *, not_before: datetime | None = None) -> None:
        """The mail of a seat given or given back: one per version of the answer, so that no change is told twice."""
        mail = self._mail(kind, rsvp, str(rsvp.version), {"version": rsvp.version})
        mail.next_attempt_at = not_before or mail.created_at
        Delivery.objects.owe_many([mail])

    def _smaller(self, rsvp: Rsvp, *, now: datetime) -> Delivery:
        """That what is left is too small for the party: once for each place in the queue."""
        return self._queue_mail("rsvp.smaller", rsvp, now=now)

    def _queue_mail(self, kind: str, rsvp: Rsvp, *, what: str = "", now: datetime) -> Delivery:
        """Told to somebody who waits, by day and for as long as mails go to the queue.

        One per place in the queue and, where it can happen again, per occasion: `what`.
        """
        mail = self._mail(kind, rsvp, f"q{rsvp.queue_no}{what and f':{what}'}", {"queue_no": rsvp.queue_no})
        mail.next_attempt_at, mail.useful_until = nights.by_day(now, self.zone), self.quiet_from()
        return mail

    def _mail(self, kind: str, rsvp: Rsvp, key: str, context: dict[str, object]) -> Delivery:
        assert rsvp.member is not None  # noqa: S101 - visitors have verbs of their own
        return Delivery(
            kind=kind,
            key=f"{kind}:{rsvp.pk}:{key}",
            to=rsvp.member.email,
            language=rsvp.member.language,
            context={"rsvp": rsvp.pk, **context},
            lane=Lane.ANSWER,
            useful_until=self.starts_at,
        )
