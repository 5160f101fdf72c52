"""The past in figures: what there is to choose from, how many came, and how it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import ExtractYear, JSONObject
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from archive import keeping, narrowing
from archive.forms import Wish
from events import dates
from events.models import Attendance, Session, Talk, TalkSpeaker
from events.models.series import Viewer
from members.industries import Industry
from members.levels import Level
from search import tokens

BARS = 24
TOPICS = 12
LEAST_OF_A_NAME, NAMED_SO = 2, 3
# Of whom a trade is told: who has one, and shows it to somebody.
SHOWN = Q(member__industry_level__gt=Level.NOBODY) & ~Q(member__industry="")
NOTHING: dict[str, Any] = {"attendance": None, "guests": 0, "bars": [], "topics": []}


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
        """How many past sessions the wish's series, year, guest and trade leave."""
        return sum(row["left"] for row in self.rows if self._asked(row))

    @property
    def all_mornings(self) -> int:
        return sum(row["n"] for row in self.rows)

    @property
    def of_series(self) -> set[int]:
        """The years in which the wish's series met."""
        return {row["year"] for row in self.rows if self.wish.series in {"", row["slug"]}}

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
        return len(self._trades)

    @property
    def industries(self) -> list[Choice]:
        """Who was at these tables, by trade; and the chosen one, though nobody was."""
        found = {*self._trades, self.wish.industry} - {""}
        return [
            Choice(code, str(label), code == self.wish.industry) for code, label in Industry.choices if code in found
        ]

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
    def called_so(self) -> list[tuple[str, int, str]]:
        """Series whose name has what is looked for in it, with how many mornings, and the query string for them."""
        asked = tokens.normalise(self.wish.text)
        if len(asked) < LEAST_OF_A_NAME or self.wish.series:
            return []
        held: dict[str, int] = defaultdict(int)
        for row in self.rows:
            if asked in tokens.normalise(f"{row['name']} {row['name_en']}"):
                held[row["slug"]] += row["n"]
        found = [(one.label, held[one.value], Wish(series=one.value).query) for one in self.series if one.value in held]
        return sorted(found, key=lambda one: -one[1])[:NAMED_SO]

    @property
    def topics(self) -> list[tuple[str, str]]:
        """The most frequent, each with the query string that asks for it besides."""
        found = self.figures["topics"]
        return [(topic, replace(self.wish, topic=topic, page=1).query) for topic in found if topic != self.wish.topic]

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What narrows the past, in words, each with the query string without it."""
        by_name = {"series": self.series, "year": self.years, "industry": self.industries}
        labels = {name: one.label for name, choices in by_name.items() for one in choices if one.is_chosen}
        if self.wish.guest:
            labels["guest"] = _("Guest: %(name)s") % {"name": self.wish.guest}
        if self.wish.topic:
            labels["topic"] = self.wish.topic
        return [(label, self.wish.without(name).query) for name, label in labels.items()]

    @property
    def bars(self) -> list[tuple[str, int, int]]:
        """(month, all, first-timers), the oldest first, of the last sessions with a roster."""
        return [_bar(bar) for bar in reversed(self.figures["bars"])]

    @property
    def _trades(self) -> Sequence[str]:
        return (self.figures["attendance"] or {}).get("trades") or ()

    def _figure(self, name: str) -> int:
        return int((self.figures["attendance"] or {}).get(name, 0))

    def _asked(self, row: dict[str, Any]) -> bool:
        return self.wish.series in {"", row["slug"]} and self.wish.year in {0, row["year"]}


def overview(viewer: Viewer, wish: Wish, *, now: datetime) -> Overview:
    """Everything of this in one query. The figures, which count whole tables, are some minutes old."""
    asked = (viewer.pk, wish.series, wish.year, wish.guest, wish.industry, wish.topic)
    figures: dict[str, Any] | None = keeping.read(asked)
    past = Session.objects.visible_to(viewer).on().past(now).order_by()
    year = ExtractYear("starts_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    groups = past.values(slug=F("series__slug"), name=F("series__name"), name_en=F("series__name_en"), year=year)
    rows = groups.annotate(n=Count("pk"), left=Count("pk", filter=narrowing.among(wish, "code")))
    if figures is not None:
        return Overview([dict(row) for row in rows], figures, wish)
    counted = [dict(row) for row in rows.annotate(**_figures(narrowing.sessions(past, wish)))]
    found = {name: counted[0][name] for name in NOTHING} if counted else NOTHING
    keeping.write(asked, found)
    return Overview(counted, found, wish)


def _figures(sessions: QuerySet[Session]) -> dict[str, Subquery]:
    """Subqueries that do not depend on the row they stand in: each is answered once."""
    return {
        "attendance": Subquery(_attendance(sessions)),
        "guests": Subquery(_guests(sessions)),
        "bars": ArraySubquery(_bars(sessions)),
        "topics": ArraySubquery(_topics(sessions)),
    }


def _attendance(sessions: QuerySet[Session]) -> QuerySet[Attendance, Any]:
    """People once and each time, and their trades, as one JSON value. Friends have a name and no member."""
    came = Attendance.objects.came().filter(session__in=sessions)
    figures = JSONObject(
        members=Count("member", distinct=True),
        friends=Count("name", distinct=True, filter=Q(member=None)),
        came=Count("pk"),
        trades=ArrayAgg("member__industry", distinct=True, filter=SHOWN),
    )
    return came.order_by().values(one=Value(1)).annotate(found=figures).values("found")


def _guests(sessions: QuerySet[Session]) -> QuerySet[TalkSpeaker, Any]:
    told = TalkSpeaker.objects.filter(talk__session__in=sessions).order_by()
    return told.values(one=Value(1)).annotate(found=Count("speaker", distinct=True)).values("found")


def _topics(sessions: QuerySet[Session]) -> QuerySet[Talk, Any]:
    """What most of these mornings were about, as their talks say."""
    each = Func(F("tags"), function="unnest", output_field=CharField())
    told = Talk.objects.filter(session__in=sessions).order_by().annotate(topic=each).values("topic")
    return told.annotate(n=Count("session", distinct=True)).order_by("-n", "topic").values("topic")[:TOPICS]


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
