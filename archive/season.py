"""A season played through on the club that is there: who comes, tables, lists, introductions, answers, follow-ups.

For whoever wants to see what the club does over twelve weeks without waiting for them. It goes by the same verbs as the
pages and the worker do, on a clock of its own, and its dice fall the same way every time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations
from unittest.mock import patch

from django.utils import timezone

from archive.sample.dice import Dice
from events import roster
from events.models import Membership, Series, Session
from introductions import consent, followups, rounds, seating
from introductions.followups import FollowUp, Numbers
from introductions.models import Introduction
from introductions.table_seats import TableSeat
from members.models import Member
from outbox.models import Delivery
from outbox.sending import send_due

SLUG = "season"
AT = time(7, 0)
WEEK = timedelta(days=7)
# How likely somebody comes, and of those who have a seat stays away; answers; has been in touch; found it useful.
COMES, STAYS_AWAY, SAYS_YES, SAYS_NO, IN_TOUCH, USEFUL = 0.55, 0.04, 0.7, 0.15, 0.6, 0.8


@dataclass(frozen=True)
class Morning:
    """What one session left behind: people, tables, pairs who sat together (new and again), introductions."""

    number: int
    came: int
    tables: int
    new: int
    again: int
    proposed: int
    made: int


@dataclass(frozen=True)
class Season:
    mornings: list[Morning]
    numbers: Numbers
    mails: int


def play(sessions: int, *, host: Member, people: list[Member], now: datetime) -> Season:
    """Play so many weeks that end yesterday, in a series of their own; `people` agree to be introduced."""
    dice = Dice("season")
    first = now.date() - sessions * WEEK - timedelta(days=40)
    series = _series(host, first)
    for one in people:
        consent.give(one, now=_at(series, first, time(12)))
    met: Counter[frozenset[int]] = Counter()
    mornings, mails = [], 0
    for number in range(1, sessions + 1):
        on = first + number * WEEK
        session = _meet(series, on, people, dice)
        mails += _after(session, on, host, dice)
        mornings.append(_morning(session, number, met))
    for days in (14, 29, 36):
        mails += _follow_up(_at(series, on + timedelta(days=days), time(12, 10)), dice)
    return Season(mornings, Numbers.of(series), mails)


@contextmanager
def clock(when: datetime) -> Iterator[None]:
    """What asks the clock is told this instant."""
    with patch("django.utils.timezone.now", lambda: when):
        yield


def _series(host: Member, first: date) -> Series:
    series = Series.objects.create(
        slug=SLUG, name="ひと季節の朝食会", name_en="A season of breakfasts", starts_on=first, at=AT, capacity=60
    )
    Membership.objects.create(series=series, member=host, role=Membership.Role.OWNER)
    return series


def _meet(series: Series, on: date, people: list[Member], dice: Dice) -> Session:
    """Announced six days before, answered, seated the evening before, and the list closed when it is over."""
    start = _at(series, on, AT)
    session = Session.objects.create(series=series, title=f"{on:%m/%d}", starts_at=start, capacity=60)
    session.publish(now=start - timedelta(days=6))
    for member in people:
        if dice.random() < COMES:
            session.rsvp(member, "ACCEPTED", now=start - timedelta(days=5))
    seating.plan(session, now=start - timedelta(hours=10), actor=None)
    away = [place.key for place in roster.places(session) if dice.random() < STAYS_AWAY]
    roster.close(session, absent=away, now=session.ends_at, actor=None)
    return session


def _after(session: Session, on: date, host: Member, dice: Dice) -> int:
    """Chosen at once, sent the day after, answered in the days that follow; meanwhile what came of earlier ones."""
    session.refresh_from_db()
    round_ = rounds.compute(session, now=session.ends_at + timedelta(minutes=1))
    noon = _at(session.series, on + timedelta(days=1), time(12, 10))
    if round_ is not None:
        round_.release(now=noon, actor=host)
    sent = _send(noon)
    evening = _at(session.series, on + timedelta(days=2), time(19))
    for introduction in Introduction.objects.filter(round=round_).select_related("first", "second").order_by("pk"):
        for one in (introduction.first, introduction.second):
            said = dice.random()
            if said < SAYS_YES + SAYS_NO:
                introduction.answer(one, yes=said < SAYS_YES, now=evening)
    return sent + _send(evening) + _follow_up(evening, dice)


def _follow_up(now: datetime, dice: Dice) -> int:
    """Ask whom it is time to ask, and let them answer."""
    followups.tick(now=now)
    sent = _send(now)
    for row in FollowUp.objects.filter(answered_at=None, asked_at=now).order_by("pk"):
        row.say_in_touch("yes" if dice.random() < IN_TOUCH else "no", now=now)
        row.say_useful("yes" if dice.random() < USEFUL else "no", now=now)
    return sent


def _send(now: datetime) -> int:
    """What is owed goes at once: rows are dated by the real clock, which is ahead of this one."""
    with clock(now):
        Delivery.objects.open().filter(kind__startswith="intro.").update(next_attempt_at=now)
        return send_due(now=now)


def _morning(session: Session, number: int, met: Counter[frozenset[int]]) -> Morning:
    came = roster.places(session)
    there = {place.row.member_id for place in came if not place.is_absent}
    seats = TableSeat.objects.filter(session=session, rsvp__member__in=there)
    tables: dict[int, list[int]] = {}
    for table, member in seats.order_by("pk").values_list("table_no", "rsvp__member"):
        tables.setdefault(table, []).append(member or 0)
    pairs = [frozenset(pair) for people in tables.values() for pair in combinations(people, 2)]
    new = sum(pair not in met for pair in pairs)
    met.update(pairs)
    made = Introduction.objects.filter(round__session=session)
    return Morning(
        number=number,
        came=len(there),
        tables=len(tables),
        new=new,
        again=len(pairs) - new,
        proposed=made.filter(asked_at__isnull=False).count(),
        made=made.filter(made_at__isnull=False).count(),
    )


def _at(series: Series, on: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(on, at), series.zone)
