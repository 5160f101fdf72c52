"""What is asked beside the answer: food, pictures, a telephone, wishes for the table, and what the host wants to know.

None of it is needed for a seat. What concerns health and telephones is erased in time (events/erasure.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.rsvp import Rsvp
from events.models.session import Session
from members.fields import LineField, ProseField
from members.models import Member

QUESTIONS_AT_MOST, CHOICES_AT_MOST, CHOICE_LENGTH, REPLY_LENGTH = 5, 8, 60, 500
DIET_LENGTH, PHONE_LENGTH = 200, 30


class Question(models.Model):
    """Something a host wants to know of everybody who comes."""

    class Kind(models.TextChoices):
        TEXT = "text", _("a few words")
        CHOICE = "choice", _("one of several")
        YES_NO = "yes_no", _("yes or no")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=1)
    text = LineField(_("question"), max_length=200)
    kind = models.CharField(_("answered with"), max_length=10, choices=Kind, default=Kind.TEXT)
    choices = ArrayField(models.CharField(max_length=CHOICE_LENGTH), default=list, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="question_has_its_choices", condition=~Q(kind="choice") | Q(choices__len__gte=2)
            )
        ]

    def __str__(self) -> str:
        return self.text


class Details(models.Model):
    """What somebody told for one morning. Empty means that nothing was told."""

    rsvp = models.OneToOneField(Rsvp, on_delete=models.CASCADE, related_name="details")
    diet = LineField(_("food: allergies, what you do not eat"), max_length=DIET_LENGTH, blank=True)
    phone = LineField(_("a telephone for that morning"), max_length=PHONE_LENGTH, blank=True)
    no_pictures = models.BooleanField(default=False)
    # Wishes for the table: the one by the door, and somebody met before beside them.
    near_door = models.BooleanField(default=False)
    with_known = models.BooleanField(default=False)
    # Shown to those who come, this time; empty is what the profile says.
    is_listed = models.BooleanField(null=True, blank=True)
    told_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.rsvp_id)

    @classmethod
    @transaction.atomic
    def tell(cls, rsvp: Rsvp, told: dict[str, Any], replies: dict[int, str], *, now: datetime) -> None:
        """Keep what was told; the last word counts. What concerns food is remembered for the mornings to come.

        `replies` are by question of this session; an empty one takes the reply back.
        """
        cls.objects.update_or_create(rsvp=rsvp, defaults={**told, "told_at": now})
        if rsvp.member_id:
            Remembered.objects.update_or_create(member_id=rsvp.member_id, defaults={"diet": told["diet"]})
        asked = Question.objects.filter(session=rsvp.session_id, pk__in=replies).values_list("pk", flat=True)
        for pk in asked:
            if replies[pk]:
                Reply.objects.update_or_create(question_id=pk, rsvp=rsvp, defaults={"text": replies[pk]})
            else:
                Reply.objects.filter(question=pk, rsvp=rsvp).delete()


class Reply(models.Model):
    """What one person answered to one question of the host."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="replies")
    rsvp = models.ForeignKey(Rsvp, on_delete=models.CASCADE, related_name="replies")
    text = ProseField(max_length=REPLY_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "rsvp"], name="question_reply_once")]

    def __str__(self) -> str:
        return self.text


class Remembered(models.Model):
    """What need not be told every time. Food: for hosts and door alone, of mornings this person comes to."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="remembered")
    diet = LineField(max_length=DIET_LENGTH, blank=True)
    # Whether to be listed among those who come was asked; until then nobody is.
    listing_asked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.member_id)

    @classmethod
    @transaction.atomic
    def choose_listing(cls, member: Member, *, listed: bool, now: datetime) -> None:
        """The one answer to "may those who come see your name": it holds until it is changed on the profile."""
        cls.objects.update_or_create(member=member, defaults={"listing_asked_at": now})
        changed = Member.objects.filter(pk=member.pk, listed_at__isnull=listed)
        changed.update(listed_at=now if listed else None)
