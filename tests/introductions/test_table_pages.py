from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Details, Session
from introductions import seating
from introductions.table_seats import TableSeat
from members.models import Block, Member
from tests.events.pages import crowd, seat, statements, text


@pytest.fixture
def session(make_session: Callable[..., Session], now: datetime) -> Session:
    return make_session(starts_at=now + timedelta(hours=2))


@pytest.fixture
def host(client: Client, kosuke: Member) -> Client:
    client.force_login(kosuke)
    return client


def url(session: Session, noun: str = "") -> str:
    return f"/sessions/{session.code}/tables/{noun}"


def test_one_tap_plans_the_tables_and_the_page_shows_names_readings_and_trades(host, session, hana) -> None:
    seat(session, [hana, *crowd(9)])
    page = text(host, url(session))
    assert ("10人の席割りを決める" in page, "table-plan" in page) == (True, False)
    response = host.post(url(session, "plan/"))
    assert (response.status_code, response["Location"]) == (302, url(session))
    page = text(host, url(session))
    for words in ("卓 <b>1</b>", "卓 <b>2</b>", "<ruby>hana<rt>はな</rt></ruby>", "食品の流通", "組</small>"):
        assert words in page
    assert (page.count('class="table-plan__plate '), page.count('class="table-plan__move')) == (10, 10)
    assert 'aria-label="1番の卓、5人、' in page


def test_the_host_reads_who_leaves_early(host, session, hana) -> None:
    seat(session, [hana, *crowd(9)])
    host.post(url(session, "plan/"))
    assert "早めに退席" not in text(host, url(session))
    Details.objects.create(rsvp=session.rsvps.get(member=hana), near_door=True)
    page = text(host, url(session))
    assert page.count("早めに退席") == 1
    assert "早めに退席" not in text(host, url(session, "screen/"))


def test_on_a_big_screen_stand_names_and_numbers_alone(host, session, hana) -> None:
    seat(session, [hana, *crowd(9)])
    assert "テーブルはまだ決まっていません" in text(host, url(session, "screen/"))
    host.post(url(session, "plan/"))
    assert statements(lambda: host.get(url(session, "screen/"))) == (200, 10)
    page = text(host, url(session, "screen/"))
    held = [words in page for words in ("卓 <b>1</b>", "卓 <b>2</b>", "<ruby>hana<rt>はな</rt></ruby>")]
    assert (held, "食品の流通" in page, "<form" in page) == ([True] * 3, False, False)


def test_somebody_is_moved_by_a_small_form_and_stays_there(host, session) -> None:
    seat(session, crowd(10))
    host.post(url(session, "plan/"))
    chair = seating.chairs(session)[0]
    page = text(host, f"{url(session)}?who={chair.key}")
    assert f'<option value="{chair.key}" selected>' in page
    host.post(url(session, "seats/"), {"who": chair.key, "table": 3})
    moved = TableSeat.objects.get(rsvp__pk=chair.key[1:])
    assert (moved.table_no, moved.pinned_at is not None) == (3, True)
    assert "手で決めた席" in text(host, url(session))


def test_a_table_that_does_not_do_is_refused_in_words_that_tell_nothing(host, session) -> None:
    one, other = people = crowd(2)
    seat(session, people)
    Block.objects.create(member=one, other=other)
    first, second = seating.chairs(session)
    host.post(url(session, "seats/"), {"who": first.key, "table": 1})
    response = host.post(url(session, "seats/"), {"who": second.key, "table": 1})
    page = response.content.decode()
    assert (response.status_code, "この卓には移せません。ほかの卓をお選びください。" in page) == (409, True)
    assert f'<option value="{second.key}" selected>' in page


@pytest.mark.parametrize("sent", [{}, {"who": "r1", "table": "x"}, {"who": "r1", "table": "-1"}])
def test_a_form_of_the_wrong_shape_changes_nothing(host, session, sent) -> None:
    assert (host.post(url(session, "seats/"), sent).status_code, TableSeat.objects.count()) == (422, 0)


def test_nobody_yet_is_said_kindly(host, session) -> None:
    assert "まだどなたも席を取っていません。" in text(host, url(session))


def test_the_pairs_that_meet_for_the_first_time_are_counted(host, session, make_session) -> None:
    people = crowd(4)
    seat(session, people)
    past = make_session(starts_at=timezone.now() - timedelta(days=30), roster_closed_at=timezone.now())
    past.attendances.bulk_create([past.attendances.model(session=past, member=one) for one in people[:2]])
    for one in people[:2]:
        rsvp = past.rsvps.create(member=one, partstat="ACCEPTED", seated_at=timezone.now())
        past.table_seats.create(rsvp=rsvp, table_no=1)
    host.post(url(session, "plan/"))
    assert "<dd>5<small>/6組</small></dd>" in text(host, url(session))


def test_the_page_costs_the_same_with_ten_and_with_forty_people(host, session) -> None:
    costs = []
    host.get("/about/")  # the club itself is remembered
    for number in (10, 30):
        seat(session, crowd(number))
        seating.plan(session, now=timezone.now(), actor=None)
        costs.append(statements(lambda: host.get(url(session))))
    assert costs == [(200, 11), (200, 11)]
