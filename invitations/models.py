"""How a guest comes to us: the invitation, its letter and its private link."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Session
from members.fields import CodeField, LineField, ProseField
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
