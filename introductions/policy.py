"""How a series introduces: which reasons count most, and whether rounds go out by themselves. The host's choice."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Series, Session
from introductions.matching import CHOICES, Weights
from members.models import Activity, Member

# So many rounds of a series wait for the host's tap, whatever he chose: he should see what goes out in his name.
BY_HAND_FIRST = 2
GOES_AT = time(12, 10)


class Policy(models.Model):
    """One row for a series whose host chose something; without a row the first choice holds and rounds wait."""

    class Choice(models.TextChoices):
        ACROSS_TRADES = "across_trades", _("across trades")
        NEWCOMERS_FIRST = "newcomers_first", _("newcomers first")
        SHARED_INTERESTS = "shared_interests", _("shared interests")

    series = models.OneToOneField(Series, on_delete=models.CASCADE, related_name="introduction_policy")
    choice = models.CharField(max_length=20, choices=Choice, default=Choice.ACROSS_TRADES)
    # Grows with every other choice: a round remembers by which version it was made.
    version = models.PositiveIntegerField(default=1)
    by_itself_since = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return f"{self.series_id} {self.choice}"

    @classmethod
    def of(cls, series_id: int) -> Policy:
        """What holds for a series, saved or not."""
        return cls.objects.filter(series=series_id).first() or cls(series_id=series_id)

    @property
    def weights(self) -> Weights:
        return CHOICES[self.choice]

    @classmethod
    @transaction.atomic
    def choose(cls, series: Series, choice: str, *, by_itself: bool, now: datetime, actor: Member | None) -> None:
        """From the next round on. Choosing the same again changes nothing."""
        Series.objects.select_for_update().get(pk=series.pk)
        row = cls.of(series.pk)
        if (row.choice, row.by_itself_since is not None) == (choice, by_itself) and row.pk:
            return
        row.version += row.choice != choice
        row.choice, row.changed_at = choice, now
        row.by_itself_since = (row.by_itself_since or now) if by_itself else None
        row.save()
        Activity.record(actor, "introductions.policy", f"series:{series.slug}", now=now, choice=choice)


def set_time(session: Session, *, now: datetime) -> datetime:
    """When a round goes that nobody looks at: the day after, 12:10 where they meet, or the next such hour."""
    day = max(session.local_start.date(), now.astimezone(session.zone).date() - timedelta(days=1))
    at = datetime.combine(day + timedelta(days=1), GOES_AT, tzinfo=session.zone)
    return at if at > now else at + timedelta(days=1)
