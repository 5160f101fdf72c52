"""How a guest comes to us: the invitation, its letter and its private link."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events import documents
from events.models import Membership, Session
from events.models.series import Viewer
from invitations import programme
from invitations.models import states
from invitations.models.terms import Terms
from members.fields import CodeField, LineField, ProseField
from members.models import Activity, Member
from outbox.models import Delivery
from speakers.models import Book, Speaker

# The private page closes so long after the last date it speaks of, or after a decline.
OPEN_AFTER = timedelta(days=30)
# Two letters to one guest within this time are a second tap.
SAME_LETTER = timedelta(days=1)
BOOKS_AT_MOST = 50


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def hosted_by(self, viewer: Viewer) -> InvitationQuerySet:
        """Invitations to sessions this person may change."""
        return self.filter(session__in=Session.objects.hosted_by(viewer))

    def accepted(self) -> InvitationQuerySet:
        return self.filter(state__in=states.ACCEPTED)

    def whole(self) -> InvitationQuerySet:
        """With everything its pages and mails speak of."""
        return self.select_related("session__series", "session__venue", "speaker", "book", "host")


class Invitation(Terms):
    """One guest asked for one session. The state of the asking is one thing, the state of its mail another (outbox)."""

    State = states.State

    class Told(models.TextChoices):
        LINK = "link", _("on the private page")
        MAIL = "mail", _("by mail")
        PHONE = "phone", _("by telephone")
        EDITOR = "editor", _("through the editor")

    code = CodeField()
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="invitations")
    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("guest"))
    book = models.ForeignKey(Book, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    host = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.IDEA)
    language = models.CharField(_("language of the letter"), max_length=8, choices=settings.LANGUAGES, default="ja")

    # What the guest answered.
    answer_note = ProseField(_("a word to the host"), max_length=1000, blank=True)
    answered_how = models.CharField(max_length=10, choices=Told, blank=True)
    chosen_start = models.DateTimeField(null=True, blank=True)
    food = LineField(_("what you do not eat"), max_length=200, blank=True)
    arrival = LineField(_("when and how you arrive"), max_length=200, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True, blank=True)
    # Letters written so far, and when the last one was asked for: the number names its mail.
    letters = models.PositiveSmallIntegerField(default=0, editable=False)
    written_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    thanked_at = models.DateTimeField(null=True, blank=True)
    # The private link is derived from code and version, never stored; raising the version makes a new one.
    link_version = models.PositiveIntegerField(default=1)
    link_revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "speaker"], name="invitation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.speaker_id} → {self.session_id}"

    def get_absolute_url(self) -> str:
        return reverse("invitation", args=[self.code])

    @property
    def addressee(self) -> str:
        """The one address the letter goes to: the guest's or the contact person's."""
        return self.speaker.contact_email if self.to_contact else self.speaker.email

    @property
    def copied_to(self) -> tuple[str, ...]:
        """Who gets a copy of the letter: the contact person where the host chose so, nobody else."""
        wanted = self.goes_to == self.GoesTo.COPY and self.speaker.contact_email
        return (self.speaker.contact_email,) if wanted else ()

    @property
    def dates(self) -> list[datetime]:
        """What the guest may choose from, the session's own date first."""
        return [self.session.starts_at, *(day for day in self.other_dates if day != self.session.starts_at)]

    @property
    def has_accepted(self) -> bool:
        return self.state in states.ACCEPTED

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
        return now <= max(self.session.ends_at, *self.dates) + OPEN_AFTER

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

    @transaction.atomic
    def describe(self, about: dict[str, str], *, food: str, arrival: str, now: datetime) -> None:
        """What the guest tells of themselves (fields of Speaker), and what this morning needs to know."""
        self._lock()
        Speaker.objects.filter(pk=self.speaker_id).update(**about)
        self.food, self.arrival = food, arrival
        self.save(update_fields=["food", "arrival"])
        programme.touch(self.session_id, now=now)
        documents.refresh_guest(self.speaker)
        Activity.record(None, "invitation.describe", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def bring_book(self, title: str, *, publisher: str, isbn: str, now: datetime) -> Book:
        """A book of the guest; the first one stands for this morning. The same title again is corrected."""
        self._lock()
        if self.speaker.books.exclude(title=title).count() >= BOOKS_AT_MOST:
            raise ValidationError(_t("That is more than the shelf holds."))
        told = {"publisher": publisher, "isbn": isbn}
        book, _new = Book.objects.update_or_create(speaker=self.speaker, title=title, defaults=told)
        if self.book_id is None:
            self.book = book
            self.save(update_fields=["book"])
        programme.show_book(self, now=now)
        Activity.record(None, "invitation.bring_book", f"invitation:{self.code}", now=now)
        return book

    # What the verbs are made of

    def _lock(self) -> None:
        fresh = Invitation.objects.select_for_update().get(pk=self.pk)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))

    def _answer(self, state: str, *, how: str, note: str, now: datetime, by_guest: bool = False) -> None:
        if not (self.can_answer(now) if by_guest else states.may_hear(self.state, state)):
            raise ValidationError(_t("This invitation is closed."))
        self.asked_at = self.asked_at or now
        self.state, self.answered_how, self.answer_note, self.answered_at = state, how, note, now

    def _write(self, *, nudge: bool, now: datetime) -> None:
        if not self.addressee:
            raise ValidationError(_t("There is no mail address to write to."))
        self.letters += 1
        self.written_at = now
        self.save()
        if self.goes_to == self.GoesTo.COPY and not self.speaker.contact_email:
            raise ValidationError(_t("There is no mail address of the contact person."))
        context = {"invitation": self.pk, "version": self.link_version, "nudge": nudge}
        self._owe("guest.letter", to=self.addressee, key=str(self.letters), context=context, until=max(self.dates))

    def _tell_host(self, how: str, *, actor: Member | None, now: datetime) -> None:
        """Who recorded the answer himself need not be told."""
        Activity.record(actor, f"invitation.{self.state}", f"invitation:{self.code}", now=now, how=how)
        if actor is None:
            context = {"invitation": self.pk, "state": self.state, "answered_at": now.isoformat()}
            self._owe_hosts("guest.answered", key=now.isoformat(), context=context)

    def _owe_hosts(self, kind: str, *, key: str, context: dict[str, Any]) -> None:
        """To the host who wrote the letter; where nobody is left who did, to those who host the series now."""
        if self.host is not None and self.host.is_active:
            self._owe(kind, to=self.host.email, key=key, context=context, language=self.host.language)
            return
        hosts = Membership.objects.hosts().filter(series=self.session.series_id, member__is_active=True)
        for one in hosts.select_related("member"):
            language = one.member.language
            self._owe(kind, to=one.member.email, key=f"{key}:{one.member_id}", context=context, language=language)

    def _owe(
        self,
        kind: str,
        *,
        to: str,
        key: str,
        context: dict[str, Any],
        language: str = "",
        until: datetime | None = None,
    ) -> None:
        if to:
            Delivery.objects.owe(
                kind,
                f"{self.code}:{key}",
                to=to,
                language=language or self.language,
                context=context,
                useful_until=until,
            )
