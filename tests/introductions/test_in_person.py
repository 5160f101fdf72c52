"""Before a morning the host reads whom to bring together by hand: the rules are those of every round."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from introductions import rounds
from introductions.models import Introduction
from introductions.pauses import Pause
from members.models import Block


@pytest.fixture
def coming(make_session, hana, ken, mallory, agree):
    """hana, ken and mallory have a seat tomorrow; hana and ken agreed."""
    session = make_session(starts_at=timezone.now() + timedelta(hours=19))
    for member in (hana, ken, mallory):
        session.rsvp(member, "ACCEPTED", now=timezone.now())
    agree(hana, ken)
    return session


def named(session) -> list[tuple[str, str]]:
    return [(one.first.name, one.second.name) for one in rounds.in_person(session, now=timezone.now())]


def test_those_who_agreed_and_have_a_seat_are_named_and_nothing_is_kept(coming) -> None:
    assert (named(coming), Introduction.objects.count()) == ([("hana", "ken")], 0)


@pytest.mark.parametrize("what", ["block", "rest", "declined", "introduced before"])
def test_what_keeps_two_from_a_round_keeps_them_from_the_sheet(coming, make_morning, hana, ken, what: str) -> None:
    now = timezone.now()
    if what == "block":
        Block.objects.create(member=ken, other=hana)
    elif what == "rest":
        Pause.take(hana, until=None, now=now)
    elif what == "declined":
        coming.rsvp(ken, "DECLINED", now=now)
    else:
        rounds.compute(make_morning(hana, ken, days=30), now=now)
    assert named(coming) == []


def test_five_pairs_at_most_nobody_in_two_the_best_first(make_session, person, agree) -> None:
    session = make_session(starts_at=timezone.now() + timedelta(hours=19))
    people = [person(f"n{n:02}", industry="EI"[n % 2]) for n in range(14)]
    agree(*people)
    for member in people:
        session.rsvp(member, "ACCEPTED", now=timezone.now())
    found = rounds.in_person(session, now=timezone.now())
    assert [one.value for one in found] == sorted((one.value for one in found), reverse=True)
    assert (len(found), len({one for row in found for one in (row.first_id, row.second_id)})) == (5, 10)


def test_the_host_reads_them_with_reasons_and_without_a_button(coming, kosuke) -> None:
    client = Client()
    client.force_login(kosuke)
    shown = client.get(f"/sessions/{coming.code}/introductions/").content.decode()
    words = ("その場でご紹介を", "hanaさんとkenさん", "hanaさんは「統計の読み方」を知りたい。", "この組はやめる")
    assert [word in shown for word in words] == [True, True, True, False]


@pytest.mark.parametrize("number", [2, 30])
def test_the_sheet_costs_the_same_for_two_and_for_thirty(
    make_session, person, agree, kosuke, number: int, django_assert_num_queries
) -> None:
    session = make_session(starts_at=timezone.now() + timedelta(hours=19), capacity=40)
    people = [person(f"n{n:02}", industry="EI"[n % 2]) for n in range(number)]
    agree(*people)
    for member in people:
        session.rsvp(member, "ACCEPTED", now=timezone.now())
    client = Client()
    client.force_login(kosuke)
    with django_assert_num_queries(15):
        client.get(f"/sessions/{session.code}/introductions/")
