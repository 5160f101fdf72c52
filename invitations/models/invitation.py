"""How a guest comes to us: the invitation, its letter and its private link."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.models import Session
from events.models.series import Viewer
from invitations import programme
from invitations.models import states
from invitations.models.afterwards import Afterwards
from invitations.models.base import Base
from invitations.models.telling import FORGOTTEN_AFTER
from members.models import Activity, Member
from outbox.models import Delivery

# The private page closes so long after the last date it speaks of, after a decline, or after a guest who came has read
# the thank-you and seen to the report; and at the latest after a year.
OPEN_AFTER = timedelta(days=30)
OPEN_AT_MOST = timedelta(days=365)
# Two letters to one guest within this time are a second tap.
SAME_LETTER = timedelta(days=1)
# So many letters and no more: to one address in a day, by one host in an hour.
A_DAY, TO_ONE_A_DAY = timedelta(days=1), 3
AN_HOUR, BY_ONE_AN_HOUR = timedelta(hours=1), 20


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def hosted_by(self, viewer: Viewer) -> InvitationQuerySet:
        """Invitations to sessions of series this person hosts: guests are the club's, not of a gathering's host."""
        return self.filter(session__in=Session.objects.of_series_hosted_by(viewer))

    def accepted(self) -> InvitationQuerySet:
        return self.filter(state__in=states.ACCEPTED)

    def forget(self, *, now: datetime) -> int:
        """What was told for the table and the door goes, two weeks after the morning. Returns of how many."""
        told = self.exclude(food="", arrival="", brings_names="", brings_food="")
        over = told.filter(session__ends_at__lte=now - FORGOTTEN_AFTER)
        return over.update(food="", arrival="", brings_names="", brings_food="")

    def whole(self) -> InvitationQuerySet:
        """With everything its pages and mails speak of."""
        return self.select_related("session__series", "session__venue", "speaker", "book", "host")


class Invitation(Afterwards):
    """One guest asked for one session. The state of the asking is one thing, the state of its mail another (outbox)."""

    objects = InvitationQuerySet.as_manager()

    class Meta(Base.Meta):
        abstract = False
        verbose_name = _("invitation")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "speaker"], name="invitation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.speaker_id} → {self.session_id}"

    @property
    def dates(self) -> list[datetime]:
        """What the guest may choose from, the session's own date first."""
        return [self.session.starts_at, *(day for day in self.other_dates if day != self.session.starts_at)]

    @property
    def has_declined(self) -> bool:
        return self.state == self.State.DECLINED

    @property
    def waits_for_answer(self) -> bool:
        return self.state in states.WAITING

    @property
    def has_answered(self) -> bool:
        """Whether there is an answer to thank for; what the host noted of a talk in between is none."""
        on_page = self.state == self.State.TALKING and self.answered_how == self.Told.LINK
        return self.has_accepted or self.has_declined or on_page

    @property
    def wants_other_date(self) -> bool:
        """Accepted for a date the session is not on; the programme names the guest once the two agree."""
        other = self.chosen_start is not None and self.chosen_start != self.session.starts_at
        return self.has_accepted and other and not programme.names(self)

    @property
    def mail_key(self) -> str:
        """What the outbox calls the last letter."""
        return f"guest.letter:{self.code}:{self.letters}"

    def is_readable(self, now: datetime) -> bool:
        """Whether the private page is there."""
        if self.link_revoked_at is not None or self.state == self.State.IDEA:
            return False
        if self.state == self.State.DECLINED and self.answered_at is not None:
            return now <= self.answered_at + OPEN_AFTER
        over = max(self.session.ends_at, *self.dates)
        if not self.has_accepted:
            return now <= over + OPEN_AFTER
        done = self.seen_to_at()
        return now <= over + OPEN_AT_MOST and (done is None or now <= max(done, over) + OPEN_AFTER)

    def can_answer(self, now: datetime) -> bool:
        """Whether the guest may still answer or change the answer on the page."""
        return self.state in states.ANSWERABLE and not self.session.is_cancelled and now < max(self.dates)

    # Verbs of the host

    @transaction.atomic
    def send(self, *, now: datetime, actor: Member | None = None) -> None:
        """Ask: the letter goes to one address, once. A second tap changes nothing."""
        self._lock()
        if self.state != self.State.IDEA:
            return
        self.state, self.asked_at = self.State.ASKED, now
        self._write(nudge=False, now=now)
        Activity.record(actor or self.host, "invitation.send", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def hand_over(self, *, now: datetime, actor: Member | None = None) -> None:
        """The host passes the letter or its link on in person: asked, without a mail of ours."""
        self._lock()
        if self.state != self.State.IDEA:
            return
        self.state, self.asked_at = self.State.ASKED, now
        self.save(update_fields=["state", "asked_at"])
        Activity.record(actor, "invitation.hand_over", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def write_again(self, *, now: datetime, nudge: str | None = None, actor: Member | None = None) -> None:
        """Once more: what did not arrive goes as it was, what did goes as a reminder. A second tap changes nothing.

        `nudge` is what the host wants to say before the letter; without it, what was said or drafted before.
        """
        self._lock()
        last = Delivery.objects.filter(key=self.mail_key).first()
        lost = last is not None and (last.failed_at is not None or last.dropped_at is not None)
        lately = self.written_at is not None and now - self.written_at < SAME_LETTER
        if not self.waits_for_answer or (lately and not lost):
            return
        self.nudge = self.nudge if nudge is None else nudge
        self._write(nudge=last is not None and not lost, now=now)
        Activity.record(actor, "invitation.write_again", f"invitation:{self.code}", now=now, letters=self.letters)

    @transaction.atomic
    def record(self, state: str, *, how: str, now: datetime, note: str = "", actor: Member | None = None) -> None:
        """What the host heard: yes, no, still thinking, nothing, or that all is settled.

        Raises ValidationError where that cannot follow what was known (invitations/models/states.py).
        """
        if state == self.State.ACCEPTED:
            self.accept(how=how, note=note, now=now, actor=actor)
        elif state == self.State.DECLINED:
            self.decline(how=how, note=note, now=now, actor=actor)
        else:
            self._lock()
            self._answer(state, how=how, note=note, now=now)
            settled = state == self.State.CONFIRMED
            self.confirmed_at, self.chosen_start = (now, self.session.starts_at) if settled else (None, None)
            self.save()
            programme.follow(self, now=now)
            self._tell_host(how, actor=actor, now=now)

    @transaction.atomic
    def take_date(self, *, now: datetime, actor: Member | None = None) -> None:
        """Follow the guest's choice: to the morning of the series on that date, else this one moves there."""
        self._lock()
        if not self.wants_other_date or self.chosen_start is None:
            return
        there = Session.objects.filter(series=self.session.series_id, starts_at=self.chosen_start, cancelled_at=None)
        other = there.exclude(pk=self.session_id).first()
        if other is None:
            self.session.move(self.chosen_start, now=now, actor=actor)
        elif Invitation.objects.filter(session=other, speaker=self.speaker_id).exists():
            raise ValidationError(_t("This guest is invited for that date already."))
        else:
            self.session = other
            self.save(update_fields=["session"])
        programme.follow(self, now=now)
        if other is not None or self.session.is_draft:
            ids = {"session": self.session.pk, "sequence": self.session.sequence, "invitation": self.pk}
            self._owe("guest.changed", to=self.addressee, key=f"date:{now.isoformat()}", context=ids)
        Activity.record(actor, "invitation.take_date", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def renew_link(self, *, now: datetime, actor: Member | None = None) -> None:
        """A new private link; the old one leads nowhere from this instant."""
        self._lock()
        self.link_version += 1
        self.link_revoked_at = None
        self.save(update_fields=["link_version", "link_revoked_at"])
        Activity.record(actor, "invitation.renew_link", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def revoke_link(self, *, now: datetime, actor: Member | None = None) -> None:
        """Close the private page."""
        self._lock()
        self.link_revoked_at = now
        self.save(update_fields=["link_revoked_at"])
        Activity.record(actor, "invitation.revoke_link", f"invitation:{self.code}", now=now)

    # Verbs of the guest; with an actor, of the host who heard it

    @transaction.atomic
    def accept(
        self, *, how: str, now: datetime, note: str = "", start: datetime | None = None, actor: Member | None = None
    ) -> None:
        """The guest comes: the programme names them, unless they chose another date. Saying it twice says it once."""
        self._lock()
        start = start or self.session.starts_at
        if start not in self.dates:
            raise ValidationError(_t("Please choose one of the dates."))
        same_date = self.has_accepted and self.chosen_start == start
        if same_date and self.answer_note == note:
            return
        # A new word about a date that is settled leaves it settled.
        state = self.State.CONFIRMED if same_date and self.state == self.State.CONFIRMED else self.State.ACCEPTED
        self._answer(state, how=how, note=note, now=now, by_guest=actor is None)
        self.chosen_start = start
        self.save()
        programme.follow(self, now=now)
        self._tell_host(how, actor=actor, now=now)

    @transaction.atomic
    def decline(self, *, how: str, now: datetime, note: str = "", actor: Member | None = None) -> None:
        """The guest does not come this time; the programme no longer names them."""
        self._lock()
        if self.has_declined and self.answer_note == note:
            return
        self._answer(self.State.DECLINED, how=how, note=note, now=now, by_guest=actor is None)
        self.chosen_start = None
        self.save()
        programme.follow(self, now=now)
        self._tell_host(how, actor=actor, now=now)

    @transaction.atomic
    def ask_for_another_date(self, *, note: str, now: datetime) -> None:
        """Glad to, but on no date of the letter: the two talk."""
        self._lock()
        if self.state == self.State.TALKING and self.answer_note == note:
            return
        self._answer(self.State.TALKING, how=self.Told.LINK, note=note, now=now, by_guest=True)
        self.chosen_start = None
        self.save()
        programme.follow(self, now=now)
        self._tell_host(self.Told.LINK, actor=None, now=now)

    def _answer(self, state: str, *, how: str, note: str, now: datetime, by_guest: bool = False) -> None:
        if not (self.can_answer(now) if by_guest else states.may_hear(self.state, state)):
            raise ValidationError(_t("This invitation is closed."))
        self.asked_at = self.asked_at or now
        self.state, self.answered_how, self.answer_note, self.answered_at = state, how, note, now

    def _write(self, *, nudge: bool, now: datetime) -> None:
        if not self.addressee:
            raise ValidationError(_t("There is no mail address to write to."))
        if self.goes_to == self.GoesTo.COPY and not self.speaker.contact_email:
            raise ValidationError(_t("There is no mail address of the contact person."))
        self._refuse_a_flood(now=now)
        self.letters += 1
        self.written_at = now
        self.save()
        context = {"invitation": self.pk, "version": self.link_version, "nudge": nudge}
        self._owe("guest.letter", to=self.addressee, key=str(self.letters), context=context, until=max(self.dates))

    def _refuse_a_flood(self, *, now: datetime) -> None:
        """A signed-in host must not become a way to flood somebody, nor many, with mails of ours."""
        letters = Delivery.objects.filter(kind="guest.letter", to=self.addressee, created_at__gt=now - A_DAY)
        if letters.count() >= TO_ONE_A_DAY:
            raise ValidationError(_t("Three letters to one address in a day are enough. Please write again tomorrow."))
        others = Invitation.objects.filter(host=self.host_id, written_at__gt=now - AN_HOUR).exclude(pk=self.pk)
        if others.count() >= BY_ONE_AN_HOUR:
            raise ValidationError(_t("Twenty letters in an hour are enough. Please write the next later."))

    def _tell_host(self, how: str, *, actor: Member | None, now: datetime) -> None:
        """Who recorded the answer himself need not be told."""
        Activity.record(actor, f"invitation.{self.state}", f"invitation:{self.code}", now=now, how=how)
        if actor is None:
            context = {"invitation": self.pk, "state": self.state, "answered_at": now.isoformat()}
            self._owe_hosts("guest.answered", key=now.isoformat(), context=context)
