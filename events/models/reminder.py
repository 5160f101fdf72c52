"""When the series speaks up by itself: rules, and which of them have been carried out for which session."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.series import Series
from events.models.session import Session


class ReminderRule(models.Model):
    """So many days before (or, negative, after) the session, at this local wall time, to these people."""

    class Audience(models.TextChoices):
        UNANSWERED = "unanswered", _("members who have not answered")
        COMING = "coming", _("those who come")
        CAME = "came", _("those who came")

    class Template(models.TextChoices):
        INVITE = "invite", _("invitation to answer")
        STILL_COMING = "still_coming", _("still coming?")
        TOMORROW = "tomorrow", _("the evening before")
        THANKS = "thanks", _("thanks, and one line to take home")

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="reminder_rules")
    # Empty for the series' own; set where one session does it differently.
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.CASCADE, related_name="reminder_rules")
    template = models.CharField(max_length=20, choices=Template)
    audience = models.CharField(max_length=20, choices=Audience)
    days_before = models.SmallIntegerField()
    at = models.TimeField()
    is_on = models.BooleanField(default=True)

    class Meta:
        ordering = ["-days_before", "at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "template"], condition=Q(session=None), name="reminder_rule_once_per_series"
            ),
            models.UniqueConstraint(
                fields=["session", "template"],
                condition=Q(session__isnull=False),
                name="reminder_rule_once_per_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.days_before}d {self.at}"


class ReminderRun(models.Model):
    """This rule has been carried out for this session: its mails are in the outbox."""

    rule = models.ForeignKey(ReminderRule, on_delete=models.CASCADE, related_name="runs")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="reminder_runs")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "session"], name="reminder_run_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.session_id}"


# E2: what a new series starts with. (template, audience, days before, local time)
Defaults = list[tuple[str, str, int, time]]
WEEKLY: Defaults = [
    (ReminderRule.Template.TOMORROW, ReminderRule.Audience.COMING, 1, time(18, 0)),
    (ReminderRule.Template.THANKS, ReminderRule.Audience.CAME, 0, time(12, 10)),
]
MONTHLY: Defaults = [
    (ReminderRule.Template.INVITE, ReminderRule.Audience.UNANSWERED, 7, time(12, 10)),
    (ReminderRule.Template.STILL_COMING, ReminderRule.Audience.COMING, 3, time(12, 10)),
    *WEEKLY,
]


def due_at(rule: ReminderRule, session: Session) -> datetime:
    """The instant a rule falls due: wall-clock time in the session's zone, whatever the clocks did in between."""
    day = session.local_start.date() - timedelta(days=rule.days_before)
    return datetime.combine(day, rule.at, tzinfo=session.zone)
