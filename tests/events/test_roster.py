"""Who really came: all but those named, once, and undone as long as nothing stands upon it."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from events import check_in, roster
from events.models import Attendance, Membership, Partstat, Session
from members.models import Activity, Member

Make = Callable[..., Session]


@pytest.fixture
def morning(make_session: Make, hana: Member, ken: Member) -> Session:
    """An hour ago: hana with a friend, and ken."""
    session = make_session()
    before = timezone.now()
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=before)
    session.add_friend(hana, "青砥 和馬", yomi="あおと かずま", now=before)
    return begun(session)


def begun(session: Session) -> Session:
    start = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(minutes=80))
    session.refresh_from_db()
    return session


def close(session: Session, **named) -> None:
    roster.close(session, now=timezone.now(), actor=None, **named)


def came_in(session: Session) -> Attendance:
    """Somebody without a seat."""
    return check_in.walk_in(session, "水無瀬 健吾", yomi="みなせ けんご", now=timezone.now(), actor=None)


def marks(session: Session) -> list[tuple[str, str, bool]]:
    rows = Attendance.objects.filter(session=session).select_related("member").order_by("pk")
    return [(row.member.name if row.member else row.name, row.status, row.first_time) for row in rows]


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_all_came_but_those_named_and_those_without_a_seat_came_too(morning: Session, hana, ken, now) -> None:
    friend = morning.rsvps.get(member=hana).companions.get()
    came_in(morning)
    close(morning, absent={f"m{ken.pk}"})
    assert sorted(marks(morning)) == [
        ("hana", "came", True),
        ("ken", "absent", False),
        ("水無瀬 健吾", "came", True),
        ("青砥 和馬", "came", True),
    ]
    brought = Attendance.objects.get(companion=friend)
    assert (brought.introduced_by, brought.yomi) == (hana, "あおと かずま")
    assert (morning.roster_closed_at is not None, morning.changed_at >= now) == (True, True)
    assert list(Activity.objects.values_list("verb", "target", "detail")) == [
        ("roster.close", f"session:{morning.code}", {"came": 3, "absent": 1})
    ]


def test_a_friend_can_be_absent_while_the_member_came(morning: Session, hana) -> None:
    friend = morning.rsvps.get(member=hana).companions.get()
    close(morning, absent={f"f{friend.pk}"})
    assert [(name, status) for name, status, _first in marks(morning)] == [
        ("青砥 和馬", "absent"), ("ken", "came"), ("hana", "came")
    ]  # fmt: skip


def test_who_only_waited_is_not_on_the_list(make_session: Make, hana, ken) -> None:
    session = make_session(capacity=1)
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=timezone.now())
    close(begun(session))
    assert marks(session) == [("hana", "came", True)]


def test_closing_twice_changes_nothing(morning: Session, ken) -> None:
    close(morning, absent={f"m{ken.pk}"})
    before, closed_at = marks(morning), morning.roster_closed_at
    close(Session.objects.get(pk=morning.pk), absent={f"m{ken.pk}"})
    morning.refresh_from_db()
    assert (marks(morning), morning.roster_closed_at, Activity.objects.count()) == (before, closed_at, 1)


def test_a_first_time_is_the_first_morning_one_came_to(morning: Session, make_session: Make, hana, ken) -> None:
    earlier = make_session(starts_at=timezone.now() - timedelta(days=30))
    Attendance.objects.create(session=earlier, member=hana)
    Attendance.objects.create(session=earlier, member=ken, status="absent")
    later = make_session(starts_at=timezone.now() - timedelta(minutes=10))
    Attendance.objects.create(session=later, member=ken)
    Attendance.objects.create(session=earlier, name="青砥 和馬")
    close(morning)
    assert marks(morning) == [("青砥 和馬", "came", False), ("ken", "came", True), ("hana", "came", False)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "early"),
        ({"published_at": None, "starts_at": timezone.now() - timedelta(hours=1)}, "off"),
        (
            {"cancelled_at": timezone.now(), "cancel_reason": "台風", "starts_at": timezone.now() - timedelta(hours=1)},
            "off",
        ),
    ],
)
def test_a_list_is_closed_only_where_people_met(make_session: Make, fields, code: str) -> None:
    session = make_session(**fields)
    with pytest.raises(roster.RosterError) as refused:
        close(session)
    assert refused.value.code == code
    assert (Attendance.objects.count(), session.roster_closed_at) == (0, None)


def test_the_list_can_be_opened_again_and_keeps_its_marks(morning: Session, kosuke, ken) -> None:
    came_in(morning)
    close(morning, absent={f"m{ken.pk}"})
    roster.reopen(morning, now=timezone.now(), actor=kosuke)
    assert morning.roster_closed_at is None
    assert [place.name for place in roster.places(morning) if place.is_absent] == ["ken"]
    assert [place.name for place in roster.places(morning) if place.is_walk_in] == ["水無瀬 健吾"]
    close(morning)
    assert sorted((name, status) for name, status, _first in marks(morning)) == [
        ("hana", "came"), ("ken", "came"), ("水無瀬 健吾", "came"), ("青砥 和馬", "came")
    ]  # fmt: skip
    assert [row.verb for row in Activity.objects.order_by("pk")] == ["roster.close", "roster.reopen", "roster.close"]


def test_a_settled_list_stays_closed(morning: Session, kosuke) -> None:
    close(morning)
    roster.settle(morning, now=timezone.now())
    with pytest.raises(roster.RosterError, match="名簿は締めたままです"):
        roster.reopen(morning, now=timezone.now(), actor=kosuke)
    morning.refresh_from_db()
    assert morning.roster_closed_at is not None


def test_an_open_list_cannot_be_settled(morning: Session) -> None:
    with pytest.raises(roster.RosterError, match="また開いています"):
        roster.settle(morning, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_make_one_list(morning: Session) -> None:
    gate = Barrier(4)

    def run() -> None:
        gate.wait()
        close(Session.objects.get(pk=morning.pk))
        connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Attendance.objects.count(), Activity.objects.count()) == (3, 1)


# The page


@pytest.fixture
def door(series, mallory: Member) -> Member:
    """mallory stands at the door, and hosts nothing."""
    Membership.objects.create(series=series, member=mallory, role=Membership.Role.DOOR)
    return mallory


def test_one_tap_says_that_all_came(morning: Session, door: Member) -> None:
    response = of(door).post(f"/sessions/{morning.code}/roster/closing/")
    assert (response.status_code, response["Location"]) == (302, f"/sessions/{morning.code}/roster/")
    assert [status for _name, status, _first in marks(morning)] == ["came"] * 3


def test_the_page_takes_ticks_and_those_without_a_seat(morning: Session, door: Member, ken) -> None:
    page = f"/sessions/{morning.code}/roster/"
    of(door).post(f"{page}walk-ins/", {"name": "水無瀬\u000b健吾", "yomi": "みなせ けんご"})
    of(door).post(f"{page}closing/", {"absent": [f"m{ken.pk}", "m999999"]})
    assert sorted((name, status) for name, status, _first in marks(morning)) == [
        ("hana", "came"), ("ken", "absent"), ("水無瀬 健吾", "came"), ("青砥 和馬", "came")
    ]  # fmt: skip


def test_what_was_typed_stays_when_a_name_is_missing(morning: Session, door: Member) -> None:
    response = of(door).post(f"/sessions/{morning.code}/roster/walk-ins/", {"name": "", "yomi": "みなせ"})
    page = response.content.decode()
    assert response.status_code == 422
    assert ("お名前もお書きください" in page, 'value="みなせ"' in page) == (True, True)
    assert Attendance.objects.count() == 0


def test_before_it_begins_what_was_ticked_stays_when_it_cannot_be_closed(session: Session, door: Member, ken) -> None:
    soon = timezone.now() + timedelta(minutes=5)
    Session.objects.filter(pk=session.pk).update(starts_at=soon, ends_at=soon + timedelta(hours=1))
    session.rsvp(ken, Partstat.ACCEPTED, now=timezone.now())
    response = of(door).post(f"/sessions/{session.code}/roster/closing/", {"absent": [f"m{ken.pk}"]})
    assert (response.status_code, Attendance.objects.count()) == (409, 0)


def test_before_the_morning_the_page_refuses_and_says_why(session: Session, door: Member) -> None:
    response = of(door).post(f"/sessions/{session.code}/roster/closing/")
    assert (response.status_code, "会が始まってから" in response.content.decode()) == (409, True)


def test_the_door_closes_but_only_a_host_opens_again(morning: Session, door: Member, kosuke: Member) -> None:
    of(door).post(f"/sessions/{morning.code}/roster/closing/")
    page, undo = f"/sessions/{morning.code}/roster/", f"/sessions/{morning.code}/roster/reopening/"
    assert [undo in of(one).get(page).content.decode() for one in (door, kosuke)] == [False, True]
    assert of(door).post(undo).status_code == 404
    assert Session.objects.get(pk=morning.pk).roster_closed_at is not None
    assert of(kosuke).post(undo).status_code == 302
    assert Session.objects.get(pk=morning.pk).roster_closed_at is None


def test_the_list_is_in_the_order_of_readings_and_marks_first_timers(morning: Session, kosuke: Member) -> None:
    page = of(kosuke).get(f"/sessions/{morning.code}/roster/").content.decode()
    names = ["青砥 和馬", "ken", "hana"]
    shown = [page.index(f'<span class="visually-hidden"> {name}さん') for name in names]
    assert (shown, page.count("はじめて</span>")) == (sorted(shown), 3)


@pytest.mark.parametrize(
    ("people", "closed", "queries"), [(1, False, 13), (30, False, 13), (1, True, 10), (30, True, 10)]
)
def test_the_page_costs_the_same_for_one_and_for_thirty(
    make_session: Make, person, kosuke: Member, people: int, closed: bool, queries: int, django_assert_num_queries
) -> None:
    session = make_session(capacity=60)
    for number in range(people):
        member = person(f"member{number}")
        session.rsvp(member, Partstat.ACCEPTED, now=timezone.now())
        session.add_friend(member, f"friend{number}", now=timezone.now())
    begun(session)
    if closed:
        close(session)
    client = of(kosuke)
    with django_assert_num_queries(queries):
        client.get(f"/sessions/{session.code}/roster/")


def test_marking_costs_the_same_for_thirty(make_session: Make, person, django_assert_num_queries) -> None:
    session = make_session(capacity=60)
    for number in range(30):
        session.rsvp(person(f"member{number}"), Partstat.ACCEPTED, now=timezone.now())
    begun(session)
    with django_assert_num_queries(11):
        close(session)


def test_marks_of_a_second_closing_are_not_thrown_away_in_silence(morning: Session, ken: Member) -> None:
    close(morning)
    with pytest.raises(roster.RosterError) as refused:
        close(morning, absent={f"m{ken.pk}"})
    assert refused.value.code == "closed"
    with pytest.raises(roster.RosterError) as refused:
        came_in(morning)
    assert refused.value.code == "closed"
