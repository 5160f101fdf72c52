"""The purse of a series (会計報告): in, out and what is left, morning by morning, carried forward from year to year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate

from django.db import transaction
from django.db.models import IntegerField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from events.models import Series, Session
from events.pages.front import label
from members.models import Activity, Member
from purse.models import Entry, Payment


@dataclass(frozen=True)
class Line:
    """One morning, or one entry. `left` is what is in the purse after it; `entry` can be taken out again."""

    on: date
    what: str
    into: int
    out: int
    left: int = 0
    href: str = ""
    entry: int = 0


@dataclass(frozen=True)
class Book:
    """A year of it."""

    year: int
    years: Sequence[int]
    before: int
    lines: Sequence[Line]

    @property
    def into(self) -> int:
        return sum(line.into for line in self.lines)

    @property
    def out(self) -> int:
        return sum(line.out for line in self.lines)

    @property
    def left(self) -> int:
        return self.before + self.into - self.out


def book(series: Series, year: int | None) -> Book:
    """The year asked for, or the newest there is anything about: two queries."""
    lines = sorted([*_mornings(series), *_entries(series)], key=lambda line: line.on)
    years = sorted({line.on.year for line in lines}, reverse=True)
    chosen = year if year in years else (years[0] if years else 0)
    left = list(accumulate(line.into - line.out for line in lines))
    known = [Line(**{**vars(line), "left": after}) for line, after in zip(lines, left, strict=True)]
    before = next((line.left for line in reversed(known) if line.on.year < chosen), 0)
    return Book(chosen, years, before, [line for line in known if line.on.year == chosen])


@transaction.atomic
def enter(entry: Entry, series: Series, *, now: datetime, actor: Member) -> None:
    """Something went in or out besides the mornings."""
    entry.series, entry.recorded_by = series, actor
    entry.save()
    Activity.record(actor, "purse.entry", f"series:{series.slug}", now=now, what=entry.what, amount=entry.amount)


@transaction.atomic
def take_out(entry: Entry, *, now: datetime, actor: Member) -> None:
    """An entry was a mistake; that it was there stays in the record of what hosts did."""
    target = f"series:{entry.series.slug}"
    Activity.record(actor, "purse.removal", target, now=now, what=entry.what, amount=entry.amount)
    entry.delete()


def _mornings(series: Series) -> Iterable[Line]:
    """Every morning at which money moved."""
    paid = Payment.objects.filter(session=OuterRef("pk")).order_by().values("session")
    taken = Subquery(paid.annotate(sum=Sum("amount")).values("sum"), output_field=IntegerField())
    sessions = Session.objects.filter(series=series).select_related("bill", "series")
    for session in sessions.annotate(taken=Coalesce(taken, Value(0))):
        bill = getattr(session, "bill", None)
        into, out = int(vars(session)["taken"]), bill.total if bill else 0
        if into or out:
            yield Line(session.local_start.date(), _which(session), into, out, href=session.get_absolute_url())


def _which(session: Session) -> str:
    """第132回; the page has the name of the series above."""
    return _("No. %(number)s") % {"number": session.number} if session.number else label(session)


def _entries(series: Series) -> Iterable[Line]:
    for entry in Entry.objects.filter(series=series):
        yield Line(entry.on, entry.what, max(entry.amount, 0), max(-entry.amount, 0), entry=entry.pk)


def address(series: Series, year: int = 0) -> str:
    """The page of a year."""
    return reverse("series_purse", args=[series.slug]) + (f"?year={year}" if year else "")


def heading(series: Series) -> str:
    """What the page is called."""
    return _("The purse of %(series)s") % {"series": series.display_name}
