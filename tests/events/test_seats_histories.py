"""Any history of a morning's seats, held step by step against a model in plain Python.

In the suite a few short histories run. `SEATS_HISTORIES=long make test T=tests/events/test_seats_histories.py` runs
two hundred of fifty steps each, after a change of events/models/seats.py.
"""

import os
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone as clock
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

from events import passing_on
from events.models import NearStart, Partstat, Rsvp, SeatsError, Session
from events.models import near_start as near
from events.models.seats import FRIENDS_AT_MOST
from members.models import Member
from outbox.models import Delivery
from tests.events.pages import came, crowd

PEOPLE = 6
PROFILES = {
    "short": settings(max_examples=20, stateful_step_count=30),
    "long": settings(max_examples=200, stateful_step_count=50),
}
WHO = st.integers(0, PEOPLE - 1)
# The others have come before.
NEWCOMERS = {0, 2, 4}
KEPT = st.sampled_from([0, 0, 1, 2, 3])
SEATS = st.integers(1, 5)
# How long before the start a history begins: with days to spare, near it, on the evening before.
HOURS = st.sampled_from([125, 121, 75, 70, 40, 15, 12])
WAYS = st.sampled_from([way.value for way in NearStart])


@dataclass
class Room:
    """What a host with pencil and paper would do. Parties are numbers of friends by person, in order of asking.

    `way` is how a free seat is passed on just now: at once, offer, first_tap, or empty when nobody is told any more.
    """

    capacity: int
    for_new: int = 0
    is_time_to_free: bool = False
    are_kept_seats_free: bool = False
    way: str = "at_once"
    # The clock, and when an offer made now ends.
    now: datetime | None = None
    ends: datetime | None = None
    seated: dict[int, int] = field(default_factory=dict)
    queue: dict[int, int] = field(default_factory=dict)
    # Until when seats are kept for somebody in the queue; who let that pass; who was told that fewer could come.
    asked: dict[int, datetime | None] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    told: set[tuple[str, int, datetime | None]] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    mails: list[tuple[str, int]] = field(default_factory=list)

    @property
    def taken(self) -> int:
        return len(self.seated) + sum(self.seated.values())

    @property
    def kept(self) -> int:
        return sum(1 + self.queue[who] for who in self.asked)

    @property
    def free(self) -> int:
        return max(self.capacity - self.taken - self.kept, 0)

    def free_for(self, who: int) -> int:
        """What this person may have: of seats kept for newcomers, as long as they are, only a newcomer."""
        if who in NEWCOMERS or self.is_time_to_free:
            return self.free
        promised = [1 + self.seated[one] for one in self.seated if one in NEWCOMERS]
        promised += [1 + self.queue[one] for one in self.asked if one in NEWCOMERS]
        return self.free - min(max(self.for_new - sum(promised), 0), self.free)

    def come(self, who: int) -> None:
        self.answered.add(who)
        if who in self.seated:
            return
        friends = self.queue.get(who, 0)
        if who in self.asked or 1 + friends <= self.free_for(who):
            self.unqueue(who)
            self.seated[who] = friends
            self.mails.append(("rsvp.confirmed", who))
        elif who not in self.queue:
            self.queue[who] = friends
            self.mails.append(("rsvp.waiting", who))

    def leave(self, who: int) -> None:
        self.answered.add(who)
        had = who in self.seated or who in self.asked
        self.unqueue(who)
        if self.seated.pop(who, None) is not None:
            self.mails.append(("rsvp.left", who))
        self.serve(freed=had)

    def unqueue(self, who: int) -> None:
        self.queue.pop(who, None)
        self.asked.pop(who, None)
        self.silent.discard(who)
        self.told = {one for one in self.told if one[1] != who}

    def bring(self, who: int) -> str:
        """One friend more; or the code of the refusal."""
        party = self.seated if who in self.seated else self.queue
        if who not in party:
            return "not_coming"
        if party[who] == FRIENDS_AT_MOST:
            return "too_many"
        if (party is self.seated or who in self.asked) and not self.free_for(who):
            return "full"
        party[who] += 1
        return ""

    def send_home(self, who: int) -> None:
        party = self.seated if who in self.seated else self.queue
        party[who] -= 1
        self.serve(freed=party is self.seated or who in self.asked)

    def resize(self, capacity: int) -> None:
        more, self.capacity = capacity > self.capacity, capacity
        self.serve(freed=more)

    def lapse(self, now: datetime) -> None:
        """Whose time is over: silent, at the same place; the seats go on."""
        late = [who for who, until in self.asked.items() if until and until <= now]
        for who in late:
            del self.asked[who]
            self.silent.add(who)
        if late:
            self.serve(freed=True)

    def keep(self, seats: int) -> None:
        fewer, same, self.for_new = seats < self.for_new, seats == self.for_new, seats
        if not same:
            self.serve(freed=fewer)

    def free_kept_seats(self) -> None:
        """Five days before, what is kept is for everybody."""
        if self.is_time_to_free and not self.are_kept_seats_free and self.for_new:
            self.are_kept_seats_free = True
            self.serve(freed=True)

    def moved(self, latest: datetime) -> None:
        """Another day is another question; no offer stands longer than to the evening before it."""
        self.silent.clear()
        self.are_kept_seats_free = self.are_kept_seats_free and self.is_time_to_free
        self.asked = {who: min(until, latest) if until else None for who, until in self.asked.items()}

    def serve(self, *, freed: bool = False) -> None:
        """The first in the queue that fits whole, until none does; or all who wait are told; or nobody."""
        if not self.way or not self.free:
            return
        waiting = {who: friends for who, friends in self.queue.items() if who not in self.asked}
        if self.way == "first_tap":
            for who, friends in waiting.items() if freed else ():
                self.tell(who, "rsvp.free" if friends < self.free_for(who) else "rsvp.smaller")
            return
        too_large = []
        for who, friends in waiting.items():
            if self.way == "offer" and who in self.silent:
                continue
            if 1 + friends > self.free_for(who):
                too_large.append(who)
            elif self.way == "offer":
                self.asked[who] = self.ends
                self.mails.append(("rsvp.offer", who))
            else:
                self.unqueue(who)
                self.seated[who] = friends
                self.mails.append(("rsvp.promoted", who))
        for who in too_large:
            if self.free_for(who):
                self.tell(who, "rsvp.smaller")

    def tell(self, who: int, kind: str) -> None:
        """That fewer could come is told once, a free seat once at a moment."""
        once = (kind, who, self.now if kind == "rsvp.free" else None)
        if once not in self.told:
            self.told.add(once)
            self.mails.append((kind, who))


