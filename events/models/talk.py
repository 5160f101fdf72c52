"""What is on: one talk of a session, by guests or by a member."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from events.models.session import Session
from members.fields import LineField, ProseField
from members.models import Activity, Member
from search import sources
from speakers.models import Book, Speaker


class Talk(models.Model):
    """One item of a session's programme."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="talks")
    position = models.PositiveSmallIntegerField(default=1)
    title = LineField(_("title"), max_length=300)
    abstract = ProseField(_("what it is about"), max_length=20_000, blank=True)
    language = models.CharField(_("language"), max_length=8, default="ja")
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=30, validators=[MaxValueValidator(600)])
    speakers = models.ManyToManyField(Speaker, through="TalkSpeaker", related_name="talks")
    # A member's own talk about their trade.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="talks"
    )
    book = models.ForeignKey(Book, null=True, blank=True, on_delete=models.SET_NULL, related_name="talks")
    # The guest or the host would like those who come to have read it.
    reads_first = models.BooleanField(default=False)
    recordings = ArrayField(models.URLField(max_length=500), default=list, blank=True)
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    # Where an imported talk came from.
    source = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("talk")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title

    @transaction.atomic
    def up(self, *, now: datetime, actor: Member) -> None:
        """One place earlier in the programme; the first stays where it is."""
        Session.objects.select_for_update().get(pk=self.session_id)
        order = list(Talk.objects.filter(session=self.session_id).order_by("position", "pk"))
        at = next(place for place, talk in enumerate(order) if talk.pk == self.pk)
        if at == 0:
            return
        order[at - 1], order[at] = order[at], order[at - 1]
        for position, talk in enumerate(order, start=1):
            talk.position = position
        Talk.objects.bulk_update(order, ["position"])
        Session.objects.filter(pk=self.session_id).update(changed_at=now)
        code = order[0].session.code
        Activity.record(actor, "talk.order", f"session:{code}", now=now, title=self.title)
        sources.refresh([code])


class TalkSpeaker(models.Model):
    """Who speaks, in the order the programme names them."""

    talk = models.ForeignKey(Talk, on_delete=models.CASCADE)
    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["talk", "speaker"], name="talk_speaker_once")]

    def __str__(self) -> str:
        return f"{self.talk_id} {self.speaker_id}"
