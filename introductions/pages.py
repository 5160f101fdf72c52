"""What the pages of introductions show: proposals, what became of them, the people of the same mornings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias, TypedDict, cast

from django.core.paginator import Page as ListPage
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django_stubs_ext import WithAnnotations

from events.dates import MONTHS
from events.models import Attendance, Session
from introductions import consent, reasons
from introductions.models import Introduction
from introductions.pauses import Pause
from members.models import Consent, Member

PER_PAGE = 24
# Whom one has not seen for so long.
LONG_AGO = timedelta(days=365)


class Seen(TypedDict):
    """What the query adds to a person: mornings together, the first, the last."""

    times: int
    first_at: datetime
    last_at: datetime


SeenMember: TypeAlias = "WithAnnotations[Member, Seen]"  # at run time this needs Python 3.12


@dataclass(frozen=True)
class Card:
    """One introduction as one of the two sees it."""

    introduction: Introduction
    me: Member
    other: Member
    standing: str
    reasons: Sequence[reasons.Reason]
    opening: str
    answer: str
    is_open: bool

    @property
    def code(self) -> str:
        return self.introduction.code

    @property
    def session(self) -> Session:
        return self.introduction.round.session

    @property
    def until(self) -> datetime | None:
        """The last instant to answer, on the clock where they met."""
        until = self.introduction.answer_until
        return until.astimezone(self.session.zone) if until else None

    @property
    def is_made(self) -> bool:
        return self.introduction.made_at is not None

    @property
    def made_on(self) -> date | None:
        """The day of the second yes, where they met."""
        made = self.introduction.made_at
        return made.astimezone(self.session.zone).date() if made else None

    @property
    def is_waiting(self) -> bool:
        """I said yes; the other has not, or said no: nobody can tell which."""
        return not self.is_made and self.answer == Introduction.Answer.YES


@dataclass(frozen=True)
class Standing:
    """What somebody said about being introduced: agreed, refused, or never asked; and a rest, if one is taken."""

    agreed: bool
    was_asked: bool
    rests: bool
    rests_until: datetime | None


@dataclass(frozen=True)
class Met:
    """Somebody of the same mornings, as far as the room may know them."""

    member: Member
    times: int
    since: str
    is_long_ago: bool


def card(introduction: Introduction, me: Member, *, now: datetime) -> Card:
    """One introduction, loaded `with_people`."""
    return Card(
        introduction=introduction,
        me=me,
        other=introduction.other(me),
        standing=reasons.standing(introduction, me),
        reasons=reasons.for_one(introduction, me),
        opening=reasons.opening(introduction, me),
        answer=introduction.answer_of(me),
        is_open=introduction.is_open(now),
    )


def cards(me: Member, *, now: datetime) -> list[Card]:
    """What this member is asked, waits for, or was introduced by; the newest first. One query."""
    mine = Introduction.objects.of(me).shown().with_people().order_by("-asked_at", "pk")
    found = [card(one, me, now=now) for one in mine]
    return [one for one in found if one.is_made or (one.is_open and one.answer != Introduction.Answer.NO)]


def standing(me: Member, *, now: datetime) -> Standing:
    """Two queries."""
    said = list(Consent.objects.filter(member=me, kind=consent.KIND).values_list("withdrawn_at", flat=True))
    rest = Pause.objects.in_force(now).filter(member=me).first()
    return Standing(
        agreed=None in said, was_asked=bool(said), rests=rest is not None, rests_until=rest.until if rest else None
    )


def met(me: Member, *, now: datetime) -> list[Met]:
    """The people of the same mornings, from closed rosters, who let the room see them; whom I met most comes first.

    One query. Opens nothing: a name and a trade, how often, and since when.
    """
    mine = Attendance.objects.came().filter(member=me, session__roster_closed_at__isnull=False).values("session")
    seen = Member.objects.seen_by(me).exclude(pk=me.pk)
    seen = seen.filter(attendances__status=Attendance.Status.CAME, attendances__session__in=mine).annotate(
        times=Count("attendances"),
        first_at=Min("attendances__session__starts_at"),
        last_at=Max("attendances__session__starts_at"),
    )
    people = cast("QuerySet[SeenMember]", seen.order_by("reading", "pk"))
    ordered = sorted(people, key=lambda one: -one.times)
    return [Met(one, one.times, month(one.first_at), now - one.last_at >= LONG_AGO) for one in ordered]


def page_of(people: Sequence[Met], number: str | None) -> ListPage[Met]:
    """One page of them; a number that is none is the first."""
    return Paginator(people, PER_PAGE).get_page(number)


def month(when: datetime) -> str:
    """2026年4月, Apr 2026."""
    local = timezone.localtime(when)
    if get_language() == "en":
        return f"{MONTHS[local.month - 1]} {local.year}"
    return f"{local.year}年{local.month}月"
