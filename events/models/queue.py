"""What the verbs of events/models/seats.py are made of: the state of seats and queue, and how free seats are passed on.

All of it runs under the lock of the session's row. The two modules are the only writers of seat state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Exists, Min, OuterRef, Value
from django.db.models.functions import Least
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _

from config.prepared import Prepared, execute, insert, number
from events import nights
from events.models import near_start as near
from events.models.attendance import Attendance
from events.models.near_start import NearStart
from events.models.rsvp import Rsvp, RsvpQuerySet
from events.models.series import Joining, Series
from events.models.window import Window
from members.fields import LineField
from outbox.models import Delivery, Lane

if TYPE_CHECKING:
    from members.models import Member


SAVE_SEATS = """
UPDATE events_session SET
  capacity = %(capacity)s, seats_taken = %(seats_taken)s, seats_held = %(seats_held)s, lapses_at = %(lapses_at)s,
  seats_for_new = %(seats_for_new)s, seats_new = %(seats_new)s, last_queue_no = %(last_queue_no)s,
  kept_seats_freed_at = %(kept_seats_freed_at)s, spare_covers = %(spare_covers)s,
  spares_freed_at = %(spares_freed_at)s, near_start = %(near_start)s, changed_at = %(changed_at)s,
  guest_party = %(guest_party)s, guest_seats = %(guest_seats)s, guest_diets = %(guest_diets)s
