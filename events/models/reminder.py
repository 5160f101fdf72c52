"""When the series speaks up by itself: rules, what one session does differently, and what has been carried out."""

from __future__ import annotations

from copy import copy
from datetime import datetime, time, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.segment import AFTERWARDS, Segment
from events.models.series import Series
from events.models.session import Session
from events.nights import QUIET_FROM, QUIET_UNTIL
from members.fields import LineField, ProseField

# A rule speaks at most so many days before the session, or after it.
DAYS_BEFORE, DAYS_AFTER = 31, 7


class Timing(models.Model):
    """So many days before (or, negative, after) the session, at this local wall time, and with which word of its own.

    Between 21:00 and 7:00 nothing goes by itself: no rule can be set to such an hour.
    """

    days_before = models.SmallIntegerField(
        validators=[MinValueValidator(-DAYS_AFTER), MaxValueValidator(DAYS_BEFORE)],
    )
    at = models.TimeField()
    is_on = models.BooleanField(default=True)
    greeting = ProseField(max_length=1000, blank=True)

    class Meta:
        abstract = True


class ReminderRule(Timing):
    """One reminder of a series: what it says, to whom, and when."""

    class Template(models.TextChoices):
        INVITE = "invite", _("invitation to answer")
        STILL_COMING = "still_coming", _("still coming?")
        TOMORROW = "tomorrow", _("what one needs that morning")
        THANKS = "thanks", _("thanks, and one line to take home")
        WORDS = "words", _("words of your own")

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="reminder_rules")
    template = models.CharField(max_length=20, choices=Template)
    audience = models.CharField(max_length=20, choices=Segment)
    # Of words of one's own; the others have a subject.
    subject = LineField(max_length=120, blank=True)

    class Meta:
        ordering = ["-days_before", "at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "template", "audience", "days_before"], name="reminder_rule_once_a_day"
            ),
            models.CheckConstraint(
                name="reminder_rule_not_at_night", condition=Q(at__gte=QUIET_UNTIL, at__lt=QUIET_FROM)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.days_before}d {self.at}"

    @property
    def is_afterwards(self) -> bool:
        """Whether it speaks of what has been, to those who came or did not come."""
        return self.audience in AFTERWARDS

    def as_for(self, exception: ReminderException | None) -> ReminderRule:
        """The rule as it holds for one session: the same rule, with that session's hour and word."""
        if exception is None:
            return self
        rule = copy(self)
        for name in ("days_before", "at", "is_on", "greeting"):
            setattr(rule, name, getattr(exception, name))
        return rule


class ReminderException(Timing):
    """One session does it differently from its series: another hour, another word, or not at all."""

    rule = models.ForeignKey(ReminderRule, on_delete=models.CASCADE, related_name="exceptions")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="reminder_exceptions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "session"], name="reminder_exception_once"),
            models.CheckConstraint(
                name="reminder_exception_not_at_night", condition=Q(at__gte=QUIET_UNTIL, at__lt=QUIET_FROM)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.session_id} {self.days_before}d {self.at}"


class ReminderRun(models.Model):
    """This rule has been carried out for this session: its mails are in the outbox."""

    rule = models.ForeignKey(ReminderRule, on_delete=models.CASCADE, related_name="runs")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="reminder_runs")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "session"], name="reminder_run_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.session_id}"


# To whom each ready-made reminder goes; words of one's own go to whom the host chooses.
AUDIENCE = {
    ReminderRule.Template.INVITE: Segment.UNANSWERED,
    ReminderRule.Template.STILL_COMING: Segment.COMING,
    ReminderRule.Template.TOMORROW: Segment.COMING,
    ReminderRule.Template.THANKS: Segment.CAME,
}
# E2: what a new series starts with. (template, days before, local time)
Defaults = list[tuple[ReminderRule.Template, int, time]]
WEEKLY: Defaults = [
    (ReminderRule.Template.TOMORROW, 1, time(18, 0)),
    (ReminderRule.Template.THANKS, 0, time(12, 10)),
]
MONTHLY: Defaults = [
    (ReminderRule.Template.INVITE, 7, time(12, 10)),
    (ReminderRule.Template.STILL_COMING, 3, time(12, 10)),
    *WEEKLY,
]


def begin_with(series: Series, defaults: Defaults) -> None:
    """Give a new series its reminders."""
    ReminderRule.objects.bulk_create(
        ReminderRule(series=series, template=template, audience=AUDIENCE[template], days_before=days, at=at)
        for template, days, at in defaults
    )


def due_at(rule: Timing, session: Session) -> datetime:
    """The instant a rule falls due: wall-clock time in the session's zone, whatever the clocks did in between.

    An hour that the clocks leave out comes when they have gone on (2:30 is 3:30); one that comes twice, the first time.
    """
    day = session.local_start.date() - timedelta(days=rule.days_before)
    return datetime.combine(day, rule.at, tzinfo=session.zone)
