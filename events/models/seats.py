"""Who has a seat. The verbs here are the only writers of seat state, for page, mail link, host and sample club alike.

Every verb locks the session's row first, so that all who want a seat of one session come one after the other. That
holds under READ COMMITTED: the statement after the lock sees what was committed before it (under REPEATABLE READ it
would not, and the same lock overbooks; /readyz watches the setting).

A seat is promised to a party (a member and the friends who come on their word) whole or not at all. Free seats go
to the first party in the queue that fits; a party passed over keeps its place. Near the start they are given, offered
or left to who taps first, as the host chose (events/models/near_start.py). Spare covers, beyond the seats, are for
friends alone, once the restaurant knows how many come: never more are promised than there are seats and spare covers.
Who comes with the guest has a seat like everybody else, and is the first to get one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _t

from config.prepared import Prepared, insert, number
from events import dates
from events.fees import fee
from events.models.attendance import Attendance
from events.models.companion import Companion
from events.models.rsvp import Partstat, Rsvp, RsvpQuerySet
from events.models.series import Membership
from events.models.standing_seats import StandingSeats
from events.models.window import WINDOW, Terms
from members.names import clean_line
from outbox.models import Delivery

if TYPE_CHECKING:
    from members.models import Member

FRIENDS_AT_MOST = 3
# Of all seats, one in so many may be kept for visitors who have not confirmed, and two in a small room.
HOLDS_SHARE, HOLDS_AT_LEAST = 4, 2
# The same name sent again this soon is the same friend: a second tap, or a form posted anew on a slow line.
SAME_FRIEND_WITHIN = timedelta(minutes=2)


def _answer() -> RsvpQuerySet:
    """Somebody's answer, and how many friends come on their word."""
    friends = Companion.objects.filter(rsvp=OuterRef("pk")).order_by().values("rsvp").values(n=Count("pk"))
    mine = Rsvp.objects.filter(session=number("session"), member=number("member"))
    return mine.annotate(friends=Coalesce(Subquery(friends), 0))


ANSWER = Prepared(_answer)


class SeatsError(ValidationError):
    """The answer cannot be taken as things stand: over, cancelled, closed, no seat. Says so to the person."""


