"""Seats of those who come every time: given at publication, kept by silence, passed on where a series says so.

Like all writing of seat state, under the lock of the session's row.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Exists, OuterRef

from events import nights
from events.models.attendance import Attendance
from events.models.queue import Queue
from events.models.rsvp import Partstat, Rsvp, RsvpQuerySet
from events.models.standing_rsvp import SHARE, StandingRsvp
from outbox.models import Delivery, Lane


class StandingSeats(Queue):
    """What a session does with the word "I come every time unless I say no"."""

    # When seats of the silent went to who waits: once for a day.
    standing_passed_at = models.DateTimeField(null=True, blank=True, editable=False)

    if TYPE_CHECKING:
        recurrence_id: date | None

        def answer_refusal(self, *, now: datetime, coming: bool = True) -> str: ...

    class Meta:
        abstract = True

    @property
    def standing_at_most(self) -> int:
        """How many seats may be had by this word: half of them."""
        return self.capacity // SHARE

    def seat_standing(self, *, now: datetime, tells: bool = False) -> None:
        """Seats for those who come every time and have not answered, as far as half of the seats and free ones go.

        Who waited longest comes first; each seat puts its holder behind the others for the next morning. Where somebody
        waits for a seat nobody gets one, nor, but at publication, outside the hours for answers: with `tells`, when the
        others hear that this time no seat is kept for them. Doing it twice changes nothing.
        """
        with transaction.atomic():
            self._take_turn(now=now)
            if self.answer_refusal(now=now, coming=not tells):
                return
            if Rsvp.objects.filter(session_id=self.pk).waiting().exists():
                return
            left = self.standing_at_most - Rsvp.objects.filter(session_id=self.pk).by_standing().count()
            for word in self._words_without_answer():
                rsvp = Rsvp(session_id=self.pk, member=word.member, is_new=not vars(word)["came_before"])
                if left > 0 and self.room_for(new=rsvp.is_new, now=now):
                    self._seat_by_word(rsvp, word, now=now)
                    left -= 1
                elif tells:
                    self._tell_unseated(word, now=now)
            self._save_seats(now=now)

    def pass_standing_on(self, *, asked_until: datetime, now: datetime) -> None:
        """Seats of who was asked and said nothing go to who waits: as many as are wanted, the last given first.

        Where more are promised than there are seats (spare covers, a smaller room), the first of them only make up for
        that; where nobody would get one, nobody loses one.
        Once for a day; whether the series wants it at all, and the hour, the caller knows (events/every_time.py).
        """
        with transaction.atomic():
            self._take_turn(now=now)
            if self.standing_passed_at is not None or self.cancelled_at is not None or now >= self.starts_at:
                return
            self.standing_passed_at = now
            self.save(update_fields=["standing_passed_at"])
            waiting = self._parties(Rsvp.objects.waiting().filter(offered_until=None))
            wanted = sum(1 + self._friends(rsvp) for rsvp in waiting) - self.seats_left
            beyond = max(self.seats_promised - self.capacity, 0)
            silent = Rsvp.objects.filter(session_id=self.pk, standing_asked_at__lte=asked_until).silent()
            given = list(silent.select_related("member").order_by("-pk")[: wanted + beyond]) if wanted > 0 else []
            if len(given) > beyond:
                for rsvp in given:
                    self._unseat(rsvp)
                self._save_seats(now=now)
            if wanted > 0:
                self._promote(now=now, freed=len(given) > beyond)

    def ask_standing(self, rsvps: RsvpQuerySet, *, mails: bool, now: datetime) -> None:
        """Ask these holders, who wait for no answer yet, whether they come: somebody waits for a seat.

        With `mails` each gets a mail of its own; else a reminder that goes anyhow says it.
        """
        with transaction.atomic():
            self._take_turn(now=now)
            if not Rsvp.objects.filter(session_id=self.pk).waiting().exists():
                return
            asked = list(rsvps.filter(session_id=self.pk).silent().select_related("member").order_by("pk"))
            Rsvp.objects.filter(pk__in=[rsvp.pk for rsvp in asked]).update(standing_asked_at=now)
            day = now.astimezone(self.zone).date().isoformat()
            Delivery.objects.owe_many(
                [self._standing_mail("standing.ask", rsvp, day, now=now) for rsvp in asked if mails]
            )

    def _words_without_answer(self) -> models.QuerySet[StandingRsvp]:
        """Whoever comes every time and has said nothing about this morning, with whether the door knows them."""
        day = self.local_start.date()
        answered = Rsvp.objects.filter(session=self.pk, member=OuterRef("member"))
        came = Attendance.objects.came().filter(session__series=self.series_id, member=OuterRef("member"))
        words = StandingRsvp.objects.on(day).filter(~Exists(answered), series=self.series_id)
        if self.recurrence_id is None:
            # An outing beside the rule is not one of the times one comes every time.
            words = words.filter(series__rule="")
        return words.annotate(came_before=Exists(came)).select_related("member")

    def _seat_by_word(self, rsvp: Rsvp, word: StandingRsvp, *, now: datetime) -> None:
        rsvp.partstat, rsvp.answered_at, rsvp.standing_at = Partstat.ACCEPTED, now, now
        self._seat(rsvp, mail="standing.seat", now=now, not_before=nights.by_day(now, self.zone))
        self._count(rsvp, taken=1)
        StandingRsvp.objects.filter(pk=word.pk).update(waits_since=now)

    def _unseat(self, rsvp: Rsvp) -> None:
        """Nobody answered: there is no answer, and no seat."""
        rsvp.partstat, rsvp.seated_at, rsvp.standing_at = Partstat.NEEDS_ACTION, None, None
        rsvp.version += 1
        self._write(rsvp)
        self._count(rsvp, taken=-1)
        self._owe("standing.passed", rsvp)

    def _tell_unseated(self, word: StandingRsvp, *, now: datetime) -> None:
        mail = Delivery(
            kind="standing.full", key=f"standing.full:{self.pk}:{word.member_id}", to=word.member.email,
            language=word.member.language, context={"session": self.pk, "member": word.member_id}, lane=Lane.BULK,
            next_attempt_at=nights.by_day(now, self.zone), useful_until=self.starts_at,
        )  # fmt: skip
        Delivery.objects.owe_many([mail])

    def _standing_mail(self, kind: str, rsvp: Rsvp, key: str, *, now: datetime) -> Delivery:
        mail = self._mail(kind, rsvp, f"{rsvp.version}:{key}", {"version": rsvp.version})
        mail.next_attempt_at, mail.useful_until = nights.by_day(now, self.zone), self.quiet_from()
        return mail
