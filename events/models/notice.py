"""Who was told of a change at the last hour, and who said that they have understood."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from events.models.rsvp import Partstat, Rsvp


def is_late(starts: Iterable[datetime], zone: ZoneInfo, *, now: datetime) -> bool:
    """Whether it is the day before one of these starts, or that day: a change is told so late that mail may miss."""
    today = now.astimezone(zone).date()
    return any(now < at and at.astimezone(zone).date() - today <= timedelta(days=1) for at in starts)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def standing(self) -> NoticeQuerySet:
        """Of the latest change of each session, to people who come or wait still."""
        latest = self.filter(sequence=F("rsvp__session__sequence"))
        return latest.filter(rsvp__partstat=Partstat.ACCEPTED)

    def unread(self) -> NoticeQuerySet:
        return self.standing().filter(understood_at=None)

    def tell(self, session_id: int, sequence: int, *, now: datetime) -> None:
        """Expect a word of everybody who comes or waits. Telling the same change twice changes nothing."""
        concerned = Rsvp.objects.filter(session=session_id, partstat=Partstat.ACCEPTED).order_by("pk")
        rows = [Notice(rsvp_id=pk, sequence=sequence, told_at=now) for pk in concerned.values_list("pk", flat=True)]
        self.bulk_create(rows, ignore_conflicts=True)

    def understand(self, rsvp_id: int, sequence: int, *, now: datetime, by: int | None = None) -> bool:
        """This person knows; `by` names the host who told them by telephone. The first word counts."""
        unread = self.filter(rsvp=rsvp_id, sequence=sequence, understood_at=None)
        return bool(unread.update(understood_at=now, reached_by=by))


class Notice(models.Model):
    """One person told of one change (`sequence` is the session's, RFC 5545) so late that the host wants to know."""

    rsvp = models.ForeignKey(Rsvp, on_delete=models.CASCADE, related_name="notices")
    sequence = models.PositiveIntegerField()
    told_at = models.DateTimeField(default=timezone.now)
    understood_at = models.DateTimeField(null=True, blank=True)
    reached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rsvp", "sequence"], name="notice_once_per_change")]

    def __str__(self) -> str:
        return f"{self.rsvp_id} {self.sequence}"
