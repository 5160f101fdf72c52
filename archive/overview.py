"""The past in figures: what there is to choose from, how many came, and how it went."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import ExtractYear, JSONObject
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, pgettext
from redis.exceptions import RedisError

from archive.forms import Wish
from events import dates
from events.models import Attendance, Session, TalkSpeaker
from events.models.series import Viewer

BARS = 24
KEPT_SECONDS = 300
NOTHING: dict[str, Any] = {"attendance": None, "guests": 0, "bars": []}


@dataclass(frozen=True)
class Choice:
    """A series or a year to choose, and whether it is chosen."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Overview:
    """Series and years there are, one row each, and the figures of what is asked for."""

    rows: Sequence[dict[str, Any]]
    figures: dict[str, Any]
    wish: Wish

    @cached_property
    def mornings(self) -> int:
        """How many past sessions the wish's series and year leave."""
        return sum(row["n"] for row in self.rows if self._asked(row))

    @property
    def all_mornings(self) -> int:
        return sum(row["n"] for row in self.rows)

    @property
    def people(self) -> int:
        """Everybody once."""
        return self._figure("members") + self._figure("friends")

    @property
    def came(self) -> int:
        """Everybody each time (延べ)."""
        return self._figure("came")

    @property
    def trades(self) -> int:
        return self._figure("trades")

    @property
    def guests(self) -> int:
        return int(self.figures["guests"] or 0)

    @property
    def years(self) -> list[Choice]:
        years = sorted({row["year"] for row in self.rows}, reverse=True)
        return [
            Choice(str(year), pgettext("to choose from", "%(year)d") % {"year": year}, year == self.wish.year)
            for year in years
        ]

    @property
    def series(self) -> list[Choice]:
        """By name; nothing to choose where there is one."""
        english = get_language() == "en"
        names = {row["slug"]: (row["name_en"] if english else "") or row["name"] for row in self.rows}
        choices = [Choice(slug, name, slug == self.wish.series) for slug, name in names.items()]
        return sorted(choices, key=lambda one: one.label.casefold()) if len(choices) > 1 else []

    @property
    def bars(self) -> list[tuple[str, int, int]]:
        """(month, all, first-timers), the oldest first, of the last sessions with a roster."""
        return [_bar(bar) for bar in reversed(self.figures["bars"])]

    def _figure(self, name: str) -> int:
        return int((self.figures["attendance"] or {}).get(name, 0))

    def _asked(self, row: dict[str, Any]) -> bool:
        return self.wish.series in {"", row["slug"]} and self.wish.year in {0, row["year"]}


def overview(viewer: Viewer, wish: Wish, *, now: datetime) -> Overview:
    """Everything of this in one query. The figures, which count whole tables, are some minutes old."""
    key = f"figures:{viewer.pk or 0}:{wish.series}:{wish.year}"
    figures = _kept(key)
    past = Session.objects.visible_to(viewer).on().past(now).order_by()
    year = ExtractYear("starts_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    groups = past.values(slug=F("series__slug"), name=F("series__name"), name_en=F("series__name_en"), year=year)
    rows = groups.annotate(n=Count("pk"))
    if figures is not None:
        return Overview([dict(row) for row in rows], figures, wish)
    counted = [dict(row) for row in rows.annotate(**_figures(narrowed(past, wish)))]
    found = {name: counted[0][name] for name in NOTHING} if counted else NOTHING
    with suppress(RedisError):
        cache.set(key, found, KEPT_SECONDS)
    return Overview(counted, found, wish)


def _kept(key: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] | None = cache.get(key)
    except RedisError:
        return None
    return found


def narrowed(sessions: QuerySet[Session], wish: Wish) -> QuerySet[Session]:
    """Only the series and the year that are asked for."""
    if wish.series:
        sessions = sessions.filter(series__slug=wish.series)
    if wish.year:
        zone = ZoneInfo(settings.TIME_ZONE)
        first = datetime(wish.year, 1, 1, tzinfo=zone)
        last = datetime(wish.year, 12, 31, 23, 59, 59, 999_999, tzinfo=zone)
        sessions = sessions.filter(starts_at__gte=first, starts_at__lte=last)
    return sessions


def _figures(sessions: QuerySet[Session]) -> dict[str, Subquery]:
    """Subqueries that do not depend on the row they stand in: each is answered once."""
    return {
        "attendance": Subquery(_attendance(sessions)),
        "guests": Subquery(_guests(sessions)),
        "bars": ArraySubquery(_bars(sessions)),
    }


def _attendance(sessions: QuerySet[Session]) -> QuerySet[Attendance, Any]:
    """People once and each time, and their trades, as one JSON value. Friends have a name and no member."""
    came = Attendance.objects.came().filter(session__in=sessions)
    figures = JSONObject(
        members=Count("member", distinct=True),
        friends=Count("name", distinct=True, filter=Q(member=None)),
        came=Count("pk"),
        trades=Count("member__industry", distinct=True, filter=~Q(member__industry="")),
    )
    return came.order_by().values(one=Value(1)).annotate(found=figures).values("found")


def _guests(sessions: QuerySet[Session]) -> QuerySet[TalkSpeaker, Any]:
    told = TalkSpeaker.objects.filter(talk__session__in=sessions).order_by()
    return told.values(one=Value(1)).annotate(found=Count("speaker", distinct=True)).values("found")


def _bars(sessions: QuerySet[Session]) -> QuerySet[Session, Any]:
    """Of the newest sessions at which somebody was marked as having come."""
    came = Attendance.objects.came().filter(session=OuterRef("pk"))
    newest = sessions.filter(Exists(came)).order_by("-starts_at", "-pk")[:BARS]
    counted = came.order_by().values("session")
    everybody = counted.annotate(found=Count("pk")).values("found")
    new = counted.annotate(found=Count("pk", filter=Q(first_time=True))).values("found")
    return newest.values(
        found=JSONObject(at=F("starts_at"), zone=F("timezone"), came=Subquery(everybody), new=Subquery(new))
    )


def _bar(found: dict[str, Any]) -> tuple[str, int, int]:
    at = parse_datetime(found["at"])
    assert at is not None  # noqa: S101 - PostgreSQL wrote it
    local = at.astimezone(ZoneInfo(found["zone"])).date()
    month = (
        f"{dates.MONTHS[local.month - 1]} {local.year}" if get_language() == "en" else f"{local:%Y}年{local.month}月"
    )
    return month, found["came"], found["new"]
