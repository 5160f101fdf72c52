"""Any history of a morning's seats, held step by step against a model in plain Python.

In the suite a few short histories run. `SEATS_HISTORIES=200 make test T=tests/events/test_seats_histories.py` runs so
many of fifty steps each, after a change of events/models/seats.py.
"""

import os
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

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

from events import every_time, passing_on
from events.models import NearStart, Partstat, Rsvp, SeatsError, Series, Session, StandingRsvp
from events.models import near_start as near
from events.models.seats import FRIENDS_AT_MOST
from members.models import Member
from outbox.models import Delivery
from tests.events.pages import came, crowd

PEOPLE = 6
# How many histories, instead of the twenty of thirty steps.
MANY = os.environ.get("SEATS_HISTORIES")
WHO = st.integers(0, PEOPLE - 1)
# Two without an account come besides.
VISITORS = st.integers(PEOPLE, PEOPLE + 1)
# The others have come before.
NEWCOMERS = {0, 2, 4, PEOPLE, PEOPLE + 1}
KEPT = st.sampled_from([0, 0, 1, 2, 3])
SEATS = st.integers(1, 5)
SPARE = st.sampled_from([0, 0, 1, 2])
# How long before the start a history begins: with days to spare, near it, on the evening before.
HOURS = st.sampled_from([125, 121, 75, 70, 40, 15, 12, 1])
WAYS = st.sampled_from([way.value for way in NearStart])


