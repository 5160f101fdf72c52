"""The clock of a morning on the phone of whoever leads through it: what runs, how long still, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.models import Session
from events.pages.session import schedule

# From so many minutes on the end of what runs is said in another colour.
SOON = 2
# Whatever stands before may be running still for so long.
STILL = timedelta(minutes=10)
# By how much a tap lengthens what runs.
TAP_MINUTES = 5


@dataclass(frozen=True)
class Item:
    """One line of the running order with its instants; what stands last ends with the morning."""

    time: str
    what: str
    starts_at: datetime
    ends_at: datetime
    is_over: bool = False
    is_now: bool = False


@dataclass(frozen=True)
class Clock:
    """What templates/events/clock.html shows at this moment."""

    items: Sequence[Item]
    ends_at: datetime
    now: datetime

    @property
    def current(self) -> Item | None:
        return next((item for item in self.items if item.is_now), None)

    @property
    def next(self) -> Item | None:
        return next((item for item in self.items if item.starts_at > self.now), None)

    @property
    def before(self) -> Item | None:
        """What ran until a moment ago, and may be running still."""
        at = next((place for place, item in enumerate(self.items) if item.is_now), 0)
        fresh = at > 0 and self.now - self.items[at].starts_at < STILL
        return self.items[at - 1] if fresh else None

    @property
    def left(self) -> int:
        """Whole minutes until what runs ends, or, before it, until it begins; rounded up."""
        until = self.current.ends_at if self.current else self.next.starts_at if self.next else self.ends_at
        return max(0, -int((self.now - until).total_seconds() // 60))

    @property
    def is_today(self) -> bool:
        """Whether minutes mean anything yet."""
        return self.ends_at - self.now < timedelta(hours=14)

    @property
    def is_soon(self) -> bool:
        return self.current is not None and self.left <= SOON

    @property
    def over(self) -> int:
        """Whole minutes past the hard end."""
        return max(0, int((self.now - self.ends_at).total_seconds() // 60)) if self.now >= self.ends_at else 0

    @property
    def has_ended(self) -> bool:
        return self.now >= self.ends_at


def clock(session: Session, *, now: datetime) -> Clock:
    """From the running order; lines without a time are left out, and so is what stands after the end."""
    rows = [row for row in schedule(session.programme) if row.time]
    starts = [_at(session, row.time) for row in rows]
    kept = sorted(
        ((start, row.what) for start, row in zip(starts, rows, strict=True) if start < session.ends_at),
        key=lambda found: found[0],
    )
    ends = [*(start for start, _what in kept[1:]), session.ends_at]
    items = [
        Item(
            time=f"{start.hour}:{start.minute:02}",
            what=what,
            starts_at=start,
            ends_at=end,
            is_over=end <= now,
            is_now=start <= now < end,
        )
        for (start, what), end in zip(kept, ends, strict=False)
    ]
    return Clock(items, session.local_end, now.astimezone(session.zone))


def shift(clock: Clock, *, still: bool, minutes: int) -> tuple[str, timedelta] | None:
    """After which hour the order moves, and by how much, when what runs takes longer; None where nothing runs.

    `still`: what stands before has not ended yet, so what runs by the clock moves as well, past this moment.
    """
    current = clock.current
    if current is None:
        return None
    if not still or clock.before is None:
        return f"{clock.now:%H:%M}", timedelta(minutes=minutes)
    gone = (clock.now - current.starts_at).total_seconds() // 60
    by = TAP_MINUTES * (int(gone) // TAP_MINUTES + 1)
    start = current.starts_at.astimezone(clock.now.tzinfo) - timedelta(minutes=1)
    return f"{start:%H:%M}", timedelta(minutes=by)


def _at(session: Session, time: str) -> datetime:
    """The instant of that hour on the session's day; an hour long before the start is the next day's."""
    hours, minutes = (int(part) for part in time.split(":"))
    start = session.local_start
    at = start.replace(hour=hours % 24, minute=minutes % 60, second=0, microsecond=0)
    return at + timedelta(days=1) if start - at > timedelta(hours=12) else at
