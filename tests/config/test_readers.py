"""What a statement that is built once tells a reader is what the rule tells that very reader, whoever it is.

Every kind of statement that knows its reader is found by itself, and asked for every reader of a club in which nearly
everything is the case, beside the same queryset built anew with the reader and the values in it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import product
from operator import itemgetter
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

import config.urls
from config.prepared import Prepared
from events.models import Attendance, Gathering, Job, Membership, Partstat, Rsvp, Series, Session, Talk
from introductions.acquaintance import Exchange
from members import portraits
from members.concerns import Concern
from members.levels import LINES
from members.models import Block, Member
from members.readers import Reader
from records.models import Handout, Picture, Report, Takeaway
from speakers.models import Book, Speaker

pytestmark = pytest.mark.django_db
FOR_MEMBERS = {
    *("events.pages.people._coming", "events.pages.people._came"),
    *("members.portraits._visible", "members.portraits._by_code"),
}


@dataclass(frozen=True)
class Actual:
    """In the place of a kind of reader: somebody in person."""

    viewer: Any

    stand_in = member = property(lambda self: self.viewer)
    is_known = property(lambda self: isinstance(self.viewer, Member))


@contextmanager
def filled_in(module: Any, values: dict[str, Any]) -> Iterator[None]:
    """In this module a blank is its value."""
    blanks = {
        "number": values.__getitem__,
        "text": values.__getitem__,
        "instant": values.__getitem__,
        "any_of": lambda name: RawSQL("SELECT unnest(%s::bigint[])", [values[name]]),
    }
    kept = {name: vars(module)[name] for name in blanks if name in vars(module)}
    vars(module).update({name: blanks[name] for name in kept})
    try:
        yield
    finally:
        vars(module).update(kept)


def plain(make: Any, viewer: Any, values: dict[str, Any], how: dict[str, Any]) -> QuerySet[Any]:
    with filled_in(sys.modules[make.__module__], values):
        found: Prepared[Any] = make.__wrapped__(Actual(viewer), **how)
        return found._rows()


def told(row: Any) -> dict[str, Any]:
    return row if isinstance(row, dict) else {name: value for name, value in vars(row).items() if name != "_state"}


def makers() -> dict[str, Callable[..., Prepared[Any]]]:
    """All there are: what is kept for each kind of reader takes one first."""
    assert config.urls.urlpatterns  # every page's module is there
    return {
        f"{module.__name__}.{name}": make
        for module in list(sys.modules.values())
        if getattr(module, "Reader", None) is Reader and module.__name__ != __name__
        for name, make in vars(module).items()
        if hasattr(make, "cache_info") and "Reader" in str(make.__wrapped__.__annotations__.get("reader"))
    }


class World:
    """People, series and mornings, with whatever may stand between them, by chance."""

    def __init__(self, chance: Random, *, people: int, mornings: int) -> None:
        self.now = timezone.now()
        self.chance = chance
        self.people = [self.person(number) for number in range(people)]
        self.series = [self.one_series(number, audience) for number, audience in enumerate(Series.Audience.values * 2)]
        self.speaker = Speaker.objects.create(name="佐藤 朝子", email="sato@example.com")
        self.book = Book.objects.create(speaker=self.speaker, title="夜明けの帳場")
        for one in self.people:
            for other in self.people:
                if one != other:
                    self.between(one, other)
        self.sessions = [self.morning(number) for number in range(mornings)]

    def is_so(self, one_in: int = 2) -> bool:
        return self.chance.randrange(one_in) == 0

    def person(self, number: int) -> Member:
        levels = {line.level: self.chance.randint(line.narrowest, line.widest) for line in LINES}
        return Member.objects.create_user(
            f"one{number}@example.com",
            name="" if self.is_so(8) else f"人{number}",
            industry=self.chance.choice("EGIS"),
            role="商い",
            photo="photos/large.jpg",
            photo_small="photos/small.jpg",
            joined_at=None if self.is_so(6) else self.now,
            listed_at=self.now if self.is_so() else None,
            is_active=not self.is_so(8),
            is_staff=self.is_so(8),
            **levels,
        )

    def one_series(self, number: int, audience: str) -> Series:
        series = Series.objects.create(
            slug=f"s{number}", name=f"会{number}", audience=audience, starts_on=date(2024, 1, 1), at=time(7)
        )
        for member in self.people:
            if self.is_so(4):
                left = self.now if self.is_so(4) else None
                role = self.chance.choice(Membership.Role.values)
                Membership.objects.create(series=series, member=member, role=role, left_at=left)
        return series

    def between(self, one: Member, other: Member) -> None:
        if self.is_so(12):
            Block.objects.create(member=one, other=other)
        if self.is_so(3):
            Exchange.objects.create(member=one, other=other)
        if self.is_so(40):
            Concern.objects.create(about=one, kind="other", told_on=self.now.date(), text="x", teller=other)

    def morning(self, number: int) -> Session:
        ahead = timedelta(days=self.chance.randint(-30, 30), minutes=number)
        session = Session.objects.create(
            series=self.chance.choice(self.series),
            title=f"朝{number}",
            starts_at=self.now + ahead,
            published_at=None if self.is_so(4) else self.now,
            **({"cancelled_at": self.now, "cancel_reason": "雪"} if self.is_so(6) else {}),
            roster_closed_at=self.now if ahead < timedelta(0) and self.is_so() else None,
        )
        Talk.objects.create(session=session, title="話", book=self.book).speakers.add(self.speaker)
        for member in self.people:
            if self.is_so():
                Rsvp.objects.create(session=session, member=member, partstat=Partstat.ACCEPTED, seated_at=self.now)
            if self.is_so():
                status = self.chance.choice(("came", "absent"))
                Attendance.objects.create(session=session, member=member, status=status)
            if self.is_so():
                Takeaway.objects.create(
                    session=session,
                    member=None if self.is_so(9) else member,
                    text="よかった",
                    audience=self.chance.choice(Takeaway.Audience.values),
                    signed=self.chance.choice(Takeaway.Signed.values),
                    hidden_at=self.now if self.is_so(6) else None,
                )
        someone = self.chance.choice(self.people)
        if self.is_so():
            Report.objects.create(session=session, body="話した", published_at=self.now if self.is_so() else None)
        if self.is_so():
            Job.objects.create(session=session, kind=self.chance.choice(Job.Kind.values), member=someone)
        if self.is_so(3):
            Gathering.objects.create(
                series=session.series,
                member=someone,
                title="集い",
                starts_at=session.starts_at,
                answered_at=self.now,
                session=session,
            )
        for audience in ("came", "members", "public"):
            hidden = self.now if self.is_so(4) else None
            shot = {"file": "a.jpg", "small": "b.jpg", "width": 1, "height": 1}
            Picture.objects.create(session=session, audience=audience, hidden_at=hidden, **shot)
            Handout.objects.create(session=session, audience=audience, title="紙", file="a.pdf", size=1)
        return session

    def asked(self, make: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """How a statement is made, and with what it is asked: everything there is, as far as it takes it."""
        if "of_series" in make.__wrapped__.__annotations__:
            yield {"of_series": False}, {"now": self.now}
            for series in self.series:
                yield {"of_series": True}, {"now": self.now, "series": series.pk}
        elif make.__module__ == portraits.__name__:
            for one in self.people:
                yield {}, {"people": [other.pk for other in self.people], "code": one.code}
        else:
            for session in self.sessions:
                yield {}, {"session": session.pk, "code": session.code, "now": self.now}


def in_any_order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(repr(sorted(row.items(), key=itemgetter(0))) for row in rows)


def test_every_statement_tells_every_reader_what_its_rule_tells() -> None:
    world, told_in_all = World(Random(2), people=8, mornings=5), Counter[str]()
    for viewer, (name, make) in product([AnonymousUser(), *world.people], makers().items()):
        if isinstance(viewer, AnonymousUser) and name in FOR_MEMBERS:
            continue
        for how, asked in world.asked(make):
            values = asked | {"reader": viewer.pk}
            kept = [told(row) for row in make(Reader.of(viewer), **how).rows(**values)]
            anew = [told(row) for row in plain(make, viewer, values, how)]
            assert in_any_order(kept) == in_any_order(anew), (name, viewer, how, asked)
            told_in_all[name] += len(kept)
    assert told_in_all.keys() == makers().keys() >= FOR_MEMBERS
    assert min(told_in_all.values()) > 5
