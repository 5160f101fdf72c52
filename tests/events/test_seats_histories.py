"""Any history of a morning's seats, held step by step against a model in plain Python.

In the suite a few short histories run. `SEATS_HISTORIES=long make test T=tests/events/test_seats_histories.py` runs
two hundred of fifty steps each, after a change of events/models/seats.py.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, QuerySet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from events.models import Partstat, Rsvp, SeatsError, Session
from events.models.seats import FRIENDS_AT_MOST
from members.models import Member
from outbox.models import Delivery
from tests.events.pages import crowd

PEOPLE = 6
PROFILES = {
    "short": settings(max_examples=20, stateful_step_count=30),
    "long": settings(max_examples=200, stateful_step_count=50),
}
WHO = st.integers(0, PEOPLE - 1)
SEATS = st.integers(1, 5)


@dataclass
class Room:
    """What a host with pencil and paper would do. Parties are numbers of friends by person, in order of asking."""

    capacity: int
    seated: dict[int, int] = field(default_factory=dict)
    queue: dict[int, int] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)
    mails: list[tuple[str, int]] = field(default_factory=list)
    quiet: bool = False

    @property
    def taken(self) -> int:
        return len(self.seated) + sum(self.seated.values())

    def fits(self, friends: int) -> bool:
        return self.taken + 1 + friends <= self.capacity

    def come(self, who: int) -> None:
        self.answered.add(who)
        if who in self.seated:
            return
        friends = self.queue.get(who, 0)
        if self.fits(friends):
            self.queue.pop(who, None)
            self.seated[who] = friends
            self.mails.append(("rsvp.confirmed", who))
        else:
            self.queue[who] = friends

    def leave(self, who: int) -> None:
        self.answered.add(who)
        self.queue.pop(who, None)
        if self.seated.pop(who, None) is not None:
            self.mails.append(("rsvp.left", who))
        self.serve()

    def bring(self, who: int) -> str:
        """One friend more; or the code of the refusal."""
        party = self.seated if who in self.seated else self.queue
        if who not in party:
            return "not_coming"
        if party[who] == FRIENDS_AT_MOST:
            return "too_many"
        if party is self.seated and self.taken >= self.capacity:
            return "full"
        party[who] += 1
        return ""

    def send_home(self, who: int) -> None:
        party = self.seated if who in self.seated else self.queue
        party[who] -= 1
        self.serve()

    def resize(self, capacity: int) -> None:
        self.capacity = capacity
        self.serve()

    def serve(self) -> None:
        """The first in the queue that fits whole, until none does; in the quiet hours nobody."""
        for who, friends in () if self.quiet else list(self.queue.items()):
            if self.fits(friends):
                self.seated[who] = self.queue.pop(who)
                self.mails.append(("rsvp.promoted", who))


class Histories(RuleBasedStateMachine):
    """The verbs and the model side by side; every example is rolled back."""

    def __init__(self, make_session: Callable[..., Session], people: list[Member]) -> None:
        super().__init__()
        self.make_session, self.people = make_session, people
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize(capacity=SEATS, early=st.dictionaries(WHO, st.integers(0, 2), min_size=3))
    def publish(self, capacity: int, early: dict[int, int]) -> None:
        """A morning that is asked for: most histories begin with a queue of parties, large and small."""
        self.session = self.make_session(capacity=capacity)
        self.room = Room(capacity)
        self.before = self.room.taken
        self.now = self.session.quiet_from() - timedelta(hours=2)
        for who, friends in early.items():
            self.comes(who)
            for _ in range(friends):
                self.brings_a_friend(who)

    @rule(who=WHO)
    def comes(self, who: int) -> None:
        self.session.rsvp(self.people[who], Partstat.ACCEPTED, now=self.now)
        self.room.come(who)

    @precondition(lambda self: self.room.queue)
    @rule(data=st.data())
    def who_waits_asks_again(self, data: st.DataObject) -> None:
        self.comes(data.draw(st.sampled_from(list(self.room.queue))))

    @rule(who=WHO, changes_mind=st.booleans())
    def does_not_come(self, who: int, *, changes_mind: bool) -> None:
        self.session.rsvp(self.people[who], Partstat.DECLINED, now=self.now)
        self.room.leave(who)
        if changes_mind:
            self.comes(who)

    @rule(who=WHO)
    def brings_a_friend(self, who: int) -> None:
        try:
            self.session.add_friend(self.people[who], "お連れの方", now=self.now)
            refused = ""
        except SeatsError as error:
            refused = error.code
        assert refused == self.room.bring(who)

    @precondition(lambda self: any({**self.room.seated, **self.room.queue}.values()))
    @rule(data=st.data())
    def a_friend_stays_away(self, data: st.DataObject) -> None:
        friends = {**self.room.seated, **self.room.queue}
        who = data.draw(st.sampled_from([who for who, number in friends.items() if number]))
        rsvp = self.session.rsvps.get(member=self.people[who])
        self.session.remove_friend(self.people[who], rsvp.companions.earliest("pk").pk, now=self.now)
        self.room.send_home(who)

    @rule(capacity=SEATS)
    def the_host_changes_the_seats(self, capacity: int) -> None:
        seated = set(self.room.seated)
        self.session.set_capacity(capacity, now=self.now)
        self.room.resize(capacity)
        assert seated <= self.having_seats().keys()

    @precondition(lambda self: self.now < self.session.starts_at - timedelta(hours=3))
    @rule(minutes=st.sampled_from([5, 30, 120]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.room.quiet = self.now >= self.session.quiet_from()

    def having_seats(self) -> dict[int, int]:
        return self.parties(self.session.rsvps.seated().order_by("pk"))

    def parties(self, rsvps: QuerySet[Rsvp]) -> dict[int, int]:
        """Friends by person, as the database has them."""
        number = {member.pk: who for who, member in enumerate(self.people)}
        rows = rsvps.annotate(friends=Count("companions")).values_list("member", "friends")
        return {number[member]: friends for member, friends in rows}

    @invariant()
    def the_rows_are_what_the_model_says(self) -> None:
        self.session = Session.objects.get(pk=self.session.pk)
        seated, queue = self.having_seats(), self.parties(self.session.rsvps.waiting())
        assert (seated, list(queue.items())) == (self.room.seated, list(self.room.queue.items()))
        assert sorted(self.session.rsvps.values_list("member", flat=True)) == sorted(
            self.people[who].pk for who in self.room.answered
        )

    @invariant()
    def seats_taken_is_the_sum_of_the_parties_and_within_what_there_is(self) -> None:
        taken = sum(1 + friends for friends in self.having_seats().values())
        assert self.session.seats_taken == taken
        assert taken <= max(self.session.capacity, self.before), "more seats promised than there are"
        self.before = taken

    @invariant()
    def before_the_quiet_hour_no_seat_is_free_for_a_party_that_waits(self) -> None:
        free = self.session.capacity - self.session.seats_taken
        waiting = self.parties(self.session.rsvps.waiting())
        assert self.room.quiet or all(1 + friends > free for friends in waiting.values())

    @invariant()
    def every_change_owes_its_mail_once_and_no_other(self) -> None:
        address = {member.email: who for who, member in enumerate(self.people)}
        owed = Delivery.objects.order_by("pk").values_list("kind", "to")
        assert [(kind, address[to]) for kind, to in owed] == self.room.mails


def test_any_history_leaves_the_seats_as_pencil_and_paper_would(make_session) -> None:
    people = crowd(PEOPLE)
    profile = settings(
        PROFILES[os.environ.get("SEATS_HISTORIES", "short")],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(lambda: Histories(make_session, people), settings=profile)
