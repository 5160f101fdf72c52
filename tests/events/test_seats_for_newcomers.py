"""Seats kept for those who come for the first time, until five days before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from events import making, passing_on
from events.models import Partstat, Series, Session
from members.models import Member
from outbox.models import Delivery
from tests.events.pages import came, crowd, statements
from tests.events.test_passing_on import say, stand
from tests.events.test_seats_race import NOW

START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
EARLY, FREED = START - timedelta(days=20), START - timedelta(days=5)


@pytest.fixture
def old(make_session, hana, kosuke) -> list[Member]:
    """Hana and kosuke have come before; ken and mallory never."""
    came(make_session(starts_at=START - timedelta(days=40)), [hana, kosuke])
    return [hana, kosuke]


@pytest.fixture
def morning(make_session, old) -> Session:
    """Three seats, two of them for newcomers."""
    session: Session = make_session(starts_at=START, capacity=3, published_at=EARLY)
    session.keep_for_newcomers(2, now=EARLY)
    return session


def test_who_has_come_before_waits_while_seats_are_kept(morning, hana, kosuke, ken) -> None:
    for member in (hana, kosuke, ken):
        say(morning, member, Partstat.ACCEPTED, EARLY)
    assert stand(morning) == {"hana": "seated", "kosuke": "1", "ken": "seated"}
    assert (morning.seats_left, morning.seats_kept(now=EARLY)) == (1, 1)


def test_newcomers_may_have_more_than_is_kept_for_them(morning, ken, mallory, person) -> None:
    for member in (ken, mallory, person("third")):
        say(morning, member, Partstat.ACCEPTED, EARLY)
    assert stand(morning) == {"ken": "seated", "mallory": "seated", "third": "seated"}


def test_a_newcomers_friend_sits_on_a_kept_seat_too(morning, hana, ken, kosuke) -> None:
    for member in (hana, ken, kosuke):
        say(morning, member, Partstat.ACCEPTED, EARLY)
    morning.add_friend(ken, "友だち", now=EARLY)
    assert (morning.seats_taken, morning.seats_new, morning.is_full) == (3, 2, True)


def test_a_newcomers_seat_given_back_is_kept_again(morning, hana, kosuke, ken, mallory) -> None:
    for member in (hana, ken, mallory, kosuke):
        say(morning, member, Partstat.ACCEPTED, EARLY)
    say(morning, ken, Partstat.DECLINED, EARLY)
    assert (stand(morning), morning.seats_kept(now=EARLY)) == (
        {"hana": "seated", "mallory": "seated", "kosuke": "1"},
        1,
    )


@pytest.mark.parametrize("ticks", [True, False])
def test_five_days_before_they_go_to_the_queue_tick_or_no_tick(morning, hana, kosuke, person, ticks) -> None:
    for member in (hana, kosuke):
        say(morning, member, Partstat.ACCEPTED, EARLY)
    passing_on.carry_on(now=FREED - timedelta(minutes=1))
    assert stand(morning) == {"hana": "seated", "kosuke": "1"}
    if ticks:
        passing_on.carry_on(now=FREED)
        passing_on.carry_on(now=FREED + timedelta(minutes=1))
    else:
        say(morning, person("late"), Partstat.DECLINED, FREED)
    assert stand(morning) == {"hana": "seated", "kosuke": "seated"}
    assert Delivery.objects.filter(kind="rsvp.promoted").count() == 1
    assert morning.kept_seats_freed_at == FREED


def test_lowering_the_number_gives_seats_to_the_queue_and_raising_it_takes_none(morning, hana, kosuke) -> None:
    for member in (hana, kosuke):
        say(morning, member, Partstat.ACCEPTED, EARLY)
    morning.keep_for_newcomers(0, now=EARLY)
    assert stand(morning) == {"hana": "seated", "kosuke": "seated"}
    morning.keep_for_newcomers(3, now=EARLY)
    assert (stand(morning), morning.seats_kept(now=EARLY)) == ({"hana": "seated", "kosuke": "seated"}, 1)


def test_whoever_answered_before_the_number_was_set_is_counted(make_session, old, hana, ken) -> None:
    session = make_session(starts_at=START, capacity=4, published_at=EARLY)
    for member in (hana, ken):
        say(session, member, Partstat.ACCEPTED, EARLY)
    session.keep_for_newcomers(2, now=EARLY)
    assert (session.seats_new, session.seats_kept(now=EARLY)) == (1, 1)


def test_in_another_series_one_is_new_again(make_session, old, hana, series) -> None:
    other = Series.objects.create(slug="other", name="勉強会", starts_on=START.date(), at=series.at)
    session = make_session(series=other, starts_at=START, capacity=1, published_at=EARLY, seats_for_new=1)
    say(session, hana, Partstat.ACCEPTED, EARLY)
    assert stand(session) == {"hana": "seated"}


def test_sessions_made_ahead_keep_what_their_series_says(series, now) -> None:
    Series.objects.update(seats_for_new=4)
    made = making.make_ahead(Series.objects.get(), now=now)
    assert {session.seats_for_new for session in made} == {4}


def test_the_number_of_a_series_is_that_of_all_its_mornings_to_come(series, make_session, kosuke) -> None:
    past, one = make_session(starts_at=NOW() - timedelta(days=9)), make_session()
    draft = make_session(published_at=None)
    passing_on.choose(series, "offer", 3, 0, now=NOW(), actor=kosuke)
    kept = dict(Session.objects.values_list("pk", "seats_for_new"))
    assert kept == {past.pk: 0, one.pk: 3, draft.pk: 3}


@pytest.fixture
def page(make_session, old) -> Callable[..., str]:
    """The page of a morning in ten days with two seats for newcomers of two left."""
    session = make_session(capacity=3, seats_for_new=2)
    say(session, old[1], Partstat.ACCEPTED, NOW())
    return lambda client: client.get(session.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("who", "button"), [("hana", "キャンセル待ちに入る"), ("ken", "参加する"), ("", "参加する")])
def test_the_page_says_what_is_kept_and_offers_what_this_reader_may_have(
    page, client, hana, ken, who: str, button: str
) -> None:
    if who:
        client.force_login({"hana": hana, "ken": ken}[who])
    shown = page(client)
    assert "まで2席をとってあります。" in shown
    offered = [word for word in ("キャンセル待ちに入る", "参加する") if f">{word}<" in shown]
    assert offered == [button]
    waits = button == "キャンセル待ちに入る"
    told = ("はじめての方の席のみ" in shown, "お待ちの方に順番に回ります。" in shown, "満席" in shown)
    assert told == (waits, waits, False)


def test_answering_with_seats_kept_takes_no_more_statements(client, make_session, old, ken) -> None:
    session = make_session(capacity=3, seats_for_new=1)
    client.force_login(ken)
    address = reverse("session_rsvp", args=[session.code])
    numbers = [
        statements(lambda answer=answer: client.post(address, {"partstat": answer}))
        for answer in ("ACCEPTED", "DECLINED", "ACCEPTED")
    ]
    assert (max(number for _status, number in numbers) <= 9, {status for status, _n in numbers}) == (True, {302}), (
        numbers
    )


def test_a_crowd_of_regulars_never_sits_on_kept_seats(make_session) -> None:
    people = crowd(12)
    came(make_session(starts_at=NOW() - timedelta(days=30)), people[:8])
    session = make_session(capacity=8, seats_for_new=4)
    for member in people:
        say(session, member, Partstat.ACCEPTED, NOW())
    seated = list(session.rsvps.seated().values_list("is_new", flat=True))
    assert (seated.count(True), seated.count(False), session.rsvps.waiting().count()) == (4, 4, 4)
