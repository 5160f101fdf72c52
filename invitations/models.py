"""How a guest comes to us: the invitation, its letter and its private link."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.models import Session, Talk, TalkSpeaker
from members.fields import CodeField, LineField, ProseField
from members.models import Activity, Member
from outbox.models import Delivery
from speakers.models import Book, Speaker


class Invitation(models.Model):
    """One guest asked for one session. The state of the asking is one thing, the state of its mail another (outbox)."""

    class State(models.TextChoices):
        IDEA = "idea", _("an idea")
        ASKED = "asked", _("asked")
        TALKING = "talking", _("talking")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        SILENT = "silent", _("no answer")
        CONFIRMED = "confirmed", _("confirmed")
        THANKED = "thanked", _("thanked")

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

    # C3: what an author needs to decide; an empty field reads "not yet decided".
    to_contact = models.BooleanField(_("write to the contact person"), default=False)
    subject = LineField(_("subject"), max_length=150, blank=True)
    greeting = ProseField(_("beginning of the letter"), max_length=2000, blank=True)
    why_you = ProseField(_("why you"), max_length=2000, blank=True)
    who_comes = LineField(_("who comes"), max_length=200, blank=True)
    other_dates = ArrayField(models.DateTimeField(), default=list, blank=True)
    length = LineField(_("length of the talk"), max_length=120, blank=True)
    honorarium = LineField(_("honorarium"), max_length=120, blank=True)
    travel = LineField(_("travel"), max_length=120, blank=True)
    tax = LineField(_("withholding tax"), max_length=120, blank=True)
    meal = LineField(_("meal"), max_length=120, blank=True)
    companions = LineField(_("companions"), max_length=120, blank=True)
    recording = LineField(_("recording and photos"), max_length=200, blank=True)
    off_record = LineField(_("off the record"), max_length=200, blank=True)
    approval = LineField(_("approval of the report"), max_length=200, blank=True)
    book_sales = LineField(_("book sales and signing"), max_length=200, blank=True)
    equipment = LineField(_("equipment"), max_length=200, blank=True)
    closing = ProseField(_("end of the letter"), max_length=1000, blank=True)

    # What the guest answered.
    answer_note = ProseField(_("a word to the host"), max_length=1000, blank=True)
    answered_how = models.CharField(max_length=10, choices=Told, blank=True)
    chosen_start = models.DateTimeField(null=True, blank=True)
    food = LineField(_("what you do not eat"), max_length=200, blank=True)
    arrival = LineField(_("when and how you arrive"), max_length=200, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    thanked_at = models.DateTimeField(null=True, blank=True)
    # The private link is derived from code and version, never stored; raising the version makes a new one.
    link_version = models.PositiveIntegerField(default=1)
    link_revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "speaker"], name="invitation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.speaker} → {self.session_id}"

    def get_absolute_url(self) -> str:
        return reverse("invitation", args=[self.code])

    @property
    def addressee(self) -> str:
        """The one address the letter goes to: the guest's or the contact person's."""
        return self.speaker.contact_email if self.to_contact else self.speaker.email

    @property
    def is_open(self) -> bool:
        """Whether the guest may still answer or change the answer."""
        return self.link_revoked_at is None and self.state not in {self.State.IDEA, self.State.THANKED}

    @property
    def has_accepted(self) -> bool:
        return self.state in {self.State.ACCEPTED, self.State.CONFIRMED, self.State.THANKED}

    # Verbs

    @transaction.atomic
    def send(self, *, now: datetime) -> None:
        """Ask: the letter goes to one address, once. A second tap changes nothing."""
        self._lock()
        if self.state != self.State.IDEA:
            return
        if not self.addressee:
            raise ValidationError(_t("There is no mail address to write to."))
        self.state, self.asked_at = self.State.ASKED, now
        self.save()
        self._owe("guest.letter", to=self.addressee, useful_until=self.session.starts_at)
        Activity.record(self.host, "invitation.send", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def accept(
        self, *, how: str, now: datetime, note: str = "", start: datetime | None = None, actor: Member | None = None
    ) -> None:
        """The guest comes: the programme names them from now on, and the host is told when the guest said so here."""
        self._lock()
        self._answer(self.State.ACCEPTED, how=how, note=note, now=now)
        self.chosen_start = start
        self.save()
        self._put_into_programme(now=now)
        self._tell_host(how, actor=actor, now=now)

    @transaction.atomic
    def decline(self, *, how: str, now: datetime, note: str = "", actor: Member | None = None) -> None:
        """The guest does not come this time; the programme no longer names them."""
        self._lock()
        self._answer(self.State.DECLINED, how=how, note=note, now=now)
        self.save()
        TalkSpeaker.objects.filter(talk__session=self.session_id, speaker=self.speaker_id).delete()
        Talk.objects.filter(session=self.session_id, speakers=None, member=None).delete()
        self._touch_session(now=now)
        self._tell_host(how, actor=actor, now=now)

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

    # What the verbs are made of

    def _lock(self) -> None:
        fresh = Invitation.objects.select_for_update().get(pk=self.pk)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))

    def _answer(self, state: str, *, how: str, note: str, now: datetime) -> None:
        if self.state == self.State.THANKED:
            raise ValidationError(_t("This invitation is closed."))
        self.state, self.answered_how, self.answer_note, self.answered_at = state, how, note, now

    def _put_into_programme(self, *, now: datetime) -> None:
        if not TalkSpeaker.objects.filter(talk__session=self.session_id, speaker=self.speaker_id).exists():
            title = self.book.title if self.book else self.session.title or self.speaker.name
            talk = Talk.objects.create(session_id=self.session_id, title=title, book=self.book, language=self.language)
            TalkSpeaker.objects.create(talk=talk, speaker=self.speaker)
        self._touch_session(now=now)

    def _touch_session(self, *, now: datetime) -> None:
        """The session's page shows something else from now on."""
        Session.objects.filter(pk=self.session_id).update(changed_at=now)

    def _tell_host(self, how: str, *, actor: Member | None, now: datetime) -> None:
        """Who recorded the answer himself need not be told."""
        Activity.record(actor, f"invitation.{self.state}", f"invitation:{self.code}", now=now, how=how)
        if actor is None and self.host is not None:
            key = f"{self.state}:{int(now.timestamp())}"
            self._owe("guest.answered", to=self.host.email, key=key, language=self.host.language)

    def _owe(
        self, kind: str, *, to: str, key: str = "", language: str = "", useful_until: datetime | None = None
    ) -> None:
        Delivery.objects.owe(
            kind,
            f"{self.code}:{key or self.link_version}",
            to=to,
            language=language or self.language,
            context={"invitation": self.pk},
            useful_until=useful_until,
        )