class Seats(StandingSeats):
    """The seats of a session, and the verbs that change who has one."""

    class Meta:
        abstract = True

    @property
    def holds_at_most(self) -> int:
        """How many seats may be kept at a time for people nobody knows yet."""
        return max(self.capacity // HOLDS_SHARE, HOLDS_AT_LEAST)

    def answer_refusal(self, *, now: datetime, coming: bool = True) -> str:
        """Why no answer can be taken now, in the reader's words, or empty. Leaving is possible until the start.

        `coming`: somebody new wants to come, and keeps to the hours in which answers are taken.
        """
        if self.published_at is None or self.cancelled_at is not None:
            return _t("This morning is not on.")
        if now >= self.starts_at:
            return _t("This morning has begun; answers are no longer taken.")
        if coming and self.rsvp_opens_at and now < self.rsvp_opens_at:
            opens = dates.instant(self.rsvp_opens_at.astimezone(self.zone))
            return _t("Answers are not taken yet; they are from %(when)s on.") % {"when": opens}
        if coming and self.rsvp_closes_at and now > self.rsvp_closes_at:
            closed = dates.instant(self.rsvp_closes_at.astimezone(self.zone))
            return _t("Answers were taken until %(when)s. Please write to the host if you would like to come.") % {
                "when": closed
            }
        return ""

    def friend_refusal(self, *, now: datetime) -> str:
        """Why nobody more can be brought, or empty. Until the doors open, also when answers are not taken any more."""
        if self.published_at is None or self.cancelled_at is not None:
            return _t("This morning is not on.")
        if now >= self.doors_at:
            return _t("The doors are open. Please bring your friend along; the host finds a place if there is one.")
        return ""

    # Verbs

    def rsvp(
        self, member: Member, partstat: str, *, now: datetime, question: str | None = None, agreed: int | None = None
    ) -> Rsvp:
        """Take a member's answer: a seat if one is free or kept for them, else a place in the queue; or give both back.

        Saying the same again changes nothing, except that a waiting person takes a seat that is free now.
        `agreed` is the price of giving the seat back that the reader was shown: they owe it. None, where no page was
        shown, as when a calendar answers, and nothing is owed.
        Raises `SeatsError` when no answer can be taken, with the code "costs" when leaving costs more than `agreed`.
        """
        with transaction.atomic():
            is_new = self._take_turn(now=now, by=member)
            rsvp = self._answer_of(member)
            counted = rsvp.is_seated or rsvp.is_waiting
            self._refuse(now=now, coming=partstat == Partstat.ACCEPTED and not counted)
            if not counted:
                rsvp.is_new = is_new
            if question is not None:
                rsvp.question = question
            if partstat == Partstat.ACCEPTED:
                rsvp.answered_at = now
                self._come(rsvp, now=now)
            else:
                rsvp.owes_amount += self._price(rsvp, 1 + self._friends(rsvp), agreed, now=now)
                rsvp.answered_at = now
                self._leave(rsvp, now=now)
        return rsvp

    def add_friend(self, member: Member, name: str, *, yomi: str = "", email: str = "", now: datetime) -> Companion:
        """Bring a friend on this member's word: one more seat if the party has seats, one more to wait if it waits.

        The same name twice within two minutes is one friend. With an address the friend gets the mails of this morning.
        """
        with transaction.atomic():
            self._take_turn(now=now)
            if refusal := self.friend_refusal(now=now):
                raise SeatsError(refusal, code="refused")
            rsvp = self._answer_of(member)
            if rsvp.partstat != Partstat.ACCEPTED:
                raise SeatsError(_t("Please say first that you are coming yourself."), code="not_coming")
            just_now = rsvp.companions.filter(name=clean_line(name), created_at__gt=now - SAME_FRIEND_WITHIN)
            if twice := just_now.first():
                return twice
            if self._friends(rsvp) >= FRIENDS_AT_MOST:
                raise SeatsError(_t("Three friends at most, please."), code="too_many")
            if email and rsvp.companions.filter(email__iexact=email).exists():
                raise SeatsError(_t("This address is that of another friend of yours."), code="address")
            if (rsvp.is_seated or rsvp.is_offered) and not self.room_for_friends(new=rsvp.is_new, now=now):
                raise SeatsError(_t("There is no seat left for your friend."), code="full")
            friend = Companion.objects.create(rsvp=rsvp, name=name, yomi=yomi, email=email.lower(), created_at=now)
            self._count(rsvp, taken=int(rsvp.is_seated), held=int(rsvp.is_offered))
            self._save_seats(now=now)
            if rsvp.is_seated and email:
                rsvp.companions.owe_coming(now=now)
        return friend

    def remove_friend(self, member: Member, companion_id: int, *, now: datetime, agreed: int | None = None) -> None:
        """The friend does not come; the seat goes to the queue. Unknown friends are no error: the wish is fulfilled.

        `agreed` as in `rsvp`, for the one seat.
        """
        with transaction.atomic():
            self._take_turn(now=now)
            self._refuse(now=now, coming=False)
            rsvp = self._answer_of(member)
            friend = Companion.objects.filter(rsvp_id=rsvp.pk, pk=companion_id)
            friend.owe_left(not_before=self._by_day_or_now(now=now))
            gone, _rows = friend.delete()
            if gone:
                if price := self._price(rsvp, 1, agreed, now=now):
                    rsvp.owes_amount += price
                    rsvp.save(update_fields=["owes_amount"])
                self._count(rsvp, taken=-int(rsvp.is_seated), held=-int(rsvp.is_offered))
                self._save_seats(now=now)
                self._promote(now=now, freed=rsvp.is_seated or rsvp.is_offered)

    def hold(self, name: str, email: str, *, minutes: int, now: datetime) -> datetime | None:
        """Keep a seat for somebody whose address nobody has answered from yet, and say until when.

        Nothing where none is free, or where as many are kept as may be: a seat nobody has said yes for is one that
        others do not get. Asking again while it is kept changes nothing but the name.
        """
        with transaction.atomic():
            self._take_turn(now=now)
            self._refuse(now=now, coming=True)
            mine = Rsvp.objects.held().filter(session_id=self.pk, email=email)
            if mine.update(name=name):
                return mine.get().hold_until
            free = self.room_for(new=False, now=now)
            if not free or Rsvp.objects.held().filter(session_id=self.pk).count() >= self.holds_at_most:
                return None
            until = self._keep_until(min(now + timedelta(minutes=minutes), self.starts_at))
            Rsvp.objects.create(session_id=self.pk, name=name, email=email, hold_until=until, answered_at=now)
            self.seats_held += 1
            self._save_seats(now=now)
        return until

    def confirm(self, email: str, member: Member, *, now: datetime) -> Rsvp:
        """Whoever has this address comes: with the seat that was kept, else like everybody who answers now.

        Raises `SeatsError` when no answer can be taken. A kept seat was promised: it stands after the end of answers.
        """
        with transaction.atomic():
            is_new = self._take_turn(now=now, by=member)
            kept = self._drop_holds(Rsvp.objects.held().filter(email=email))
            self._refuse(now=now, coming=not kept)
            self._save_seats(now=now)
            rsvp = self._answer_of(member)
            if not (rsvp.is_seated or rsvp.is_waiting):
                rsvp.is_new = is_new
            rsvp.answered_at = now
            self._come(rsvp, now=now)
            self._promote(now=now, freed=bool(kept))
        return rsvp

    def set_capacity(self, capacity: int, *, now: datetime) -> None:
        """More or fewer seats. Fewer evicts nobody; more go to the queue."""
        with transaction.atomic():
            self._take_turn(now=now)
            more, self.capacity = capacity > self.capacity, capacity
            self._save_seats(now=now)
            self._promote(now=now, freed=more)

    def set_near_start(self, near_start: str, *, now: datetime) -> None:
        """How seats are passed on in the last three days, for this session alone; empty: as the series has it.

        Offers that were made stand; what is free goes the new way.
        """
        with transaction.atomic():
            self._take_turn(now=now)
            self.near_start = near_start
            self._save_seats(now=now)
            self._promote(now=now, freed=True)

    def keep_for_newcomers(self, seats: int, *, now: datetime) -> None:
        """So many seats for who comes for the first time, until five days before the start. None is taken from anybody.

        Whoever answered before is a newcomer by what the door knows now.
        """
        with transaction.atomic():
            self._take_turn(now=now)
            if seats == self.seats_for_new:
                return
            came = Attendance.objects.came().filter(session__series=self.series_id, member=OuterRef("member"))
            Rsvp.objects.filter(session_id=self.pk).update(is_new=~Exists(came))
            promised = Rsvp.objects.exclude(seated_at=None, offered_until=None).filter(is_new=True)
            fewer, self.seats_for_new = seats < self.seats_for_new, seats
            self.seats_new = sum(1 + self._friends(rsvp) for rsvp in self._parties(promised))
            self._save_seats(now=now)
            self._promote(now=now, freed=fewer)

    def set_terms(self, terms: Terms, *, own: bool, now: datetime) -> None:
        """When answers are taken, the restaurant's deadline, and what leaving then costs; `own`: for this one alone."""
        with transaction.atomic():
            self._take_turn(now=now)
            self.take_terms(terms)
            self.window_set_at, self.changed_at = now if own else None, now
            self.save(update_fields=[*WINDOW, "window_set_at", "changed_at"])

    def set_spare_covers(self, covers: int, *, now: datetime) -> None:
        """So many covers beyond the seats, for friends alone. Fewer evict nobody; more may seat a party that waits."""
        with transaction.atomic():
            self._take_turn(now=now)
            more, self.spare_covers = covers > self.spare_covers, covers
            self._save_seats(now=now)
            self._promote(now=now, freed=more)

    def seat_guest_party(self, party: int, diets: Sequence[str], *, now: datetime) -> None:
        """So many come with the guests, and this is what guests and those do not eat. Twice changes nothing.

        Whom there is no seat for gets the next that becomes free, before anybody in the queue.
        """
        with transaction.atomic():
            self._take_turn(now=now)
            if (self.guest_party, self.guest_diets) == (party, list(diets)):
                return
            back = max(self.guest_seats - party, 0)
            self.guest_party, self.guest_diets = party, list(diets)
            self.guest_seats -= back
            self.seats_taken -= back
            self._save_seats(now=now)
            self._promote(now=now, freed=back > 0)

    def headcount_told(self, *, now: datetime) -> None:
        """The restaurant knows how many come: spare covers are for friends from now on. Twice changes nothing."""
        with transaction.atomic():
            self._take_turn(now=now)
            if self.spares_freed_at is None:
                self.spares_freed_at = now
                self._save_seats(now=now)
                self._promote(now=now, freed=self.spare_covers > 0)

    def pass_on(self, *, now: datetime, freed: bool = False) -> None:
        """Let offers lapse whose time is over and ask the next: for a tick, and after the series chose another way."""
        with transaction.atomic():
            self._take_turn(now=now)
            self._promote(now=now, freed=freed)

    # What the verbs are made of; all of it runs under the lock.

    def _refuse(self, *, now: datetime, coming: bool) -> None:
        if refusal := self.answer_refusal(now=now, coming=coming):
            raise SeatsError(refusal, code="refused")

    def _price(self, rsvp: Rsvp, seats: int, agreed: int | None, *, now: datetime) -> int:
        """What giving back so many seats of this party costs, which whoever acts has been shown."""
        if agreed is None:
            return 0
        price = self.late_price(seated_at=rsvp.seated_at, answered_at=rsvp.answered_at, party=seats, now=now)
        if price > agreed:
            said = _t("The restaurant has its number: giving the seat back now costs %(price)s. Please look once more.")
            raise SeatsError(said % {"price": fee(price, self.fee_currency)}, code="costs")
        return price

    def _answer_of(self, member: Member) -> Rsvp:
        rsvp = ANSWER.first(session=self.pk, member=member.pk) or Rsvp(session_id=self.pk)
        rsvp.member = member
        return rsvp

    def _come(self, rsvp: Rsvp, *, now: datetime) -> None:
        rsvp.partstat = Partstat.ACCEPTED
        party = 1 + self._friends(rsvp)
        if rsvp.is_seated:
            if rsvp.standing_at is not None:
                rsvp.standing_said_at = now
            self._write(rsvp)
            return
        kept = party if rsvp.is_offered else 0
        if kept or party <= self.room_for_party(new=rsvp.is_new, now=now):
            self._seat(rsvp, mail="rsvp.confirmed", now=now)
            self._count(rsvp, taken=party, held=-kept)
            self._save_seats(now=now)
        else:
            self._wait(rsvp, now=now)
        if rsvp.member is not None and rsvp.member.joined_at is not None:
            self._belong(rsvp.member, now=now)

    def _belong(self, member: Member, *, now: datetime) -> None:
        """Who comes belongs to a series that takes everybody; others are asked for, or let in by their hosts.

        Who has no account was asked, and said whether they want to.
        """
        if not self.joins_openly:
            return
        insert(Membership(series_id=self.series_id, member=member, joined_at=now), unless_there=True)

    def _wait(self, rsvp: Rsvp, *, now: datetime) -> None:
        """A place at the end of the queue, told with its number; who waits already keeps theirs."""
        if rsvp.queue_no is not None:
            self._write(rsvp)
            return
        self.last_queue_no += 1
        rsvp.queue_no = self.last_queue_no
        self._write(rsvp)
        joined = self._queue_mail("rsvp.waiting", rsvp, now=now)
        # An answer to somebody who has just tapped is not unasked: it goes at any hour.
        joined.next_attempt_at, joined.useful_until = joined.created_at, self.starts_at
        Delivery.objects.owe_many([joined])
        self._save_seats(now=now)

    def _leave(self, rsvp: Rsvp, *, now: datetime) -> None:
        party = 1 + self._friends(rsvp)
        freed, kept = party * rsvp.is_seated, party * rsvp.is_offered
        was_coming = rsvp.partstat == Partstat.ACCEPTED
        if self._friends(rsvp):
            rsvp.companions.owe_left(not_before=self._by_day_or_now(now=now))
            rsvp.companions.all().delete()
        rsvp.partstat, rsvp.seated_at, rsvp.queue_no = Partstat.DECLINED, None, None
        rsvp.offered_until = rsvp.offer_lapsed_at = rsvp.hold_until = rsvp.late_minutes = rsvp.late_at = None
        rsvp.standing_at = rsvp.standing_asked_at = rsvp.standing_said_at = None
        rsvp.version += int(was_coming)
        self._write(rsvp)
        if freed:
            self._owe("rsvp.left", rsvp)
        self._count(rsvp, taken=-freed, held=-kept)
        self._save_seats(now=now)
        self._promote(now=now, freed=bool(freed or kept))
