"""The club in figures, period by period: who came, who stayed, of which trades, with which guests.

Everything is counted over what the reader may see. The number of queries is the same however long the past is; what
they yield is one row a period, and of newcomers one row a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, DateField, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth, TruncYear

from archive import keeping, narrowing
from archive.forms import Wish
from archive.overview import SHOWN, Overview
from events.models import Attendance, Session, TalkSpeaker
from events.models.series import Viewer
from events.pages.people import MIX_FROM
from members.industries import Industry

# So few years are told month by month.
YEARS_BY_MONTH = 2
TIMES = (1, 2, 5)  # of coming: once, the second time that counts, and a regular
Periods = dict[date, tuple[int, ...]]
Status = Attendance.Status


@dataclass(frozen=True)
class Figures:
    """By the first day of each period. `came`: each time, everybody once; `guests`: all, new ones; `newcomers`: who
    came once, twice, five times; `seats`, for hosts: all of closed lists, and those left empty without a word.
    """

    by_month: bool
    came: Periods = field(default_factory=dict)
    guests: Periods = field(default_factory=dict)
    newcomers: Periods = field(default_factory=dict)
    seats: Periods = field(default_factory=dict)
    trades: Sequence[tuple[str, int, int]] = ()  # code, people once, each time


def figures(viewer: Viewer, wish: Wish, seen: Overview, *, now: datetime) -> Figures:
    """Four queries, and one more for somebody signed in; none while they are kept, for five minutes."""
    asked = ("figures by period", viewer.pk, wish.series, wish.year)
    found: Figures | None = keeping.read(asked)
    if found is None:
        found = _counted(viewer, wish, by_month=bool(wish.year) or len(seen.of_series) <= YEARS_BY_MONTH, now=now)
        keeping.write(asked, found)
    return found


def _counted(viewer: Viewer, wish: Wish, *, by_month: bool, now: datetime) -> Figures:
    past = Session.objects.visible_to(viewer).on().past(now)
    whole = narrowing.sessions(past, wish.without("year")).order_by()
    sessions = narrowing.sessions(whole, Wish(year=wish.year))
    came = Attendance.objects.came().filter(session__in=sessions)
    return Figures(
        by_month=by_month,
        came=_came(came, by_month=by_month),
        guests=_guests(sessions, whole, by_month=by_month),
        newcomers=_newcomers(whole, wish, by_month=by_month),
        seats=_seats(viewer, sessions, by_month=by_month) if viewer.is_authenticated else {},
        trades=_trades(came),
    )


def _period(when: str, *, by_month: bool) -> TruncMonth | TruncYear:
    """The first day of the month or year, on the club's clock."""
    cut = TruncMonth if by_month else TruncYear
    return cut(when, output_field=DateField(), tzinfo=ZoneInfo(settings.TIME_ZONE))


def _came(came: QuerySet[Attendance], *, by_month: bool) -> Periods:
    periods = came.order_by().values(period=_period("session__starts_at", by_month=by_month))
    # Friends have a name and no member.
    counted = periods.annotate(
        came=Count("pk"),
        members=Count("member", distinct=True),
        friends=Count("name", distinct=True, filter=Q(member=None)),
    )
    return {row["period"]: (row["came"], row["members"] + row["friends"]) for row in counted}


def _guests(sessions: QuerySet[Session], whole: QuerySet[Session], *, by_month: bool) -> Periods:
    """Guests of each period, and who of them had not been there before."""
    before = TalkSpeaker.objects.filter(speaker=OuterRef("speaker"), talk__session__in=whole)
    is_new = ~Exists(before.filter(talk__session__starts_at__lt=OuterRef("talk__session__starts_at")))
    told = TalkSpeaker.objects.filter(talk__session__in=sessions).order_by()
    periods = told.values(period=_period("talk__session__starts_at", by_month=by_month))
    counted = periods.annotate(all=Count("speaker", distinct=True), new=Count("speaker", distinct=True, filter=is_new))
    return {row["period"]: (row["all"], row["new"]) for row in counted}


def _newcomers(whole: QuerySet[Session], wish: Wish, *, by_month: bool) -> Periods:
    """By the period in which somebody first came; how often is counted until today. Friends are not known again."""
    came = Attendance.objects.came().filter(session__in=whole, member__isnull=False)
    people = came.order_by().values("member").annotate(first=Min("session__starts_at"), times=Count("pk"))
    zone = ZoneInfo(settings.TIME_ZONE)
    found: Counter[tuple[date, int]] = Counter()
    for first, times in people.values_list("first", "times"):
        day = first.astimezone(zone).date().replace(day=1)
        if not wish.year or day.year == wish.year:
            found.update((day if by_month else day.replace(month=1), least) for least in TIMES if times >= least)
    return {day: tuple(found[day, least] for least in TIMES) for day in sorted({day for day, _least in found})}


def _seats(viewer: Viewer, sessions: QuerySet[Session], *, by_month: bool) -> Periods:
    """Of closed lists of the series this reader hosts."""
    hosted = Session.objects.hosted_by(viewer).filter(roster_closed_at__isnull=False, pk__in=sessions)
    periods = Attendance.objects.filter(session__in=hosted).order_by()
    counted = periods.values(period=_period("session__starts_at", by_month=by_month)).annotate(
        all=Count("pk"), empty=Count("pk", filter=Q(status=Status.ABSENT))
    )
    return {row["period"]: (row["all"], row["empty"]) for row in counted}


def _trades(came: QuerySet[Attendance]) -> list[tuple[str, int, int]]:
    """The most frequent first; nothing where so few would be told apart."""
    counted = came.filter(SHOWN).order_by().values("member__industry")
    rows = counted.annotate(people=Count("member", distinct=True), came=Count("pk"))
    found = [(row["member__industry"], row["people"], row["came"]) for row in rows]
    if sum(people for _code, people, _came in found) < MIX_FROM:
        return []
    order = list(Industry.values)
    return sorted(found, key=lambda one: (-one[1], -one[2], order.index(one[0])))
