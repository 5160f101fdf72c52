"""A season played through on the club that is there: who comes, some of them every time, whom to look for, tables,
lists, introductions of two, of three and through somebody, questions to the club, a word to the hosts, answers,
follow-ups.

For whoever wants to see what the club does over twelve weeks without waiting for them. It goes by the same verbs as the
pages and the worker do, on a clock of its own, and its dice fall the same way every time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from itertools import combinations
from operator import or_
from unittest.mock import patch

from django.db.models import Q
from django.utils import timezone

from archive import season_talk
from archive.sample.dice import Dice
from events import every_time, roster, together
from events.models import Membership, ReminderRule, Rsvp, Series, Session
from events.models.reminder import WEEKLY, begin_with, due_at
from introductions import consent, followups, looking, rounds, seating
from introductions.followups import FollowUp, Numbers
from introductions.models import Introduction
from introductions.table_seats import TableSeat
from members.models import Member
from outbox.models import Delivery
from outbox.sending import send_due

SLUG = "season"
AT = time(7, 0)
WEEK = timedelta(days=7)
# What is written to people by the season; the sample's own mails are left alone.
KINDS = ("intro.", "ask.", "concern.", "reminder.", "standing.")
# One in so many says that they come every time; and how likely such a one says no to a morning.
EVERY_TIME, NOT_THIS_TIME = 6, 0.15
# How likely somebody comes, and of those who have a seat stays away; answers; has been in touch; found it useful.
COMES, STAYS_AWAY, SAYS_YES, SAYS_NO, IN_TOUCH, USEFUL = 0.55, 0.04, 0.7, 0.15, 0.6, 0.8


@dataclass(frozen=True)
class Morning:
    """What one session left behind: people, those of them who come every time, tables, pairs who sat together (new and
    again), introductions.
    """

    number: int
    came: int
    every_time: int
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
    season_talk.say_what_they_are_open_to(people, now=_at(series, first, time(13)), dice=dice)
    _come_every_time(series, people[::EVERY_TIME], now=_at(series, first, time(14)))
    met: Counter[frozenset[int]] = Counter()
    mornings, mails = [], 0
    for number in range(1, sessions + 1):
        on = first + number * WEEK
        session, sent = _meet(series, number, people, dice)
        mails += sent + _after(session, on, host, dice) + _between(session, number, host, dice)
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
    begin_with(series, WEEKLY)
    return series


def _come_every_time(series: Series, people: list[Member], *, now: datetime) -> None:
    """They belong to the series and say it once: what is published from then on has seats for them."""
    for one in people:
        Membership.objects.create(series=series, member=one)
        every_time.begin(series, one, now=now)


def _meet(series: Series, number: int, people: list[Member], dice: Dice) -> tuple[Session, int]:
    """Announced six days before, answered, told the evening before whom to look for, seated, and the list closed."""
    start = _at(series, series.starts_on + number * WEEK, AT)
    session = Session(series=series, title=f"ひと季節の朝 {number}", starts_at=start, capacity=60, code=dice.code())
    session.save()
    session.publish(now=start - timedelta(days=6))
    kept = set(Rsvp.objects.by_standing().filter(session=session).values_list("member", flat=True))
    for member in people:
        said = dice.random()
        if member.pk in kept and said < NOT_THIS_TIME:
            session.rsvp(member, "DECLINED", now=start - timedelta(days=5))
        elif member.pk not in kept and said < COMES:
            session.rsvp(member, "ACCEPTED", now=start - timedelta(days=5))
    looking.choose(session, now=start - timedelta(hours=16))
    sent = _remind(session, ReminderRule.Template.TOMORROW)
    seating.plan(session, now=start - timedelta(hours=10), actor=None)
    away = [place.key for place in roster.places(session) if dice.random() < STAYS_AWAY]
    roster.close(session, absent=away, now=session.ends_at, actor=None)
    every_time.count_absences(now=session.ends_at + timedelta(hours=1))
    return session, sent


def _remind(session: Session, template: str) -> int:
    """One of the season's own reminders, at its hour."""
    rule = ReminderRule.objects.select_related("series").get(series=session.series, template=template)
    at = due_at(rule, session)
    together.owe([together.Pair(rule, session)], [], now=at)
    return _send(at)


def _after(session: Session, on: date, host: Member, dice: Dice) -> int:
    """Thanks at noon, with what came of earlier ones; chosen at once, sent the day after, answered on the next."""
    session.refresh_from_db()
    sent = _follow_up(_at(session.series, on, time(9)), dice, along=session)
    round_ = rounds.compute(session, now=session.ends_at + timedelta(minutes=1))
    noon = _at(session.series, on + timedelta(days=1), time(12, 10))
    if round_ is not None:
        round_.release(now=noon, actor=host)
    sent += _send(noon)
    evening = _at(session.series, on + timedelta(days=2), time(19))
    for introduction in Introduction.objects.filter(round=round_).select_related("first", "second").order_by("pk"):
        for one in (introduction.first, introduction.second):
            said = dice.random()
            if said < SAYS_YES + SAYS_NO:
                introduction.answer(one, yes=said < SAYS_YES, now=evening)
    return sent + _send(evening) + _follow_up(evening, dice)


def _between(session: Session, number: int, host: Member, dice: Dice) -> int:
    """What people ask of each other until the next morning."""
    day = session.local_start.date()
    came = Member.objects.filter(attendances__in=session.attendances.came()).exclude(pk=host.pk).order_by("pk")
    third, fourth, sixth = (_at(session.series, day + timedelta(days=n), time(18)) for n in (3, 4, 6))
    season_talk.talk(number, list(came), host=host, now=third, dice=dice)
    sent = _send(third)
    season_talk.answer(now=fourth, dice=dice)
    sent += _send(fourth)
    season_talk.settle(now=sixth, dice=dice)
    return sent + _send(sixth)


def _follow_up(now: datetime, dice: Dice, *, along: Session | None = None) -> int:
    """Ask whom it is time to ask, in the thanks of a morning or alone, and let them answer."""
    followups.tick(now=now)
    sent = _remind(along, ReminderRule.Template.THANKS) if along else _send(now)
    for row in FollowUp.objects.filter(answered_at=None, asked_at=now).order_by("pk"):
        row.say_in_touch("yes" if dice.random() < IN_TOUCH else "no", now=now)
        row.say_useful("yes" if dice.random() < USEFUL else "no", now=now)
    return sent


def _send(now: datetime) -> int:
    """What is owed goes at once: rows are dated by the real clock, which is ahead of this one."""
    with clock(now):
        ours = reduce(or_, (Q(kind__startswith=kind) for kind in KINDS))
        Delivery.objects.open().filter(ours).update(next_attempt_at=now)
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
        every_time=Rsvp.objects.by_standing().filter(session=session, member__in=there).count(),
        tables=len(tables),
        new=new,
        again=len(pairs) - new,
        proposed=made.filter(asked_at__isnull=False).count(),
        made=made.filter(made_at__isnull=False).count(),
    )


def _at(series: Series, on: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(on, at), series.zone)
