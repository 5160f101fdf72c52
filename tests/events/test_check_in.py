"""The door, tap by tap: two hands at once, a line that breaks, a list that closes itself, and squares to scan."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from events import check_in, next_steps, roster
from events.links import door_link, square_link
from events.models import Attendance, Membership, Partstat, Session
from events.tasks import tick
from members.models import Activity, Member
from tests.events.pages import crowd, seat, text

# Thursday 10 December 2026, 7:00 in Tokyo.
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
AT_SEVEN, NOON = START, START + timedelta(hours=5)
LONG_AGO = START - timedelta(days=9)


@pytest.fixture
def morning(make_session, hana: Member, ken: Member) -> Session:
    """hana with a friend, and ken."""
    session = make_session(starts_at=START, published_at=LONG_AGO)
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=LONG_AGO)
    session.add_friend(hana, "青砥 和馬", yomi="あおと かずま", now=LONG_AGO)
    return session


@pytest.fixture
def door(series, mallory: Member) -> Member:
    """mallory stands at the door, and hosts nothing."""
    Membership.objects.create(series=series, member=mallory, role=Membership.Role.DOOR)
    return mallory


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def tap(session: Session, key: str, *, here: bool = True, now: datetime = AT_SEVEN, **named) -> None:
    check_in.mark(session, key, here=here, now=now, actor=None, **named)


def here(session: Session) -> list[str]:
    return sorted(place.name for place in roster.places(session) if place.is_here)


def friend_key(session: Session) -> str:
    return f"f{session.rsvps.get(companions__isnull=False).companions.get().pk}"


# Marking


def test_one_tap_marks_one_person_and_another_takes_it_back(morning: Session, hana, ken) -> None:
    tap(morning, f"m{hana.pk}")
    tap(morning, friend_key(morning))
    tap(morning, f"m{ken.pk}")
    tap(morning, f"m{ken.pk}", here=False, now=AT_SEVEN + timedelta(minutes=1))
    assert here(morning) == ["hana", "青砥 和馬"]
    assert Attendance.objects.get(name="青砥 和馬").introduced_by == hana


def test_a_tap_that_is_sent_twice_counts_once(morning: Session, hana) -> None:
    key, again = uuid4(), AT_SEVEN + timedelta(minutes=1)
    tap(morning, f"m{hana.pk}", tap=key)
    tap(morning, f"m{hana.pk}", tap=key, now=again)
    assert Attendance.objects.get().marked_at == AT_SEVEN
    other = uuid4()
    for now in (AT_SEVEN, again):
        check_in.walk_in(morning, "水無瀬 健吾", tap=other, now=now, actor=None)
    assert Attendance.objects.filter(name="水無瀬 健吾").count() == 1


def test_of_two_taps_the_later_holds_in_whatever_order_they_arrive(morning: Session, hana) -> None:
    """A phone without a line marked hana at 6:50 and sends it at 7:00; the other had corrected it at 6:55."""
    at = [AT_SEVEN - timedelta(minutes=minutes) for minutes in (10, 5)]
    tap(morning, f"m{hana.pk}", at=AT_SEVEN - timedelta(minutes=20))
    tap(morning, f"m{hana.pk}", here=False, at=at[1])
    tap(morning, f"m{hana.pk}", here=True, at=at[0])
    assert here(morning) == []


def test_a_phone_is_not_believed_about_the_future(morning: Session, hana) -> None:
    tap(morning, f"m{hana.pk}", at=AT_SEVEN + timedelta(days=1))
    assert Attendance.objects.get().marked_at == AT_SEVEN


def test_a_walk_in_who_was_a_mistake_is_struck_out(morning: Session) -> None:
    row = check_in.walk_in(morning, "水無瀬 健吾", yomi="みなせ けんご", now=AT_SEVEN, actor=None)
    assert here(morning) == ["水無瀬 健吾"]
    tap(morning, f"w{row.pk}", here=False)
    assert Attendance.objects.count() == 0


def codes(session: Session, now: datetime, key: str) -> str:
    with pytest.raises(roster.RosterError) as refused:
        tap(session, key, now=now)
    return str(refused.value.code)


def test_taps_are_taken_from_two_hours_before_until_it_is_closed(morning: Session, hana, ken) -> None:
    key = f"m{ken.pk}"
    assert codes(morning, START - timedelta(hours=2, seconds=1), key) == "early"
    tap(morning, f"m{hana.pk}", now=START - timedelta(hours=2))
    roster.close(morning, absent={key}, now=AT_SEVEN, actor=None)
    assert codes(morning, AT_SEVEN, key) == "closed"


@pytest.mark.parametrize("key", ["m999999", "f999999", "w999999", "x1", "m", "m１", "mm", "m99999999999999999999"])
def test_who_is_not_on_the_list_is_not_marked(morning: Session, key: str) -> None:
    assert (codes(morning, AT_SEVEN, key), Attendance.objects.count()) == ("gone", 0)


def test_a_member_who_only_waits_is_not_marked_by_a_forged_tap(morning: Session, mallory: Member) -> None:
    morning.set_capacity(3, now=LONG_AGO)
    assert morning.rsvp(mallory, Partstat.ACCEPTED, now=LONG_AGO).is_waiting
    assert codes(morning, AT_SEVEN, f"m{mallory.pk}") == "gone"


def test_whom_the_door_has_marked_came_whatever_an_old_page_says(morning: Session, hana, ken) -> None:
    tap(morning, f"m{ken.pk}")
    roster.close(morning, absent={f"m{ken.pk}", f"m{hana.pk}"}, now=AT_SEVEN + timedelta(hours=1), actor=None)
    rows = {row.member: (row.status, row.marked_at) for row in Attendance.objects.exclude(member=None)}
    assert rows == {ken: ("came", AT_SEVEN), hana: ("absent", AT_SEVEN + timedelta(hours=1))}


@pytest.mark.django_db(transaction=True)
def test_two_at_the_door_at_once_do_not_disturb_each_other(make_session: Callable[..., Session]) -> None:
    """Each marks twenty people, half of them the same, on real connections."""
    session, people = make_session(starts_at=START, published_at=LONG_AGO, capacity=40), crowd(30)
    seat(session, people)
    gate = Barrier(2)

    def stand(some: list[Member]) -> None:
        gate.wait()
        for one in some:
            tap(Session.objects.get(pk=session.pk), f"m{one.pk}", tap=uuid4())
        connection.close()

    hands = [Thread(target=stand, args=[some]) for some in (people[:20], people[10:])]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert (len(here(session)), Attendance.objects.count()) == (30, 30)


# Closing itself


def closed(session: Session, now: datetime) -> bool:
    check_in.close_left_open(now=now)
    session.refresh_from_db()
    return session.roster_closed_at is not None


def test_left_open_it_closes_itself_at_noon_with_what_was_marked(morning: Session, hana, ken) -> None:
    tap(morning, f"m{hana.pk}")
    assert [closed(morning, now) for now in (NOON - timedelta(seconds=1), NOON)] == [False, True]
    rows = sorted((place.name, place.row.status) for place in roster.places(morning))
    assert rows == [("hana", "came"), ("ken", "absent"), ("青砥 和馬", "absent")]
    assert list(Activity.objects.values_list("verb", "actor", "detail")) == [
        ("roster.close", None, {"came": 1, "absent": 2})
    ]


def test_where_nothing_was_marked_it_stays_open_and_the_host_is_asked(morning: Session) -> None:
    assert closed(morning, NOON + timedelta(hours=3)) is False
    steps = next_steps.of([morning], now=NOON + timedelta(hours=3))
    assert [(step.what, step.url) for step in steps] == [("どなたが来ましたか", f"/sessions/{morning.code}/roster/")]


def test_who_begins_to_mark_in_the_afternoon_is_not_cut_off(morning: Session, hana, ken) -> None:
    assert closed(morning, NOON) is False
    tap(morning, f"m{hana.pk}", now=NOON + timedelta(hours=1))
    assert closed(morning, NOON + timedelta(hours=1, minutes=1)) is False
    tap(morning, f"m{ken.pk}", now=NOON + timedelta(hours=1, minutes=2))
    assert [closed(morning, NOON + timedelta(hours=hours)) for hours in (23, 24)] == [False, True]
    assert here(morning) == ["hana", "ken"]


def test_an_evening_closes_itself_at_the_noon_of_the_next_day(make_session, hana) -> None:
    evening = make_session(starts_at=START + timedelta(hours=12), published_at=LONG_AGO)
    evening.rsvp(hana, Partstat.ACCEPTED, now=LONG_AGO)
    tap(evening, f"m{hana.pk}", now=evening.starts_at)
    at = datetime(2026, 12, 11, 3, 0, tzinfo=UTC)
    assert [closed(evening, now) for now in (at - timedelta(seconds=1), at)] == [False, True]


def test_opened_again_it_closes_itself_at_the_noon_after_that(morning: Session, hana, kosuke) -> None:
    tap(morning, f"m{hana.pk}")
    roster.close(morning, now=AT_SEVEN + timedelta(hours=1), actor=kosuke)
    roster.reopen(morning, now=NOON + timedelta(hours=1), actor=kosuke)
    assert [closed(morning, NOON + timedelta(hours=hours)) for hours in (2, 23, 24)] == [False, False, True]


@pytest.mark.parametrize(
    ("hours", "marked", "said"),
    [
        (0, 0, "12:00に"),
        (6, 6, "12月11日(金) 12:00に"),
        (6, None, "12月11日(金) 12:00に"),
        (24 * 14, None, ""),
        (-24, None, "12月10日(木) 12:00に"),
    ],
)
def test_the_open_list_says_at_which_noon_it_closes_itself(
    client: Client, morning: Session, hana, kosuke, hours: int, marked: int | None, said: str
) -> None:
    now = START + timedelta(hours=hours, minutes=90)
    if marked is not None:
        tap(morning, f"m{hana.pk}", now=START + timedelta(hours=marked))
    with time_machine.travel(now, tick=False):
        client.force_login(kosuke)
        page = text(client, f"/sessions/{morning.code}/roster/")
    found = page.partition("開いたままでも、")[2].partition("、印のとおりに締まります")[0]
    assert found == said


def test_the_tick_closes_it(morning: Session, hana) -> None:
    tap(morning, f"m{hana.pk}")
    with time_machine.travel(NOON, tick=False):
        tick()
    morning.refresh_from_db()
    assert morning.roster_closed_at == NOON


# The page


@time_machine.travel(AT_SEVEN, tick=False)
def test_the_page_marks_without_a_script_and_leads_back_to_the_person(morning: Session, door: Member, ken) -> None:
    page = f"/sessions/{morning.code}/roster/"
    response = of(door).post(f"{page}marks/", {"here": f"m{ken.pk}"})
    assert (response.status_code, response["Location"]) == (302, f"{page}#m{ken.pk}")
    assert (here(morning), Attendance.objects.get().marked_by) == (["ken"], door)
    shown = text(of(door), page)
    assert (shown.count('aria-pressed="true"'), "<b data-here>1</b>" in shown, shown.count(" checked>")) == (1, True, 2)


@time_machine.travel(AT_SEVEN, tick=False)
def test_the_script_is_answered_with_who_is_here(morning: Session, door: Member, ken) -> None:
    client, marks = of(door), f"/sessions/{morning.code}/roster/marks/"
    json = {"accept": "application/json"}
    sent = {"here": f"m{ken.pk}", "tap": str(uuid4()), "age": "60000"}
    expected = {"closed": False, "here": {f"m{ken.pk}": "6:59"}}
    assert client.post(marks, sent, headers=json).json() == expected
    assert client.get(marks, headers=json).json() == expected
    refused = client.post(marks, {"here": "m999999"}, headers=json)
    assert (refused.status_code, refused.json()["error"]) == (409, "この方は、もう名簿にありません。")
    assert client.post(marks, {"here": "m1", "gone": "m1"}, headers=json).status_code == 422
    roster.close(morning, now=timezone.now(), actor=None)
    assert client.post(marks, sent, headers=json).json()["closed"] is True


@time_machine.travel(AT_SEVEN, tick=False)
@pytest.mark.parametrize("query", ["アオト", "あおと", "青砥", "aoto"])
def test_people_are_found_by_name_and_reading_without_a_script(morning: Session, door: Member, query: str) -> None:
    shown = text(of(door), f"/sessions/{morning.code}/roster/?q={query}")
    assert shown.count("data-key=") == 1
    assert f'data-key="{friend_key(morning)}"' in shown


@time_machine.travel(AT_SEVEN, tick=False)
@pytest.mark.parametrize("people", [1, 30])
def test_a_tap_costs_the_same_in_a_full_room(
    make_session, door: Member, people: int, django_assert_num_queries
) -> None:
    session, members = make_session(starts_at=START, published_at=LONG_AGO, capacity=40), crowd(people)
    seat(session, members)
    client = of(door)
    with django_assert_num_queries(10):
        client.post(
            f"/sessions/{session.code}/roster/marks/",
            {"here": f"m{members[0].pk}"},
            headers={"accept": "application/json"},
        )


# Squares


def path(link: str) -> str:
    return link.removeprefix(settings.SITE_URL)


@time_machine.travel(AT_SEVEN, tick=False)
def test_a_scanned_square_shows_the_door_who_it_is_and_one_tap_checks_in(morning: Session, door: Member, hana) -> None:
    client, scanned = of(door), path(door_link(hana))
    shown = text(client, scanned)
    assert ("hana" in shown, "青砥 和馬" in shown, here(morning)) == (True, True, [])
    response = client.post(scanned, {"session": morning.code})
    assert response["Location"] == f"/sessions/{morning.code}/roster/#m{hana.pk}"
    assert (here(morning), "7:00 に来ました" in text(client, scanned)) == (["hana"], True)


@time_machine.travel(AT_SEVEN, tick=False)
def test_to_anybody_else_a_square_says_nothing_about_the_member(morning: Session, hana, ken, person) -> None:
    """hana's own phone, another member, a host of another series, nobody: real or not, the page is the same."""
    real, forged = path(door_link(hana)), f"/here/{hana.code}/{'x' * 43}/"
    for client in (Client(), of(hana), of(ken), of(person("yuki"))):
        pages = [text(client, url).replace(url, "") for url in (real, forged, "/here/nobody2345/x/")]
        assert pages[0] == pages[1] == pages[2].replace("/here/nobody2345/x/", "")
        assert "青砥" not in pages[0]
        assert client.post(real, {"session": morning.code}).status_code == 200
    assert here(morning) == []


