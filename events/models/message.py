"""What a host wrote to some of the people of a session."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.segment import Segment
from events.models.session import Session
from members.fields import LineField, ProseField


class HostMessage(models.Model):
    """The same words go to the same people of a session once, however often the button is tapped."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="host_messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    segment = models.CharField(_("To whom"), max_length=20, choices=Segment)
    subject = LineField(_("Subject"), max_length=120)
    text = ProseField(_("What you write"), max_length=4000)
    digest = models.CharField(max_length=64, editable=False)
    # How many it was owed to.
    people = models.PositiveIntegerField(default=0, editable=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "segment", "digest"], name="host_message_same_words_once")
        ]

    def __str__(self) -> str:
        return self.subject

    @staticmethod
    def digest_of(subject: str, text: str) -> str:
        """What tells the same words from others."""
        return hashlib.sha256(f"{subject}\n{text}".encode()).hexdigest()

    @property
    def segment_label(self) -> str:
        return str(Segment(self.segment).label)