class Histories(RuleBasedStateMachine):
    """The verbs and the model side by side; every example is rolled back."""

    def __init__(self, make_session: Callable[..., Session], people: list[Member]) -> None:
        super().__init__()
        self.make_session, self.people, self.friends = make_session, people, 0
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize(
        capacity=SEATS, early=st.dictionaries(WHO, st.integers(0, 2), min_size=3), hours=HOURS, chosen=WAYS, kept=KEPT
    )
    def publish(self, capacity: int, early: dict[int, int], hours: int, chosen: str, kept: int) -> None:
        """A morning that is asked for: most histories begin with a queue of parties, large and small."""
        self.session = self.make_session(capacity=capacity)
        self.room = Room(capacity)
        self.chosen, self.before = NearStart.OFFER.value, 0
        self.now = self.session.starts_at - timedelta(hours=hours)
        self.the_host_chooses_another_way(chosen)
        self.the_host_keeps_seats_for_newcomers(kept)
        for who, friends in early.items():
            self.comes(who)
            for _ in range(friends):
                self.brings_a_friend(who)

    def look_at_the_clock(self) -> None:
        """Which way a seat goes now; what stands in a table in tests/events/test_near_start.py is taken as it is."""
        wall = self.session.local_start
        self.room.now = self.now
        self.room.is_time_to_free = self.now >= near.kept_until(wall)
        self.room.way, self.room.ends = near.way(wall, self.chosen, now=self.now), near.offer_until(wall, now=self.now)

    def at_the_table(self) -> Room:
        """The model when somebody speaks up: offers whose time is over have lapsed, tick or no tick."""
        self.room.free_kept_seats()
        self.room.lapse(self.now)
        return self.room

    @rule(seats=KEPT)
    def the_host_keeps_seats_for_newcomers(self, seats: int) -> None:
        self.session.keep_for_newcomers(seats, now=self.now)
        self.at_the_table().keep(seats)

    @rule(way=WAYS)
    def the_host_chooses_another_way(self, way: str) -> None:
        self.session.set_near_start(way, now=self.now)
        room, self.chosen = self.at_the_table(), way
        self.look_at_the_clock()
        room.serve(freed=True)

    @rule()
    def the_tick_comes_by(self) -> None:
        passing_on.carry_on(now=self.now)
        self.at_the_table()

    @precondition(lambda self: self.now < self.session.starts_at - timedelta(hours=30))
    @rule(days=st.sampled_from([-1, 1, 4]))
    def the_host_moves_the_morning(self, days: int) -> None:
        self.session.move(self.session.starts_at + timedelta(days=days), now=self.now)
        self.look_at_the_clock()
        self.room.moved(near.offers_until(self.session.local_start))
        self.at_the_table().serve(freed=True)

    @rule(who=WHO)
    def comes(self, who: int) -> None:
        self.session.rsvp(self.people[who], Partstat.ACCEPTED, now=self.now)
        self.at_the_table().come(who)

    @precondition(lambda self: self.room.queue)
    @rule(data=st.data())
    def who_waits_asks_again(self, data: st.DataObject) -> None:
        self.comes(data.draw(st.sampled_from(list(self.room.queue))))

    @rule(who=WHO, changes_mind=st.booleans())
    def does_not_come(self, who: int, *, changes_mind: bool) -> None:
        self.session.rsvp(self.people[who], Partstat.DECLINED, now=self.now)
        self.at_the_table().leave(who)
        if changes_mind:
            self.comes(who)

    @rule(who=WHO)
    def brings_a_friend(self, who: int) -> None:
        try:
            self.friends += 1
            self.session.add_friend(self.people[who], f"お連れの方 {self.friends}", now=self.now)
            refused = ""
        except SeatsError as error:
            refused = error.code
        room = deepcopy(self.room)
        room.free_kept_seats()
        room.lapse(self.now)
        assert refused == room.bring(who)
        self.room = self.room if refused else room

    @precondition(lambda self: any({**self.room.seated, **self.room.queue}.values()))
    @rule(data=st.data())
    def a_friend_stays_away(self, data: st.DataObject) -> None:
        friends = {**self.room.seated, **self.room.queue}
        who = data.draw(st.sampled_from([who for who, number in friends.items() if number]))
        rsvp = self.session.rsvps.get(member=self.people[who])
        self.session.remove_friend(self.people[who], rsvp.companions.earliest("pk").pk, now=self.now)
        self.at_the_table().send_home(who)

    @rule(capacity=SEATS)
    def the_host_changes_the_seats(self, capacity: int) -> None:
        seated = set(self.room.seated)
        self.session.set_capacity(capacity, now=self.now)
        self.at_the_table().resize(capacity)
        assert seated <= self.having_seats().keys()

    @rule(hours=st.sampled_from([1, 6, 13]))
    def time_passes(self, hours: int) -> None:
        """The tick may come by or not: who speaks up next is answered as if it had."""
        self.now = min(self.now + timedelta(hours=hours), self.session.starts_at - timedelta(minutes=1))
        self.look_at_the_clock()

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
        offers = self.session.rsvps.offered().values_list("member", "offered_until")
        number = {member.pk: who for who, member in enumerate(self.people)}
        assert {number[member]: until for member, until in offers} == self.room.asked
        assert sorted(self.session.rsvps.values_list("member", flat=True)) == sorted(
            self.people[who].pk for who in self.room.answered
        )

    @invariant()
    def seats_promised_are_the_sum_of_the_parties_and_within_what_there_is(self) -> None:
        taken = sum(1 + friends for friends in self.having_seats().values())
        kept = sum(1 + friends for friends in self.parties(self.session.rsvps.offered()).values())
        assert (self.session.seats_taken, self.session.seats_held) == (taken, kept)
        assert taken + kept <= max(self.session.capacity, self.before), "more seats promised than there are"
        self.before = taken + kept

    @invariant()
    def no_seat_is_free_for_a_party_that_waits_and_could_have_been_given_it(self) -> None:
        """Who taps first may have it where the host or the hour leaves it to that; who was silent has to ask."""
        waiting = self.session.rsvps.waiting().filter(offered_until=None)
        if self.room.way == "offer":
            waiting = waiting.filter(offer_lapsed_at=None)
        room = self.room
        waits_for_a_tick = room.is_time_to_free and room.for_new and not room.are_kept_seats_free
        if room.way in {"at_once", "offer"} and not waits_for_a_tick:
            assert all(1 + friends > room.free_for(who) for who, friends in self.parties(waiting).items())

    @invariant()
    def every_change_owes_its_mail_once_and_no_other(self) -> None:
        address = {member.email: who for who, member in enumerate(self.people)}
        owed = Delivery.objects.filter(kind__startswith="rsvp.").order_by("pk").values_list("kind", "to")
        assert [(kind, address[to]) for kind, to in owed] == self.room.mails


def test_any_history_leaves_the_seats_as_pencil_and_paper_would(make_session) -> None:
    people = crowd(PEOPLE)
    came(
        make_session(starts_at=clock.now() - timedelta(days=30)),
        [p for n, p in enumerate(people) if n not in NEWCOMERS],
    )
    profile = settings(
        PROFILES[os.environ.get("SEATS_HISTORIES", "short")],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(lambda: Histories(make_session, people), settings=profile)
