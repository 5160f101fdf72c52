"""What every part of an invitation stands on: who is asked for which session, how it stands, its link and its mails."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Membership, Session
from invitations.models import states
from invitations.models.terms import Terms
from members.fields import CodeField, ProseField
from outbox.models import Delivery
from speakers.models import Book, Speaker


class Base(Terms):
    """One guest and one session."""

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

    created_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True, blank=True)
    # Letters written so far, and when the last one was asked for: the number names its mail.
    letters = models.PositiveSmallIntegerField(default=0, editable=False)
    written_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # The private link is derived from code and version, never stored; raising the version makes a new one.
    link_version = models.PositiveIntegerField(default=1)
    link_revoked_at = models.DateTimeField(null=True, blank=True)

    if TYPE_CHECKING:
        pk: int
        session_id: int
        speaker_id: int
        book_id: int | None

    class Meta:
        abstract = True

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
    def has_accepted(self) -> bool:
        return self.state in states.ACCEPTED

    # What the verbs are made of

    def _lock(self) -> None:
        fresh = type(self)._default_manager.select_for_update().get(pk=self.pk)  # noqa: SLF001 - Django documents it
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))

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
