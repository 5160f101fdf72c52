"""What an action will do, as a host reads it before the tap: events.foresight in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from events import dates, nights
from events.fees import fee
from events.foresight import Foreseen
from events.models import Series, Session, Venue

LABELS = {
    "title": _("title"),
    "number": _("number"),
    "summary": _("what kind of morning it is"),
    "programme": _("running order"),
    "fee_amount": _("fee"),
    "capacity": _("seats"),
    "starts_at": _("begins"),
    "at": _("begins"),
    "duration_minutes": _("minutes"),
    "venue_id": _("place"),
}
# By the kind of the mail: to how many, and what it says.
MAILS = {
    "rsvp.promoted": ngettext_lazy("%(n)d person who waits gets a seat", "%(n)d people who wait get a seat", "n"),
    "rsvp.offer": ngettext_lazy(
        "%(n)d person who waits is asked whether it still suits",
        "%(n)d people who wait are asked whether it still suits",
        "n",
    ),
    "rsvp.free": ngettext_lazy(
        "%(n)d person who waits hears of a free seat", "%(n)d people who wait hear of a free seat", "n"
    ),
    "session.changed": ngettext_lazy(
        "%(n)d person who comes or waits is told", "%(n)d people who come or wait are told", "n"
    ),
    "guest.changed": ngettext_lazy("%(n)d guest is told", "%(n)d guests are told", "n"),
}
OTHER = ngettext_lazy("%(n)d more mail goes out", "%(n)d more mails go out", "n")


@dataclass(frozen=True)
class Line:
    """One thing that becomes different; long texts stand below each other."""

    label: str
    before: str
    after: str
    is_long: bool


@dataclass(frozen=True)
class Block:
    """Sessions of which the same is to be said (the ones not made yet are among them), and their lines."""

    whens: list[str]
    lines: list[Line]


@dataclass(frozen=True)
class Preview:
    """What templates/events/parts/foreseen.html shows."""

    blocks: list[Block]
    mails: list[str]
    # When those go that keep the night.
    night: str
    mark: str


def preview(foreseen: Foreseen, series: Series) -> Preview:
    """In the reader's language: one query for the names of places."""
    places = dict(Venue.objects.values_list("pk", "name"))
    said = [
        (_day(change.session), list(_lines(change.fields, series, places, change.session)))
        for change in foreseen.changes
    ]
    if foreseen.to_come:
        said.append((_t("Those not made yet"), list(_lines(foreseen.to_come, series, places))))
    blocks = [Block([row[0] for row in same], lines) for lines, same in groupby(said, itemgetter(1))]
    mails = [str(MAILS.get(kind, OTHER) % {"n": n}) for kind, n in sorted(foreseen.mails.items())]
    now = timezone.now()
    return Preview(blocks, mails, nights.word(now, series.zone, now=now) if foreseen.waits else "", foreseen.mark)


def _day(session: Session) -> str:
    return dates.day(session.local_start.date(), dates.language(), year=True)


def _lines(
    fields: Mapping[str, tuple[Any, Any]], series: Series, places: Mapping[int, str], session: Session | None = None
) -> Iterator[Line]:
    for name, label in LABELS.items():
        if name in fields:
            zone = (session or series).zone
            before, after = (_said(name, value, series, places, session) for value in _same_day(*fields[name], zone))
            yield Line(str(label), before, after, is_long=name in {"summary", "programme"})


def _same_day(before: Any, after: Any, zone: ZoneInfo) -> tuple[Any, Any]:
    """Where the day stays, the hour alone is said."""
    if isinstance(before, datetime) and isinstance(after, datetime):
        here, there = (value.astimezone(zone) for value in (before, after))
        if here.date() == there.date():
            return here.time(), there.time()
    return before, after


def _said(name: str, value: Any, series: Series, places: Mapping[int, str], session: Session | None) -> str:
    if value is None or value == "":
        return _t("none")
    if name == "fee_amount":
        return fee(value, series.fee_currency)
    if name == "venue_id":
        return places.get(value, "")
    if isinstance(value, datetime):
        local = value.astimezone(session.zone if session else series.zone)
        return f"{dates.day(local.date(), dates.language(), year=False)} {dates.clock(local)}"
    if isinstance(value, time):
        return f"{value.hour}:{value.minute:02}"
    return str(value)