WHERE id = %(id)s
"""


@cache
def locking(model: type[Queue], *, asks: bool) -> Prepared[Queue]:
    """The row, locked; whether everybody belongs to its series who comes; if it `asks`, whether somebody ever came."""
    came = Attendance.objects.came().filter(member=number("by"), session__series=OuterRef("series"))
    before = Exists(came) if asks else Value(False)
    openly = Exists(Series.objects.filter(pk=OuterRef("series"), joining=Joining.OPEN))
    rows = model._default_manager.annotate(came_before=before, openly=openly)  # noqa: SLF001 - Django documents it
    return Prepared(lambda: rows.select_for_update(of=("self",)).filter(pk=number("pk")))


class Queue(Window):
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
    # Kept for newcomers until five days before the start; how many promised seats are newcomers'; when that ended.
    seats_for_new = models.PositiveSmallIntegerField(
        _("Seats kept for newcomers"), default=0, validators=[MaxValueValidator(1000)]
    )
    seats_new = models.PositiveSmallIntegerField(default=0, editable=False)
    kept_seats_freed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Covers the restaurant lays beyond the seats: for friends alone, once it knows how many come; when that was.
    spare_covers = models.PositiveSmallIntegerField(_("Spare covers"), default=0, validators=[MaxValueValidator(100)])
    spares_freed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # How many the guests bring, how many of the seats taken are theirs, and what guests and those do not eat.
    guest_party = models.PositiveSmallIntegerField(default=0, editable=False)
    guest_seats = models.PositiveSmallIntegerField(default=0, editable=False)
    guest_diets = ArrayField(LineField(max_length=200), default=list, blank=True, editable=False)
    # Empty: as the series has it.
    near_start = models.CharField(near.WHEN, max_length=10, choices=NearStart, blank=True)
    last_queue_no = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=clock.now)

    # Whether who comes belongs to the series: read with the lock.
    joins_openly = True

    if TYPE_CHECKING:
        pk: int
        code: str
        starts_at: datetime
        published_at: datetime | None
        cancelled_at: datetime | None
        fee_currency: str
        series_id: int
        rsvps: models.Manager[Rsvp]

        @property
        def zone(self) -> ZoneInfo: ...
        @property
        def local_start(self) -> datetime: ...
        @property
        def doors_at(self) -> datetime: ...

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

    @property
    def kept_until(self) -> datetime:
        """Until when seats are kept for newcomers, on the clock where people meet."""
        return near.kept_until(self.local_start)

    def seats_kept(self, *, now: datetime) -> int:
        """How many of the free seats are for newcomers alone at this moment."""
        if now >= self.kept_until:
            return 0
        return min(max(self.seats_for_new - self.seats_new, 0), self.seats_left)

    def room_for(self, *, new: bool, now: datetime) -> int:
        """How many seats somebody may have: a newcomer all that are left, others what is not kept."""
        return self.seats_left - (0 if new else self.seats_kept(now=now))

    def told_by(self) -> datetime:
        """By then the restaurant knows how many come: the host's hour, else six on the evening before."""
        return self.headcount_at or near.told_by(self.local_start)

    def spares_left(self, *, now: datetime) -> int:
        """How many covers beyond the seats a friend may still have: none before the restaurant knows how many come."""
        if self.spares_freed_at is None and now < self.told_by():
            return 0
        return max(self.spare_covers - max(self.seats_promised - self.capacity, 0), 0)

    @property
    def spares_taken(self) -> int:
        """How many are promised beyond the seats, as far as there are covers for them."""
        return min(max(self.seats_promised - self.capacity, 0), self.spare_covers)

    def room_for_friends(self, *, new: bool, now: datetime) -> int:
        """How many may be brought by somebody who has a seat. Spare covers come after the last seat, kept or not."""
        room = self.room_for(new=new, now=now)
        return room + (self.spares_left(now=now) if room == self.seats_left else 0)

    def room_for_party(self, *, new: bool, now: datetime) -> int:
        """How large a party may be seated: one of them needs a seat, the friends may have spare covers."""
        return self.room_for_friends(new=new, now=now) if self.room_for(new=new, now=now) else 0

    def quiet_from(self) -> datetime:
        """From this instant on a free seat goes to who taps first."""
        return near.quiet_from(self.local_start)

    def _lock(self, *, by: Member | None = None) -> bool:
        """Lock this row and read it anew: what the caller had in hand may be old.

        In the same statement: whether `by`, if anybody, never came to this series, and whether it takes all who come.
        """
        fresh = locking(type(self), asks=by is not None).first(pk=self.pk, by=by.pk if by else None)
        if fresh is None:
            raise self.DoesNotExist
        vars(self).pop("lapsed", None)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))
        self.joins_openly = bool(vars(fresh)["openly"])
        return not vars(fresh)["came_before"]

    def _take_turn(self, *, now: datetime, by: Member | None = None) -> bool:
        """Lock; what the clock has done since is done first: nothing depends on a tick having come by before."""
        is_new = self._lock(by=by)
        self._free_kept_seats(now=now)
        self._free_spare_covers(now=now)
        self._let_lapse(now=now)
        return is_new

    def _free_kept_seats(self, *, now: datetime) -> None:
        """Five days before the start, seats kept for newcomers go to the queue."""
        if self.seats_for_new and self.kept_seats_freed_at is None and now >= self.kept_until:
            self.kept_seats_freed_at = now
            self._save_seats(now=now)
            self._promote(now=now, freed=True)

    def _free_spare_covers(self, *, now: datetime) -> None:
        """By the evening before the restaurant knows how many come, and parties may sit on spare covers."""
        if self.spare_covers and self.spares_freed_at is None and now >= self.told_by():
            self.spares_freed_at = now
            self._save_seats(now=now)
            self._promote(now=now, freed=True)

    def _let_lapse(self, *, now: datetime) -> None:
        """Who did not answer in time waits on at the same place, who never confirmed is gone, and the next is asked."""
        if self.lapses_at is None or now < self.lapses_at:
            return
        lapsed = list(self._parties(Rsvp.objects.offered().filter(offered_until__lte=now)))
        dropped = self._drop_holds(Rsvp.objects.held().filter(hold_until__lte=now))
        for rsvp in lapsed:
            self._count(rsvp, held=-1 - self._friends(rsvp))
            rsvp.offered_until, rsvp.offer_lapsed_at = None, rsvp.offered_until
        Rsvp.objects.bulk_update(lapsed, ["offered_until", "offer_lapsed_at"])
        first = Least(Min("hold_until"), Min("offered_until"))
        self.lapses_at = Rsvp.objects.filter(session_id=self.pk).aggregate(first=first)["first"]
        self._save_seats(now=now)
        # What was taken meanwhile has not become free: nobody is told of it.
        if lapsed or dropped:
            self._promote(now=now, freed=True)

    def _drop_holds(self, holds: RsvpQuerySet) -> int:
        """Keep these seats no longer; nothing stays of who never said yes. Returns how many there were."""
        found = list(holds.filter(session_id=self.pk).values_list("pk", flat=True))
        if found:
            Rsvp.objects.filter(pk__in=found).delete()
        self.seats_held -= len(found)
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
        rsvp.owes_amount, rsvp.owes_waived_at = 0, None
        rsvp.version += 1
        self._write(rsvp)
        self._owe(mail, rsvp, not_before=not_before)
        if self._friends(rsvp):
            rsvp.companions.owe_coming(not_before=not_before, now=now)

    def _write(self, rsvp: Rsvp) -> None:
        if rsvp._state.adding:  # noqa: SLF001 - Django documents it
            insert(rsvp)
        else:
            rsvp.save()

    def _offer(self, rsvp: Rsvp, *, now: datetime) -> None:
        rsvp.offered_until = self._keep_until(near.offer_until(self.local_start, now=now))
        self._write(rsvp)
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

        Who comes with the guest is first. Then the first party that fits whole, the next, until none fits: seated, or
        asked. Whom what is left is too small for, is told once that fewer of them could come.
        """
        self._seat_guest_party(now=now)
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

    def _seat_guest_party(self, *, now: datetime) -> None:
        """Seats, then spare covers, for who comes with the guests; the rest get what becomes free."""
        more = min(self.guest_party - self.guest_seats, self.room_for_friends(new=True, now=now))
        if more > 0:
            self.guest_seats += more
            self.seats_taken += more
            self._save_seats(now=now)

    def _serve(self, queue: Iterable[Rsvp], *, asks: bool, now: datetime) -> None:
        """Seat or ask the parties that fit, in their order."""
        promised, passed_over = self.seats_promised, []
        for rsvp in queue:
            party = 1 + self._friends(rsvp)
            if party > self.room_for_party(new=rsvp.is_new, now=now):
                passed_over.append(rsvp)
            elif asks:
                self._count(rsvp, held=party)
                self._offer(rsvp, now=now)
            else:
                self._count(rsvp, taken=party)
                self._seat(rsvp, mail="rsvp.promoted", now=now, not_before=nights.by_day(now, self.zone))
        if self.seats_promised != promised:
            self._save_seats(now=now)
        smaller = [rsvp for rsvp in passed_over if self.room_for(new=rsvp.is_new, now=now)]
        Delivery.objects.owe_many([self._smaller(rsvp, now=now) for rsvp in smaller])

    def _tell_queue(self, *, now: datetime) -> None:
        """A seat is free for whoever taps first: told to all who wait, to a party too large that fewer could come."""
        queue = self._parties(Rsvp.objects.waiting().filter(offered_until=None))
        told = [
            self._queue_mail("rsvp.free", rsvp, what=f"{now:%m%dT%H%M}", now=now)
            if self._friends(rsvp) < self.room_for_party(new=rsvp.is_new, now=now)
            else self._smaller(rsvp, now=now)
            for rsvp in queue
        ]
        Delivery.objects.owe_many(told)

    def _count(self, rsvp: Rsvp, *, taken: int = 0, held: int = 0) -> None:
        """So many seats more or fewer for this party, taken or kept; written by `_save_seats`."""
        self.seats_taken += taken
        self.seats_held += held
        self.seats_new += (taken + held) * rsvp.is_new

    def _save_seats(self, *, now: datetime) -> None:
        """Write what `_count` and the verbs have changed. Others wait meanwhile: plain SQL is a tenth of the work."""
        self.changed_at = now
        execute(SAVE_SEATS, vars(self))

    def _follow_start(self, *, now: datetime) -> None:
        """After a move: whoever let an offer lapse may be asked for the new day, and none stands too long before it."""
        if self.kept_seats_freed_at is not None and now < self.kept_until:
            self.kept_seats_freed_at = None
        # The restaurant is told anew for another day.
        if now < self.told_by():
            self.spares_freed_at = None
        rsvps = Rsvp.objects.filter(session_id=self.pk)
        rsvps.exclude(offer_lapsed_at=None).update(offer_lapsed_at=None)
        rsvps.exclude(standing_asked_at=None).update(standing_asked_at=None)
        latest = near.offers_until(self.local_start)
        rsvps.offered().filter(offered_until__gt=latest).update(offered_until=latest)
        self.lapses_at = self.lapses_at and min(self.lapses_at, latest)
        self._save_seats(now=now)
        self._free_kept_seats(now=now)
        self._free_spare_covers(now=now)
        self._let_lapse(now=now)
        self._promote(now=now, freed=True)

    def _by_day_or_now(self, *, now: datetime) -> datetime:
        """When somebody is told who did not ask, and who must know before the doors open."""
        by_day = nights.by_day(now, self.zone)
        return by_day if by_day < self.doors_at else now

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
