"""The days of the sample club, reckoned from the day it is made."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from events import recurrence
from events.models import Session

ZONE = "Asia/Tokyo"


@dataclass(frozen=True)
class Days:
    """Now, and the instants the sample needs around it. But for what has ended by now, only the date counts."""

    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(ZONE)).date()

    def ago(self, days: int, at: time) -> datetime:
        """So many days ago at this time of day; in the future for a negative number."""
        return recurrence.localise(self.today - timedelta(days=days), at, ZONE)

    def after(self, session: Session, *, days: int, at: time) -> datetime:
        """So many days after a past session, but never after this day began, nor before the session ended."""
        on = session.local_start.date() + timedelta(days=days)
        return max(session.ends_at, min(recurrence.localise(on, at, ZONE), self.ago(0, time())))

    def past(self, rule: str, at: time, minutes: int) -> list[date]:
        """The dates of the last four years on which a series of this rule has met, the oldest first."""
        first = self.today - timedelta(days=4 * 366)
        all_of_them = recurrence.occurrences(recurrence.parse(rule, tz=ZONE, today=self.today), first, limit=260)
        length = timedelta(minutes=minutes)
        return [one.on for one in all_of_them if recurrence.localise(one.on, at, ZONE) + length <= self.now]