@time_machine.travel(AT_SEVEN, tick=False)
def test_a_forged_square_or_one_made_void_shows_the_door_nobody(morning: Session, door: Member, hana) -> None:
    scanned = path(door_link(hana))
    Member.objects.filter(pk=hana.pk).update(link_version=99)
    for url in (scanned, f"/here/{hana.code}/{'x' * 43}/"):
        shown = text(of(door), url)
        assert ("無効になったQRコード" in shown, "hana" in shown) == (True, False)


@time_machine.travel(AT_SEVEN, tick=False)
def test_a_member_without_a_seat_is_checked_in_by_the_square_alone(morning: Session, door: Member, person) -> None:
    yuki = person("yuki")
    assert "申し込みなし" in text(of(door), path(door_link(yuki)))
    of(door).post(path(door_link(yuki)), {"session": morning.code})
    assert here(morning) == ["yuki"]
    roster.close(morning, now=timezone.now(), actor=None)
    assert Attendance.objects.get(member=yuki).status == "came"


def test_when_no_door_is_open_a_square_is_nothing_to_the_door_either(morning: Session, door: Member, hana) -> None:
    for now in (START - timedelta(hours=3), START + timedelta(days=2)):
        with time_machine.travel(now, tick=False):
            assert "hana" not in text(of(door), path(door_link(hana)))


@time_machine.travel(AT_SEVEN - timedelta(hours=1), tick=False)
def test_my_square_stands_on_my_page_and_says_what_the_door_reads(morning: Session, hana) -> None:
    link = path(square_link(hana, morning))
    assert link in text(of(hana), f"/sessions/{morning.code}/")
    assert link in text(of(hana), f"/sessions/{morning.code}/morning/")
    shown = text(Client(), link)
    assert ('class="badge__code"' in shown, "hana" in shown) == (True, True)
    Member.objects.filter(pk=hana.pk).update(link_version=99)
    assert Client().get(link).status_code == 404
