"""What becomes of it: rounds of introductions, each asked twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Session
from members.fields import CodeField


class Round(models.Model):
    """The introductions of one closed roster: computed once, looked at by the host, then sent."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="introduction_round")
    seed = models.CharField(max_length=40)
    computed_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    covered = models.PositiveSmallIntegerField(default=0)
    value = models.BigIntegerField(default=0)
    # Why somebody got nobody: {member id: reason}.
    left_out = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.session_id}"


class Introduction(models.Model):
    """Two people who might like to meet. `first` is the one with the smaller id; addresses appear after two yeses."""

    class Answer(models.TextChoices):
        NONE = "", _("no answer yet")
        YES = "yes", _("yes")
        NO = "no", _("not this time")

    code = CodeField()
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="introductions")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="introductions_as_first")
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="introductions_as_second"
    )
    value = models.IntegerField()
    # The named integer terms the value is the sum of.
    terms = models.JSONField(default=dict)
    dropped_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    answer_until = models.DateTimeField(null=True, blank=True)
    first_answer = models.CharField(max_length=3, choices=Answer, blank=True)
    first_answered_at = models.DateTimeField(null=True, blank=True)
    second_answer = models.CharField(max_length=3, choices=Answer, blank=True)
    second_answered_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("introduction")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="introduction_pair_once"),
            models.CheckConstraint(name="introduction_ordered", condition=Q(first__lt=F("second"))),
            models.CheckConstraint(
                name="introduction_made_after_two_yeses",
                condition=Q(made_at=None) | Q(first_answer="yes", second_answer="yes"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} – {self.second_id}"