@dataclass
class Room:
    """What a host with pencil and paper would do. Parties are numbers of friends by person, in order of asking.

    `way` is how a free seat is passed on just now: at once, offer, first_tap, or empty when nobody is told any more.
    """

    capacity: int
    spare: int = 0
    does_restaurant_know: bool = False
    for_new: int = 0
    is_time_to_free: bool = False
    are_kept_seats_free: bool = False
    is_time_to_know: bool = False
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
    # Who comes every time: since when each waits for a seat by that word, and in which order they began.
    words: dict[int, tuple[datetime, int]] = field(default_factory=dict)
    began: dict[int, int] = field(default_factory=dict)
    # Seats that came by it, whether the holder has said anything since, and when they were asked.
    by_word: dict[int, bool] = field(default_factory=dict)
    asked_word: dict[int, datetime] = field(default_factory=dict)
    is_passed_on: bool = False
    # Until when seats are kept for visitors who have not said yes.
    holds: dict[int, datetime] = field(default_factory=dict)
    # How many the guest brings, and how many of them have a seat.
    party: int = 0
    party_seated: int = 0
    mails: list[tuple[str, int]] = field(default_factory=list)

    @property
    def taken(self) -> int:
        return len(self.seated) + sum(self.seated.values()) + self.party_seated

    @property
    def kept(self) -> int:
        return sum(1 + self.queue[who] for who in self.asked) + len(self.holds)

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

    def free_for_friends_of(self, who: int) -> int:
        """After the last seat, what is laid beyond the seats, once the restaurant knows how many come."""
        seats = self.free_for(who)
        if seats < self.free or not self.does_restaurant_know:
            return seats
        beyond = max(self.taken + self.kept - self.capacity, 0)
        return seats + max(self.spare - beyond, 0)

    def fits(self, who: int, friends: int) -> bool:
        """A seat for who comes on his own word; the friends may sit on what is laid beyond."""
        return self.free_for(who) > 0 and 1 + friends <= self.free_for_friends_of(who)

    def come(self, who: int) -> None:
        self.answered.add(who)
        if who in self.seated:
            self.by_word |= {who: True} if who in self.by_word else {}
            return
        friends = self.queue.get(who, 0)
        if who in self.asked or self.fits(who, friends):
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
        self.by_word.pop(who, None)
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
        if (party is self.seated or who in self.asked) and not self.free_for_friends_of(who):
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
        gone = [who for who, until in self.holds.items() if until <= now]
        for who in gone:
            del self.holds[who]
        late = [who for who, until in self.asked.items() if until and until <= now]
        for who in late:
            del self.asked[who]
            self.silent.add(who)
        if late or gone:
            self.serve(freed=True)

    def hold(self, who: int, until: datetime) -> datetime | None:
        """A seat for a visitor who has not said yes: one in four seats at most are kept so, and two in a small room."""
        if who not in self.holds:
            if not self.free_for(-1) or len(self.holds) >= max(self.capacity // 4, 2):
                return None
            self.holds[who] = until
        return self.holds[who]

    def confirm(self, who: int) -> None:
        kept = self.holds.pop(who, None)
        self.come(who)
        self.serve(freed=bool(kept))

    def keep(self, seats: int) -> None:
        fewer, same, self.for_new = seats < self.for_new, seats == self.for_new, seats
        if not same:
            self.serve(freed=fewer)

    def free_kept_seats(self) -> None:
        """Five days before, what is kept is for everybody."""
        if self.is_time_to_free and not self.are_kept_seats_free and self.for_new:
            self.are_kept_seats_free = True
            self.serve(freed=True)

    def guest_brings(self, party: int) -> None:
        same, back = party == self.party, max(self.party_seated - party, 0)
        self.party = party
        self.party_seated -= back
        if not same:
            self.serve(freed=back > 0)

    def lay(self, spare: int) -> None:
        more, self.spare = spare > self.spare, spare
        self.serve(freed=more)

    def tell_restaurant(self) -> None:
        if not self.does_restaurant_know:
            self.does_restaurant_know = True
            self.serve(freed=self.spare > 0)

    def evening_has_come(self) -> None:
        """By now it knows, whether or not somebody noted it."""
        if self.is_time_to_know and self.spare and not self.does_restaurant_know:
            self.does_restaurant_know = True
            self.serve(freed=True)

    def moved(self, latest: datetime) -> None:
        """Another day is another question; no offer stands longer than to the evening before it."""
        self.silent.clear()
        self.are_kept_seats_free = self.are_kept_seats_free and self.is_time_to_free
        self.does_restaurant_know = self.does_restaurant_know and self.is_time_to_know
        self.asked = {who: min(until, latest) if until else None for who, until in self.asked.items()}

    def begin_every_time(self, who: int, now: datetime) -> None:
        if who not in self.words:
            self.words[who] = now, self.began.setdefault(who, len(self.began))
        self.seat_who_comes_every_time(now)

    def seat_who_comes_every_time(self, now: datetime) -> None:
        """Half of the seats at most, who waited longest first, and nobody before somebody in the queue."""
        if self.queue:
            return
        for who in sorted(self.words, key=self.words.__getitem__):
            if who not in self.answered and len(self.by_word) < self.capacity // 2 and self.free_for(who):
                self.answered.add(who)
                self.seated[who], self.by_word[who] = 0, False
                self.words[who] = now, self.began[who]
                self.mails.append(("standing.seat", who))

    def end_every_time(self, who: int) -> None:
        self.words.pop(who, None)
        if who in self.silent_holders():
            self.leave(who)

    def silent_holders(self) -> list[int]:
        """Whose seat came by their word alone: nothing said since, no friend named. In the order they got it."""
        return [who for who, said in self.by_word.items() if not said and not self.seated[who]]

    def ask_holders(self, now: datetime, today: datetime) -> None:
        for who in self.silent_holders() if self.queue else ():
            if who not in self.asked_word or self.asked_word[who] < today:
                self.asked_word[who] = now
                self.mails.append(("standing.ask", who))

    def pass_words_on(self, until: datetime) -> None:
        """Once, as many as are wanted, the last first; where more sit than there are seats, so many more or nobody."""
        if self.is_passed_on or not self.queue or not self.silent_holders():
            return
        self.is_passed_on = True
        wanted = sum(1 + friends for who, friends in self.queue.items() if who not in self.asked) - self.free
        if wanted <= 0:
            return
        beyond = max(self.taken + self.kept - self.capacity, 0)
        silent = [who for who in self.silent_holders() if who in self.asked_word and self.asked_word[who] <= until]
        going = silent[::-1][: wanted + beyond]
        for who in going if len(going) > beyond else ():
            del self.seated[who], self.by_word[who]
            self.mails.append(("standing.passed", who))
        self.serve(freed=len(going) > beyond)

    def serve(self, *, freed: bool = False) -> None:
        """The guest's people, then the first in the queue that fits whole; or all who wait are told; or nobody."""
        self.party_seated += max(min(self.party - self.party_seated, self.free_for_friends_of(0)), 0)
        if not self.way or not self.free:
            return
        waiting = {who: friends for who, friends in self.queue.items() if who not in self.asked}
        if self.way == "first_tap":
            for who, friends in waiting.items() if freed else ():
                self.tell(who, "rsvp.free" if self.fits(who, friends) else "rsvp.smaller")
            return
        too_large = []
        for who, friends in waiting.items():
            if self.way == "offer" and who in self.silent:
                continue
            if not self.fits(who, friends):
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
        capacity=SEATS, spare=SPARE, early=st.dictionaries(WHO, st.integers(0, 2)), hours=HOURS, chosen=WAYS, kept=KEPT,
        always=st.lists(WHO, unique=True), passes_on=st.booleans(),
    )  # fmt: skip
    def publish(
        self, capacity: int, spare: int, early: dict[int, int], hours: int, chosen: str, kept: int,
        always: list[int], passes_on: bool,
    ) -> None:  # fmt: skip
        """A morning that is asked for: many histories begin with a queue of parties, large and small."""
        self.passes_on = passes_on
        Series.objects.update(standing_passes_on=passes_on)
        self.session = self.make_session(capacity=capacity, recurrence_id=clock.localdate())
        self.room = Room(capacity)
        self.chosen, self.before = NearStart.OFFER.value, 0
        self.now = self.session.starts_at - timedelta(hours=hours)
        self.the_host_chooses_another_way(chosen)
        self.the_host_keeps_seats_for_newcomers(kept)
        self.the_restaurant_lays_spare_covers(spare)
        for who in always:
            self.comes_every_time(who)
        for who, friends in early.items():
            self.comes(who)
            for _ in range(friends):
                self.brings_a_friend(who)

    def look_at_the_clock(self) -> None:
        """Which way a seat goes now; what stands in a table in tests/events/test_near_start.py is taken as it is."""
        wall = self.session.local_start
        self.room.now = self.now
        self.room.is_time_to_free = self.now >= near.kept_until(wall)
        self.room.is_time_to_know = self.now >= near.told_by(wall)
        self.room.way, self.room.ends = near.way(wall, self.chosen, now=self.now), near.offer_until(wall, now=self.now)

    def at_the_table(self) -> Room:
        """The model when somebody speaks up: offers whose time is over have lapsed, tick or no tick."""
        self.room.free_kept_seats()
        self.room.evening_has_come()
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
        room = self.at_the_table()
        every_time.carry_on(now=self.now)
        self.session.refresh_from_db()
        local = self.now.astimezone(self.session.zone)
        noon = datetime.combine(local.date(), every_time.ASKED_FROM, tzinfo=self.session.zone)
        if (self.session.local_start.date() - local.date()).days in {2, 3} and noon <= local and local.hour < 21:
            room.ask_holders(self.now, noon)
        if self.passes_on and self.now >= every_time.passes_at(self.session):
            room.pass_words_on(every_time.asked_until(self.session))

    @rule(who=WHO)
    def comes_every_time(self, who: int) -> None:
        self.session.series.join(self.people[who], now=self.now)
        every_time.begin(self.session.series, self.people[who], now=self.now)
        self.session.refresh_from_db()
        self.at_the_table().begin_every_time(who, self.now)

    @rule(who=WHO)
    def ends_coming_every_time(self, who: int) -> None:
        word = StandingRsvp.objects.filter(member=self.people[who]).first()
        if word is not None:
            every_time.end(word, "asked", now=self.now)
            self.session.refresh_from_db()
        if who in self.room.words and who in self.room.silent_holders():
            self.at_the_table()
        if who in self.room.words:
            self.room.end_every_time(who)

    @precondition(lambda self: self.now < self.session.starts_at - timedelta(hours=30))
    @rule(days=st.sampled_from([-1, 1, 4]))
    def the_host_moves_the_morning(self, days: int) -> None:
        self.session.move(self.session.starts_at + timedelta(days=days), now=self.now)
        self.look_at_the_clock()
        self.room.moved(near.offers_until(self.session.local_start))
        self.room.asked_word.clear()
        self.room.is_passed_on = False
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

    @rule(who=VISITORS, minutes=st.sampled_from([30, 90]))
    def a_visitor_asks(self, who: int, minutes: int) -> None:
        email = self.people[who].email
        until = self.session.hold("花", email, minutes=minutes, now=self.now)
        ends = min(self.now + timedelta(minutes=minutes), self.session.starts_at)
        assert until == self.at_the_table().hold(who, ends)

    @rule(who=VISITORS)
    def a_visitor_says_yes(self, who: int) -> None:
        self.session.confirm(self.people[who].email, self.people[who], now=self.now)
        self.at_the_table().confirm(who)

    @rule(who=VISITORS)
    def a_visitor_does_not_come(self, who: int) -> None:
        self.does_not_come(who, changes_mind=False)

    @rule(who=WHO)
    def brings_a_friend(self, who: int) -> None:
        try:
            self.friends += 1
            self.session.add_friend(self.people[who], f"お連れの方 {self.friends}", now=self.now)
            refused = ""
        except SeatsError as error:
            refused = error.code
        if self.now >= self.session.doors_at:
            assert refused == "refused", "nobody is brought once the doors are open"
            return
        room = deepcopy(self.room)
        room.free_kept_seats()
        room.evening_has_come()
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

    @rule(party=st.integers(0, 3))
    def the_guest_brings_people(self, party: int) -> None:
        self.session.seat_guest_party(party, [], now=self.now)
        self.at_the_table().guest_brings(party)

    @rule(covers=SPARE)
    def the_restaurant_lays_spare_covers(self, covers: int) -> None:
        self.session.set_spare_covers(covers, now=self.now)
        self.at_the_table().lay(covers)

    @rule()
    def the_restaurant_is_told_how_many_come(self) -> None:
        self.session.headcount_told(now=self.now)
        self.at_the_table().tell_restaurant()

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

    @rule(at=st.sampled_from([time(12, 15), time(20, 5)]))
    def noon_or_evening_comes_and_the_tick_with_it(self, at: time) -> None:
        """The hours at which those are asked who come every time, and seats of the silent pass on."""
        local = self.now.astimezone(self.session.zone)
        day = local.date() + timedelta(days=int(local.time() >= at))
        then = datetime.combine(day, at, tzinfo=self.session.zone)
        if then < self.session.starts_at:
            self.now = then.astimezone(UTC)
            self.look_at_the_clock()
            self.the_tick_comes_by()

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
        answers = self.session.rsvps.exclude(member=None).values_list("member", flat=True)
        assert sorted(answers) == sorted(self.people[who].pk for who in self.room.answered)
        holds = self.session.rsvps.held().values_list("email", "hold_until")
        address = {member.email: who for who, member in enumerate(self.people)}
        assert {address[email]: until for email, until in holds} == self.room.holds

    @invariant()
    def seats_promised_are_the_sum_of_the_parties_and_within_what_there_is(self) -> None:
        taken = sum(1 + friends for friends in self.having_seats().values())
        kept = sum(1 + friends for friends in self.parties(self.session.rsvps.offered()).values())
        kept += self.session.rsvps.held().count()
        taken += self.session.guest_seats
        assert (self.session.seats_taken, self.session.seats_held) == (taken, kept)
        assert (self.session.guest_party, self.session.guest_seats) == (self.room.party, self.room.party_seated)
        most = self.session.capacity + (self.session.spare_covers if self.room.does_restaurant_know else 0)
        assert taken + kept <= max(most, self.before), "more promised than there are seats and spare covers"
        self.before = taken + kept

    @invariant()
    def what_came_by_the_word_is_what_the_model_says(self) -> None:
        number = {member.pk: who for who, member in enumerate(self.people)}
        rows = self.session.rsvps.by_standing().values_list("member", "standing_said_at")
        assert {number[member]: said is not None for member, said in rows} == self.room.by_word

    @invariant()
    def no_seat_is_free_for_a_party_that_waits_and_could_have_been_given_it(self) -> None:
        """Who taps first may have it where the host or the hour leaves it to that; who was silent has to ask."""
        waiting = self.session.rsvps.waiting().filter(offered_until=None)
        if self.room.way == "offer":
            waiting = waiting.filter(offer_lapsed_at=None)
        room = self.room
        waits_for_a_tick = room.is_time_to_free and room.for_new and not room.are_kept_seats_free
        waits_for_a_tick |= room.is_time_to_know and room.spare > 0 and not room.does_restaurant_know
        if room.way in {"at_once", "offer"} and not waits_for_a_tick:
            assert not [who for who, friends in self.parties(waiting).items() if room.fits(who, friends)]

    @invariant()
    def every_change_owes_its_mail_once_and_no_other(self) -> None:
        address = {member.email: who for who, member in enumerate(self.people)}
        owed = Delivery.objects.filter(kind__regex=r"^(rsvp|standing)\.").order_by("pk").values_list("kind", "to")
        assert [(kind, address[to]) for kind, to in owed] == self.room.mails


def test_any_history_leaves_the_seats_as_pencil_and_paper_would(make_session) -> None:
    people = crowd(PEOPLE + 2)
    Member.objects.filter(pk__in=[visitor.pk for visitor in people[PEOPLE:]]).update(joined_at=None)
    people = [Member.objects.get(pk=person.pk) for person in people]
    came(
        make_session(starts_at=clock.now() - timedelta(days=30)),
        [p for n, p in enumerate(people) if n not in NEWCOMERS],
    )
    profile = settings(
        max_examples=int(MANY or 20),
        stateful_step_count=50 if MANY else 30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(lambda: Histories(make_session, people), settings=profile)
