"""Who is proposed to whom: the rules nothing outvotes, and what becomes of proposals by themselves."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import combinations
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import check_in, next_steps, roster
from events.models import Attendance, Series, Session
from introductions import consent, rounds
from introductions.acquaintance import Exchange
from introductions.models import Introduction, Round, TooLate
from introductions.pauses import Pause
from introductions.policy import Policy
from introductions.tasks import tick
from members.models import Activity, Block, Consent, Member
from outbox.models import Delivery

Make = Callable[..., Session]
People = Callable[..., Member]
Agree = Callable[..., None]
NOW = timezone.now


def pairs(session: Session | None = None) -> list[tuple[str, str]]:
    found = Introduction.objects.order_by("pk")
    if session:
        found = found.filter(round__session=session)
    return list(found.values_list("first__name", "second__name"))


def compute(session: Session, **named) -> Round:
    round_ = rounds.compute(session, now=NOW(), **named)
    assert round_
    return round_


def test_two_who_came_and_agreed_are_brought_together_and_the_round_says_why(morning: Session, hana, ken) -> None:
    round_ = compute(morning)
    made = Introduction.objects.get()
    assert (made.first, made.second, made.round) == (hana, ken, round_)
    # hana (food trade) wants statistics, ken (public service) knows them and wants food distribution.
    assert made.terms == {
        "other_trade": 800, "rare_trade": 50, "a_learns": 200, "b_learns": 200, "both_learn": 80, "much_to_learn": 50
    }  # fmt: skip
    assert (made.value, round_.value, round_.covered, round_.left_out) == (1380, 1380, 2, {})
    assert (round_.seed, round_.released_at, made.asked_at) == (morning.code, None, None)
    assert Delivery.objects.count() == 0


def test_the_terms_name_who_learns_by_the_order_of_the_two(make_morning: Make, person: People, agree: Agree) -> None:
    # Ids of two lengths: the engine sorts keys as text.
    asks = person("asks", pk=999_999, want_to_learn="食品の流通")
    knows = person("knows", pk=1_000_000, ask_me="食品の流通")
    agree(asks, knows)
    compute(make_morning(asks, knows))
    assert Introduction.objects.get().terms == {"a_learns": 200}


def test_only_who_came_is_matched(make_morning: Make, hana, ken, mallory, agree: Agree) -> None:
    agree(hana, ken, mallory)
    session = make_morning(hana, ken)
    Attendance.objects.create(session=session, member=mallory, status="absent")
    compute(session)
    assert pairs() == [("hana", "ken")]


def test_only_who_agreed_is_matched_and_the_round_counts_the_others(
    make_morning: Make, hana, ken, mallory, agree
) -> None:
    agree(hana, ken, mallory)
    consent.refuse(mallory, now=NOW())
    round_ = compute(make_morning(hana, ken, mallory))
    assert (pairs(), round_.left_out) == ([("hana", "ken")], {str(mallory.pk): "opted_out"})


def test_a_closed_account_is_not_matched(morning: Session, ken) -> None:
    Member.objects.filter(pk=ken.pk).update(is_active=False)
    compute(morning)
    assert pairs() == []


@pytest.mark.parametrize("other_way", [False, True])
def test_who_keeps_another_away_is_never_introduced(morning: Session, hana, ken, other_way: bool) -> None:
    Block.objects.create(member=ken if other_way else hana, other=hana if other_way else ken)
    round_ = compute(morning)
    assert (pairs(), set(round_.left_out.values())) == ([], {"all_known"})


def test_the_same_pair_is_never_proposed_again(morning: Session, make_morning: Make, hana, ken, mallory, agree) -> None:
    compute(morning)
    agree(mallory)
    second = make_morning(hana, ken, mallory)
    compute(second)
    assert pairs(second) == [("hana", "mallory"), ("ken", "mallory")]
    third = make_morning(hana, ken, mallory)
    compute(third)
    assert pairs(third) == []


def test_who_has_the_others_card_needs_no_introduction(make_morning: Make, hana, ken, mallory, agree: Agree) -> None:
    agree(hana, ken, mallory)
    Exchange.say(hana, ken, session=None, now=NOW())
    session = make_morning(hana, ken, mallory)
    with transaction.atomic():
        # One side alone says nothing yet.
        compute(session)
        assert ("hana", "ken") in pairs()
        transaction.set_rollback(True)
    Exchange.say(ken, hana, session=None, now=NOW())
    compute(session)
    assert pairs() == [("hana", "mallory"), ("ken", "mallory")]


def test_who_met_three_times_needs_no_introduction(make_morning: Make, hana, ken, agree: Agree) -> None:
    agree(hana, ken)
    for days in (30, 60):
        make_morning(hana, ken, days=days)
    open_list = make_morning(hana, ken, days=90)
    Session.objects.filter(pk=open_list.pk).update(roster_closed_at=None)
    with transaction.atomic():
        compute(make_morning(hana, ken))
        assert Introduction.objects.get().terms["met_before"] == -120
        transaction.set_rollback(True)
    Session.objects.filter(pk=open_list.pk).update(roster_closed_at=NOW())
    compute(make_morning(hana, ken))
    assert pairs() == []


def test_a_newcomer_has_come_twice_at_most(make_morning: Make, hana, ken, agree: Agree) -> None:
    agree(hana, ken)
    for days in (30, 60):
        make_morning(hana, days=days)
    make_morning(ken, days=90)
    compute(make_morning(hana, ken))
    assert Introduction.objects.get().terms["newcomer"] == 120


@pytest.mark.parametrize("choice", Policy.Choice)
def test_an_odd_number_leaves_nobody_out(
    make_morning: Make, person: People, agree: Agree, series: Series, choice: str
) -> None:
    Policy.choose(series, choice, by_itself=False, now=NOW(), actor=None)
    people = [person(f"member{number}", industry=industry) for number, industry in enumerate("AEG")]
    agree(*people)
    round_ = compute(make_morning(*people))
    assert (round_.covered, round_.left_out) == (3, {})


def test_nobody_is_introduced_to_more_than_two(make_morning: Make, person: People, agree: Agree) -> None:
    people = [person(f"member{number}", industry="ADEGIJLMNP"[number]) for number in range(10)]
    agree(*people)
    compute(make_morning(*people))
    times = [name for pair in pairs() for name in pair]
    assert sorted({times.count(name) for name in times}) == [2]


def test_the_same_morning_gives_the_same_pairs(make_morning: Make, person: People, agree: Agree) -> None:
    people = [person(f"member{number}", industry="EG"[number % 2]) for number in range(8)]
    agree(*people)
    session = make_morning(*people)
    compute(session)
    first = pairs()
    compute(session, anew=True)
    assert pairs() == first


def test_computing_again_changes_nothing_once_there_is_a_round(morning: Session, mallory, agree: Agree) -> None:
    first = compute(morning)
    Attendance.objects.create(session=morning, member=mallory)
    agree(mallory)
    assert (compute(morning), pairs()) == (first, [("hana", "ken")])


def test_choosing_again_takes_in_who_agreed_since_and_keeps_what_was_dropped(
    morning: Session, kosuke, mallory, agree: Agree
) -> None:
    Attendance.objects.create(session=morning, member=mallory)
    compute(morning)
    Introduction.objects.get().drop(now=NOW(), actor=kosuke)
    agree(mallory)
    compute(morning, anew=True)
    assert pairs() == [("hana", "ken"), ("hana", "mallory"), ("ken", "mallory")]
    assert list(Introduction.objects.filter(dropped_at=None).values_list("second__name", flat=True)) == ["mallory"] * 2


def test_an_open_list_has_no_round(morning: Session) -> None:
    Session.objects.filter(pk=morning.pk).update(roster_closed_at=None)
    assert (rounds.compute(morning, now=NOW()), Round.objects.count()) == (None, 0)


def test_a_list_closed_anew_is_matched_anew(morning: Session, kosuke, hana, ken) -> None:
    compute(morning)
    for member in (hana, ken):
        morning.rsvps.create(member=member, partstat="ACCEPTED", seated_at=NOW())
    roster.reopen(morning, now=NOW(), actor=kosuke)
    assert Round.objects.waiting().count() == 0
    check_in.mark(morning, f"m{ken.pk}", here=False, now=NOW(), actor=kosuke)
    roster.close(morning, absent={f"m{ken.pk}"}, now=NOW(), actor=kosuke)
    assert Round.objects.waiting().count() == 0
    tick()
    assert (pairs(), Round.objects.waiting().count()) == ([], 1)


# Rests


def test_a_rest_from_the_next_round_is_used_up_by_it(morning: Session, make_morning: Make, hana, ken) -> None:
    Pause.take(ken, until=None, now=NOW())
    first = compute(morning)
    assert (pairs(), first.left_out) == ([], {str(ken.pk): "opted_out", str(hana.pk): "nobody_left"})
    assert Pause.objects.get().round == first
    second = make_morning(hana, ken)
    compute(second)
    assert pairs(second) == [("hana", "ken")]


def test_a_round_that_is_chosen_again_gives_the_rest_back(morning: Session, ken) -> None:
    Pause.take(ken, until=None, now=NOW())
    compute(morning)
    compute(morning, anew=True)
    assert pairs() == []


def test_a_rest_for_a_while_lasts_until_its_day(morning: Session, make_morning: Make, hana, ken) -> None:
    Pause.take(ken, until=NOW() + timedelta(days=90), now=NOW())
    compute(morning)
    assert pairs() == []
    Pause.objects.update(until=NOW() - timedelta(minutes=1))
    compute(make_morning(hana, ken))
    assert pairs() == [("hana", "ken")]


# Consent


def test_agreeing_and_refusing_are_kept_with_text_and_time(hana: Member) -> None:
    first, second, third = (NOW() + timedelta(minutes=n) for n in range(3))
    consent.give(hana, now=first)
    consent.give(hana, now=second)
    consent.refuse(hana, now=second)
    consent.refuse(hana, now=third)
    consent.give(hana, now=third)
    assert list(Consent.objects.order_by("pk").values_list("text_version", "given_at", "withdrawn_at")) == [
        (consent.TEXT_VERSION, first, second),
        (consent.TEXT_VERSION, third, None),
    ]


def test_who_refuses_at_once_was_asked_and_is_not_in(hana: Member, now: datetime) -> None:
    consent.refuse(hana, now=now)
    consent.refuse(hana, now=now + timedelta(days=1))
    assert list(Consent.objects.values_list("given_at", "withdrawn_at")) == [(now, now)]
    assert consent.in_force().count() == 0


# The host's look


def test_sending_asks_both_of_every_pair_once_and_settles_the_list(morning: Session, kosuke, hana, ken) -> None:
    round_ = compute(morning)
    now = datetime.fromisoformat("2026-11-20T12:10:00+09:00")
    round_.release(now=now, actor=kosuke)
    round_.release(now=now + timedelta(hours=1), actor=kosuke)
    made = Introduction.objects.get()
    until = datetime.fromisoformat("2026-11-27T23:59:00+09:00")
    assert (made.asked_at, made.answer_until, round_.released_at) == (now, until, now)
    assert list(Delivery.objects.order_by("pk").values_list("kind", "to", "useful_until", "next_attempt_at")) == [
        ("intro.ask", "hana@example.com", until, now),
        ("intro.ask", "ken@example.com", until, now),
    ]
    assert Session.objects.get(pk=morning.pk).roster_final_at == now
    assert [(row.verb, row.detail) for row in Activity.objects.all()] == [("introductions.release", {"pairs": 1})]


@pytest.mark.parametrize(
    ("sent", "goes"),
    [("2026-11-20T21:00", "2026-11-21T07:00"), ("2026-11-21T06:59", "2026-11-21T07:00"),
     ("2026-11-21T07:00", "2026-11-21T07:00"), ("2026-11-20T20:59", "2026-11-20T20:59")],
)  # fmt: skip
def test_what_is_sent_by_night_goes_in_the_morning(morning: Session, sent: str, goes: str) -> None:
    compute(morning).release(now=datetime.fromisoformat(f"{sent}:00+09:00"), actor=None)
    due = set(Delivery.objects.values_list("next_attempt_at", flat=True))
    assert due == {datetime.fromisoformat(f"{goes}:00+09:00")}


def test_a_dropped_pair_is_not_asked_and_can_be_taken_back_until_then(morning: Session, kosuke) -> None:
    round_ = compute(morning)
    pair = Introduction.objects.get()
    pair.drop(now=NOW(), actor=kosuke)
    pair.keep(now=NOW(), actor=kosuke)
    pair.drop(now=NOW(), actor=kosuke)
    pair.drop(now=NOW(), actor=kosuke)
    round_.release(now=NOW(), actor=kosuke)
    pair.keep(now=NOW(), actor=kosuke)
    pair.refresh_from_db()
    assert (pair.dropped_at is not None, pair.asked_at, Delivery.objects.count()) == (True, None, 0)
    verbs = [row.verb for row in Activity.objects.order_by("pk")]
    assert verbs == ["introduction.drop", "introduction.keep", "introduction.drop", "introductions.release"]


def test_a_pair_cannot_be_dropped_once_asked(asked: Introduction, kosuke) -> None:
    asked.drop(now=NOW(), actor=kosuke)
    asked.refresh_from_db()
    assert (asked.dropped_at, Activity.objects.filter(verb="introduction.drop").count()) == (None, 0)


@pytest.mark.parametrize("what", ["block", "consent", "rest", "cards", "account"])
def test_what_changed_since_the_matching_counts_when_it_is_sent(morning: Session, hana, ken, what: str) -> None:
    round_ = compute(morning)
    if what == "block":
        Block.objects.create(member=ken, other=hana)
    elif what == "consent":
        consent.refuse(ken, now=NOW())
    elif what == "rest":
        Pause.take(ken, until=None, now=NOW())
    elif what == "cards":
        Exchange.say(hana, ken, session=None, now=NOW())
        Exchange.say(ken, hana, session=None, now=NOW())
    else:
        Member.objects.filter(pk=ken.pk).update(is_active=False)
    round_.release(now=NOW(), actor=None)
    assert (Introduction.objects.get().asked_at, Delivery.objects.count()) == (None, 0)


def test_a_list_opened_again_keeps_its_proposals_from_going_out(morning: Session, kosuke) -> None:
    round_ = compute(morning)
    roster.reopen(morning, now=NOW(), actor=kosuke)
    with pytest.raises(roster.RosterError, match="また開いています"):
        round_.release(now=NOW(), actor=kosuke)
    roster.close(morning, now=NOW(), actor=kosuke)
    with pytest.raises(TooLate, match="期限が過ぎました"):
        round_.release(now=NOW(), actor=kosuke)
    assert (Delivery.objects.count(), Session.objects.get(pk=morning.pk).roster_final_at) == (0, None)


# What happens by itself


def test_the_tick_gives_every_closed_list_of_this_week_its_round_once(
    morning: Session, make_morning: Make, hana
) -> None:
    make_morning(hana, days=8)
    tick()
    tick()
    assert list(Round.objects.values_list("session__code", flat=True)) == [morning.code]


def test_what_is_not_sent_in_a_week_lapses_and_the_pair_is_free_again(
    morning: Session, make_morning: Make, hana, ken
) -> None:
    round_ = compute(morning)
    rounds.tick(now=NOW() + timedelta(days=6, hours=23))
    assert Round.objects.waiting().count() == 1
    rounds.tick(now=NOW() + timedelta(days=7, minutes=1))
    round_.refresh_from_db()
    assert (round_.lapsed_at is not None, pairs()) == (True, [])
    with pytest.raises(TooLate):
        round_.release(now=NOW(), actor=None)
    compute(make_morning(hana, ken))
    assert pairs() == [("hana", "ken")]


def test_what_was_sent_does_not_lapse(asked: Introduction) -> None:
    rounds.tick(now=NOW() + timedelta(days=30))
    assert (Round.objects.get().lapsed_at, Introduction.objects.count()) == (None, 1)


def test_the_desk_asks_the_host_until_it_is_sent_or_lapses(morning: Session, kosuke) -> None:
    def desk() -> list[tuple[int, str]]:
        steps = next_steps.of([Session.objects.select_related("series").get(pk=morning.pk)], now=NOW())
        return [(step.urgency, step.what) for step in steps if "ご紹介" in step.what]

    assert desk() == []
    round_ = compute(morning)
    assert desk() == [(1, "ご紹介が1組、お送りするのを待っています")]
    with transaction.atomic():
        round_.release(now=NOW(), actor=kosuke)
        assert desk() == []
        transaction.set_rollback(True)
    rounds.lapse(round_, now=NOW())
    assert desk() == [(5, "ご紹介をお送りしないまま、期限が過ぎました")]


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_make_one_round(morning: Session) -> None:
    gate = Barrier(4)

    def run() -> None:
        gate.wait()
        tick()
        connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Round.objects.count(), pairs()) == (1, [("hana", "ken")])


@pytest.mark.parametrize("people", [2, 30])
def test_a_round_costs_the_same_number_of_queries(
    make_morning: Make, person: People, agree: Agree, people: int, django_assert_num_queries
) -> None:
    members = [person(f"member{number}", industry="EGIJ"[number % 4]) for number in range(people)]
    agree(*members)
    session = make_morning(*members)
    with django_assert_num_queries(19):
        rounds.compute(session, now=NOW())


# Whatever people said and did before


@pytest.fixture
def crowd(person: People) -> list[Member]:
    return [person(f"member{number}", industry="EGI"[number % 3]) for number in range(7)]


def of_two(people: int) -> st.SearchStrategy[set[tuple[int, int]]]:
    return st.sets(st.sampled_from(list(combinations(range(people), 2))), max_size=8)


def possible(people: list[Member], apart: set[tuple[int, int]], out: set[int]) -> Iterator[tuple[int, int]]:
    for a, b in combinations(range(len(people)), 2):
        if not {a, b} & out and (a, b) not in apart:
            yield a, b


@given(
    silent=st.sets(st.integers(0, 6)),
    resting=st.sets(st.integers(0, 6), max_size=2),
    blocked=of_two(7),
    earlier=of_two(7),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_refusal_no_block_no_repetition_is_ever_outvoted(
    crowd: list[Member], make_morning: Make, silent: set[int], resting: set[int],
    blocked: set[tuple[int, int]], earlier: set[tuple[int, int]],
) -> None:  # fmt: skip
    with transaction.atomic():
        for number, member in enumerate(crowd):
            if number not in silent:
                consent.give(member, now=NOW())
        for number in resting:
            Pause.take(crowd[number], until=None, now=NOW())
        Block.objects.bulk_create(Block(member=crowd[b], other=crowd[a]) for a, b in blocked)
        before = Round.objects.create(session=make_morning(days=40), seed="")
        Introduction.objects.bulk_create(
            Introduction(round=before, first=crowd[a], second=crowd[b], value=1) for a, b in earlier
        )
        round_ = compute(make_morning(*crowd))
        made = {(crowd.index(one.first), crowd.index(one.second)) for one in round_.introductions.all()}
        transaction.set_rollback(True)
    allowed = set(possible(crowd, blocked | earlier, silent | resting))
    assert made <= allowed
    assert round_.covered == len({one for pair in made for one in pair})
    if any(allowed):
        assert made
    assert max((sum(number in pair for pair in made) for number in range(7)), default=0) <= 2
