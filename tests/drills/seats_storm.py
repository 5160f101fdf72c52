"""Drill 2: comings, goings and changes of mind, fifty at a time; taps that repeat; doors that close; a host who edits.

After each storm the seats are as if everybody had come one after the other. `make drills DRILL=seats_storm`.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone

from events.models import Membership, Partstat, Session
from members.models import Member
from outbox.models import Delivery
from tests.drills.crew import database_url
from tests.drills.figures import Figures
from tests.drills.web import Deadlocks, Web, all_at_once, cookies, web
from tests.events.pages import crowd

ROUNDS = 20
SEATS, WAITING, GOING, COMING, RESIZING = 30, 100, 20, 20, 10

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def served() -> Iterator[Web]:
    with web() as here:
        yield here


@dataclass
class Storm:
    """What one storm left, counted by what should not be."""

    errors: list[object]
    too_many: bool
    free_though_waiting: bool
    out_of_turn: int
    mails_amiss: int
    rows: int
    filled: int


def storm(session: Session, people: list[Member], turn: int) -> Storm:
    """Thirty sit and a hundred wait; then twenty go, twenty come and the host changes the seats ten times."""
    came, new = people[: SEATS + WAITING], people[SEATS + WAITING :]
    for member in came:
        session.rsvp(member, Partstat.ACCEPTED, now=timezone.now())
    waited = dict(session.rsvps.waiting().values_list("member", "queue_no"))
    going = came[turn % SEATS :: 6][:GOING]
    go = [partial(answer, session, member, Partstat.DECLINED) for member in going]
    come = [partial(answer, session, member, Partstat.ACCEPTED) for member in new[:COMING]]
    resize = [partial(capacity, session, SEATS + (n * 7 + turn) % 11 - 5) for n in range(RESIZING)]
    errors = [one for one in all_at_once([*go, *come, *resize]) if isinstance(one, BaseException)]
    session.refresh_from_db()
    seated, taken, free = session.rsvps.seated().count(), session.seats_taken, session.seats_left
    waiting = session.rsvps.waiting()
    too_many = seated != taken or seated > SEATS + 5
    waits_in_vain = free > 0 and waiting.exists()
    known = set(session.rsvps.values_list("pk", flat=True))
    promoted = [row["rsvp"] for row in Delivery.objects.filter(kind="rsvp.promoted").values_list("context", flat=True)]
    passed = session.rsvps.seated().filter(member__in=waited).values_list("member", flat=True)
    first_left = min(waiting.filter(member__in=waited).values_list("queue_no", flat=True))
    out_of_turn = sum(waited[member] > first_left for member in passed)
    newcomers = session.rsvps.seated().filter(member__in=new).count()
    of_whom = Counter(pk for pk in promoted if pk in known)
    unasked = sum(
        of_whom[pk] != 1 for pk in session.rsvps.seated().filter(member__in=waited).values_list("pk", flat=True)
    )
    twice = sum(number - 1 for number in of_whom.values())
    session.set_capacity(SEATS + 5, now=timezone.now())
    filled = session.rsvps.seated().count()
    return Storm(
        errors, too_many, waits_in_vain, out_of_turn + newcomers, unasked + twice, session.rsvps.count(), filled
    )


def answer(session: Session, member: Member, partstat: str) -> None:
    Session.objects.get(pk=session.pk).rsvp(member, partstat, now=timezone.now())


def capacity(session: Session, seats: int) -> None:
    Session.objects.get(pk=session.pk).set_capacity(seats, now=timezone.now())


def test_fifty_at_once_who_come_go_and_change_the_seats(make_session: Callable[..., Session]) -> None:
    people, deadlocks = crowd(SEATS + WAITING + COMING), Deadlocks()
    storms = [storm(make_session(capacity=SEATS), people, turn) for turn in range(ROUNDS)]
    with Figures(f"2. {GOING + COMING + RESIZING} threads come, go and change the seats, {ROUNDS} rounds") as told:
        told.equal("errors", [], [error for one in storms for error in one.errors])
        told.equal("rounds with too many seated, or miscounted", 0, sum(one.too_many for one in storms))
        told.equal("rounds with a seat free while somebody waits", 0, sum(one.free_though_waiting for one in storms))
        told.equal("seated out of turn", 0, sum(one.out_of_turn for one in storms))
        told.equal("promotions without exactly one mail", 0, sum(one.mails_amiss for one in storms))
        told.equal("answers a round, one a person", {len(people)}, {one.rows for one in storms})
        told.equal("seated once there are 35 seats", {SEATS + 5}, {one.filled for one in storms})
        told.equal("deadlocks counted and in the log", (0, 0), deadlocks.since())


def test_fifty_identical_taps_over_http_are_one_answer(
    served: Web, make_session: Callable[..., Session], ken: Member
) -> None:
    session, browser = make_session(capacity=10), cookies(ken)
    told_each = all_at_once([partial(served.answer, session, browser)] * 50)
    mails = list(Delivery.objects.values_list("kind", flat=True))
    with Figures("2. the same tap fifty times at once, over HTTP") as told:
        told.equal("statuses", {302: 50}, dict(Counter(one.status for one in told_each)))
        told.equal("answers, seats taken", (1, 1), (session.rsvps.count(), seats_taken(session)))
        told.equal("mails", ["rsvp.confirmed"], mails)
        told.equal("memberships", 1, Membership.objects.filter(member=ken).count())


def seats_taken(session: Session) -> int:
    session.refresh_from_db()
    return session.seats_taken


def close(session: Session) -> None:
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=session.pk)
        Session.objects.filter(pk=session.pk).update(rsvp_closes_at=timezone.now())


def kept_after_the_end(session: Session) -> int:
    return session.rsvps.filter(answered_at__gt=session.rsvp_closes_at).count()


def call_off(session: Session) -> None:
    Session.objects.get(pk=session.pk).cancel("台風", now=timezone.now())


def not_told(session: Session) -> int:
    """Who was taken before it was called off hears of that."""
    told = Delivery.objects.filter(kind="session.cancelled", context__session=session.pk).count()
    return session.rsvps.count() - told


@pytest.mark.parametrize(
    ("end", "amiss", "name"),
    [(close, kept_after_the_end, "answers close"), (call_off, not_told, "the morning is called off")],
)
def test_nobody_is_taken_after_the_end(
    served: Web,
    make_session: Callable[..., Session],
    end: Callable[[Session], None],
    amiss: Callable[[Session], int],
    name: str,
) -> None:
    people = crowd(30)
    browsers = [cookies(member) for member in people]
    statuses, late, untrue = Counter[int](), 0, 0
    for turn in range(ROUNDS):
        session = make_session(capacity=12)

        def in_the_middle(session: Session = session, turn: int = turn) -> None:
            time.sleep(turn * 0.02)
            end(session)

        acts: list[Callable[[], Any]] = [partial(served.answer, session, browser) for browser in browsers]
        answers = [one.status for one in all_at_once([*acts, in_the_middle]) if one is not None]
        session.refresh_from_db()
        late += amiss(session)
        untrue += session.rsvps.count() != answers.count(302)
        statuses.update(answers)
    with Figures(f"2. thirty answer while {name}, {ROUNDS} rounds") as told:
        told.equal("answers", ROUNDS * 30, statuses.total())
        told.equal("statuses but 302 and 409", 0, statuses.total() - statuses[302] - statuses[409])
        told.equal("answers kept from after the end, or not told of it", 0, late)
        told.equal("rounds in which 302 was not kept, or 409 was", 0, untrue)
        told.at_least("taken", 1, statuses[302])
        told.at_least("refused", 1, statuses[409])


def test_a_host_who_edits_all_later_mornings_while_people_answer_meets_no_deadlock(
    served: Web, make_session: Callable[..., Session], kosuke: Member
) -> None:
    people, host = crowd(100), cookies(kosuke)
    browsers = [cookies(member) for member in people]
    deadlocks, statuses = Deadlocks(), Counter[int]()
    for turn in range(5):
        first = timezone.now() + timedelta(days=10 + turn * 50)
        row = [make_session(capacity=8, starts_at=first + timedelta(days=7 * n)) for n in range(5)]
        for session in row:
            session.recurrence_id = session.local_start.date()
            session.save()
        taps = [partial(served.answer, row[n % 5], browser) for n, browser in enumerate(browsers)]
        edits = [
            partial(served.edit, row[n % 3], host, capacity=8 + n, summary=f"{n}", scope="later") for n in range(20)
        ]
        mixed = [act for n, tap in enumerate(taps) for act in ([edits[n // 5], tap] if n % 5 == 0 else [tap])]
        statuses.update(one.status for one in all_at_once(mixed))
    with Figures("2. 20 edits of all later mornings among 100 answers, 5 rounds") as told:
        told.equal("statuses", {302: 600}, dict(statuses))
        told.equal("deadlocks counted and in the log", (0, 0), deadlocks.since())


def test_a_deadlock_would_be_seen(club: object) -> None:
    """The control of the counts above: two that take two locks crosswise."""
    deadlocks, gate = Deadlocks(), threading.Barrier(2)

    def crosswise(first: int, second: int) -> None:
        with psycopg.connect(database_url()) as line:
            line.execute("SELECT pg_advisory_xact_lock(%s)", [first])
            gate.wait(timeout=20)
            line.execute("SELECT pg_advisory_xact_lock(%s)", [second])

    errors = all_at_once([partial(crosswise, 1, 2), partial(crosswise, 2, 1)])
    counted, said = deadlocks.since()
    with Figures("2. the control: two locks crosswise") as told:
        told.equal("broken off by PostgreSQL", 1, sum(isinstance(error, psycopg.OperationalError) for error in errors))
        told.equal("counted", 1, counted)
        told.equal("in the log", int(deadlocks.log.exists()), said)
