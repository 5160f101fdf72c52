"""When answers are taken, by when the restaurant is told the number, and what leaving afterwards costs.

A series has the rules: so many days before, at this hour of the clock where people meet. A session has the instants
that follow from them, so that a verb under the lock and a page's query read one row; one with its own keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

DAYS_AT_MOST = 365
WINDOW = ("rsvp_opens_at", "rsvp_closes_at", "headcount_at", "late_amount")


@dataclass(frozen=True)
class Hour:
    """So many days before, at this hour of the wall clock."""

    days: int
    at: time

    def of(self, wall: datetime) -> datetime:
        """The instant for a session that starts at `wall`, the start as the clock where people meet shows it."""
        return datetime.combine(wall.date() - timedelta(days=self.days), self.at, tzinfo=wall.tzinfo)

    @classmethod
    def read(cls, instant: datetime, wall: datetime) -> Self:
        """The rule this instant follows from."""
        local = instant.astimezone(wall.tzinfo)
        return cls((wall.date() - local.date()).days, local.time())


@dataclass(frozen=True)
class Terms:
    """What a host decided: None is from publication on, until the start, no deadline. `late`: smallest unit."""

    opens: Hour | None = None
    closes: Hour | None = None
    headcount: Hour | None = None
    late: int = 0


class WindowRules(models.Model):
    """The rules of a series."""

    opens_days = models.PositiveSmallIntegerField(null=True, blank=True)
    opens_time = models.TimeField(null=True, blank=True)
    closes_days = models.PositiveSmallIntegerField(null=True, blank=True)
    closes_time = models.TimeField(null=True, blank=True)
    headcount_days = models.PositiveSmallIntegerField(null=True, blank=True)
    headcount_time = models.TimeField(null=True, blank=True)
    # What the restaurant asks for each seat given back after it was told the number; 0: nothing.
    late_amount = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def terms(self) -> Terms:
        """The rules as values."""
        return Terms(
            _hour(self.opens_days, self.opens_time),
            _hour(self.closes_days, self.closes_time),
            _hour(self.headcount_days, self.headcount_time),
            self.late_amount,
        )

    @terms.setter
    def terms(self, terms: Terms) -> None:
        for name in ("opens", "closes", "headcount"):
            hour = getattr(terms, name)
            setattr(self, f"{name}_days", hour and hour.days)
            setattr(self, f"{name}_time", hour and hour.at)
        self.late_amount = terms.late


class Window(models.Model):
    """The instants of one session."""

    rsvp_opens_at = models.DateTimeField(_("answers from"), null=True, blank=True)
    rsvp_closes_at = models.DateTimeField(_("answers until"), null=True, blank=True)
    # By then the restaurant is told how many come.
    headcount_at = models.DateTimeField(null=True, blank=True)
    # What each seat given back after that costs, in the smallest unit of the fee's currency; 0: nothing.
    late_amount = models.PositiveIntegerField(default=0)
    # The host set these for this morning alone: the series' rules leave it as it is.
    window_set_at = models.DateTimeField(null=True, blank=True, editable=False)

    if TYPE_CHECKING:
        starts_at: datetime
        published_at: datetime | None

        @property
        def local_start(self) -> datetime: ...

    class Meta:
        abstract = True

    @property
    def terms(self) -> Terms:
        """What holds for this session, as the rules it follows from."""
        return Terms(*self._hours(self.local_start), self.late_amount)

    def take_terms(self, terms: Terms) -> None:
        """Work out the instants; the caller saves `WINDOW`. An hour past the start is none.

        People came on the terms they read: on a morning that is published, leaving costs no more and no earlier.
        """
        wall, was, until = self.local_start, self.late_amount, self.headcount_at
        self.rsvp_opens_at = _before(wall, terms.opens)
        self.rsvp_closes_at = _before(wall, terms.closes)
        self.headcount_at = _before(wall, terms.headcount)
        self.late_amount = terms.late if self.headcount_at else 0
        if self.published_at is not None:
            self.late_amount = min(self.late_amount, was)
            if self.late_amount and until and self.headcount_at:
                self.headcount_at = max(self.headcount_at, until)

    def _hours(self, wall: datetime) -> tuple[Hour | None, Hour | None, Hour | None]:
        """The rules these instants follow from for a start at `wall`."""
        opens, closes, told = self.rsvp_opens_at, self.rsvp_closes_at, self.headcount_at
        return (
            Hour.read(opens, wall) if opens else None,
            Hour.read(closes, wall) if closes else None,
            Hour.read(told, wall) if told else None,
        )

    def _move_window(self, before: datetime, *, now: datetime) -> None:
        """After a move: the same hours of the days before the new start. Who cannot come then owes nothing for it."""
        hours, wall = self._hours(before), self.local_start
        self.rsvp_opens_at, self.rsvp_closes_at, self.headcount_at = (_before(wall, hour) for hour in hours)
        if self.headcount_at is None or self.headcount_at <= now:
            self.late_amount = 0

    def late_price(self, *, seated_at: datetime | None, answered_at: datetime | None, party: int, now: datetime) -> int:
        """What this party owes when it leaves now: nothing before the number was told, or without a seat.

        Nor does somebody who was given a seat after that and has said nothing since: it was never shown to them.
        """
        told = self.headcount_at
        if not self.late_amount or told is None or seated_at is None or now < told:
            return 0
        if seated_at >= told and (answered_at is None or answered_at < seated_at):
            return 0
        return self.late_amount * party


def late_needs_headcount(name: str, headcount: str) -> models.CheckConstraint:
    """A price without the hour from which it is due would surprise people."""
    return models.CheckConstraint(name=name, condition=Q(late_amount=0) | Q(**{f"{headcount}__isnull": False}))


def opens_before_it_closes(name: str) -> models.CheckConstraint:
    """A window has an inside."""
    return models.CheckConstraint(
        name=name,
        condition=Q(rsvp_opens_at=None) | Q(rsvp_closes_at=None) | Q(rsvp_opens_at__lt=F("rsvp_closes_at")),
    )


def _hour(days: int | None, at: time | None) -> Hour | None:
    return None if days is None or at is None else Hour(days, at)


def _before(wall: datetime, hour: Hour | None) -> datetime | None:
    """The hour's instant, where it comes before the start."""
    at = hour.of(wall) if hour else None
    return at if at and at < wall else None
