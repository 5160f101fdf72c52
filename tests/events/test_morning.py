from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client

from events import this_morning
from events.links import answer_link
from events.models import Partstat, Rsvp, Session
from events.pages.morning import running
from events.pages.session import schedule
from events.this_morning import LookFor, Word
from members.models import Member
from tests.events.pages import statements, text

PROGRAMME = "6:40 開場\n7:00 朝ごはん\n7:15 お話\n8:20 解散"


@pytest.fixture
def begins(now: datetime) -> datetime:
    return now + timedelta(minutes=30)


@pytest.fixture
def session(make_session: Callable[..., Session], begins: datetime) -> Session:
    """A morning that begins in half an hour."""
    return make_session(starts_at=begins, number=37, programme=PROGRAMME)


@pytest.fixture
def guest(client: Client, session: Session, hana: Member, now: datetime) -> Client:
    """hana, who has a seat."""
    session.rsvp(hana, Partstat.ACCEPTED, now=now)
    client.force_login(hana)
    return client


def url(session: Session, noun: str = "morning") -> str:
    return f"/sessions/{session.code}/{noun}/"


def late(session: Session, member: Member) -> int | None:
    return Rsvp.objects.get(session=session, member=member).late_minutes


# When it is on


@pytest.mark.parametrize(
    ("minutes", "on"), [(-13 * 60 - 1, False), (-13 * 60, True), (0, True), (79, True), (80, False)]
)
def test_it_is_on_from_eighteen_hours_of_the_evening_before_until_the_end(make_session, minutes: int, on: bool) -> None:
    session = make_session()
    assert this_morning.is_on(session, now=session.local_start + timedelta(minutes=minutes)) == on


def test_a_morning_that_is_not_on_has_no_page(make_session, now) -> None:
    cancelled = make_session(starts_at=now, cancelled_at=now, cancel_reason="台風のため")
    draft = make_session(starts_at=now, published_at=None)
    assert [this_morning.is_on(one, now=now) for one in (cancelled, draft)] == [False, False]


def test_before_and_after_it_leads_to_the_sessions_page(guest: Client, session: Session, now: datetime) -> None:
    assert guest.get(url(session)).status_code == 200
    for start in (now + timedelta(days=3), now - timedelta(days=1)):
        session.starts_at = start
        session.save()
        response = guest.get(url(session))
        assert (response.status_code, response["Location"]) == (302, session.get_absolute_url())


def test_the_sessions_page_leads_there_for_whoever_has_a_seat(guest, session, kosuke, ken, now) -> None:
    seen = {}
    for member in (session.rsvps.get().member, kosuke, ken):
        guest.force_login(member)
        seen[member.name] = url(session) in text(guest, session.get_absolute_url())
    assert seen == {"hana": True, "kosuke": True, "ken": False}


# Who may see it


def test_who_waits_or_declined_or_never_answered_does_not_find_it(client, make_session, begins, hana, ken, now) -> None:
    session = make_session(starts_at=begins, capacity=1)
    session.rsvp(hana, Partstat.ACCEPTED, now=now)
    session.rsvp(ken, Partstat.ACCEPTED, now=now)
    client.force_login(ken)
    assert client.get(url(session)).status_code == 404
    session.rsvp(hana, Partstat.DECLINED, now=now)
    client.force_login(hana)
    assert client.get(url(session)).status_code == 404


# What stands there


def test_the_page_answers_what_counts_at_the_station(guest: Client, session: Session) -> None:
    session.venue.map_url, session.venue.phone = "https://example.com/map", "090-0000-0000"
    session.venue.save()
    page = text(guest, url(session))
    words = (
        "喫茶みなと",
        'かもめ区<span class="nowrap">1-2-3</span>',
        "横の木戸を二回たたいてください",
        "2,000円",
        "入口でkosukeさんがお待ちしています",
    )
    for word in (*words, 'href="https://example.com/map"', "date-block--dawn", "<time>7:15</time><span>お話"):
        assert word in page
    assert (page.count("button--act"), 'content="noindex"' in page) == (1, True)


def test_the_phone_is_there_on_the_day_only(guest: Client, session: Session) -> None:
    session.starts_at = session.local_start.replace(hour=7, minute=0) + timedelta(days=2)
    session.save()
    session.venue.phone = "090-0000-0000"
    session.venue.save()
    seen = []
    for before in (timedelta(hours=8), timedelta(minutes=20)):
        with time_machine.travel(session.starts_at - before, tick=False):
            page = text(guest, url(session))
        seen.append(
            ("明日の朝、お待ちしています。" in page, "おはようございます。" in page, "tel:090-0000-0000" in page)
        )
    assert seen == [(True, False, False), (False, True, True)]


def clock(session: Session, hour: int, minute: int, *, days: int = 0) -> datetime:
    return session.local_start.replace(hour=hour, minute=minute) + timedelta(days=days)


@pytest.mark.parametrize(
    ("hour", "minute", "days", "marks"),
    [
        (23, 0, -1, "...."),
        (6, 39, 0, "...."),
        (6, 40, 0, "n..."),
        (7, 14, 0, "on.."),
        (7, 15, 0, "oon."),
        (9, 0, 0, "ooon"),
    ],
)
def test_the_line_that_is_on_is_marked(make_session, hour, minute, days, marks) -> None:
    session = make_session()
    items = running(schedule(PROGRAMME), session, now=clock(session, hour, minute, days=days))
    signs = {(False, False): ".", (False, True): "n", (True, False): "o"}
    assert "".join(signs[item.is_over, item.is_now] for item in items) == marks


def test_a_line_without_a_time_is_never_the_one_that_is_on(make_session) -> None:
    session = make_session()
    items = running(schedule("7:00 朝ごはん\n本も売ります"), session, now=clock(session, 8, 0))
    assert [item.is_now for item in items] == [True, False]


def test_a_table_and_whom_to_look_for_are_told_by_who_knows(guest, session, hana, monkeypatch) -> None:
    page = text(guest, url(session))
    assert ("会ってみたい方" in page, "morning__table" in page) == (False, False)
    ken = LookFor(
        "桐谷 健", "きりたに けん", "", "統計", "食品の流通を知りたい方です。", "いちばん足の速い品は何ですか。"
    )
    monkeypatch.setattr(this_morning, "_providers", [lambda _s, _m: Word(3, 5), lambda _s, _m: Word(look_for=[ken])])
    page = text(guest, url(session))
    for words in (
        "卓 <b>3</b>",
        "5人",
        "会ってみたい方",
        "食品の流通を知りたい方です。",
        "いちばん足の速い品は何ですか。",
    ):
        assert words in page


def test_an_evening_is_greeted_as_one(make_session, client, hana) -> None:
    start = datetime.fromisoformat("2026-12-10T19:00:00+09:00")
    evening = make_session(starts_at=start, title="夜の一杯")
    evening.rsvp(hana, Partstat.ACCEPTED, now=start - timedelta(days=9))
    heads = []
    for before in (timedelta(hours=24), timedelta(minutes=30)):
        with time_machine.travel(start - before, tick=False):
            client.force_login(hana)
            page = text(client, url(evening))
            heads += [page.split("<title>")[1][:4], page.split("<h1>")[1].split("</h1>")[0]]
    assert heads == ["夜の一杯", "明日、お待ちしています。", "夜の一杯", "本日、お待ちしています。"]


# I am late


def test_i_am_late_is_one_tap_and_the_door_sees_it(guest, session, hana, kosuke, now) -> None:
    response = guest.post(url(session, "lateness"), {"minutes": "20"})
    assert (response.status_code, response["Location"], late(session, hana)) == (302, url(session), 20)
    assert "20分おくれると伝えました。" in text(guest, url(session))
    guest.force_login(kosuke)
    assert "20分おくれ</span>" in text(guest, url(session, "roster"))
    assert "20分おくれ</span>" in text(guest, url(session))


def test_who_has_no_account_says_so_by_the_link_of_the_mail(client, session, hana, kosuke, now) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=now)
    link = answer_link(hana, session).removeprefix("http://localhost:8000").removeprefix("http://localhost")
    assert f'action="{link}"' in text(client, link)
    assert (client.post(link, {"minutes": "20"})["Location"], late(session, hana)) == (link, 20)
    assert "20分おくれると伝えました。" in text(client, link)
    client.post(link, {"minutes": "0"})
    assert late(session, hana) is None
    assert client.post(link, {"minutes": "15"}).status_code == 422
    session.rsvp(hana, Partstat.DECLINED, now=now)
    client.post(link, {"minutes": "20"})
    assert ("minutes" in text(client, link), late(session, hana)) == (False, None)


def test_days_before_the_link_of_the_mail_asks_nobody_whether_they_are_late(client, make_session, hana, now) -> None:
    session = make_session()
    session.rsvp(hana, Partstat.ACCEPTED, now=now)
    link = answer_link(hana, session).removeprefix("http://localhost:8000").removeprefix("http://localhost")
    assert 'name="minutes"' not in text(client, link)
    assert (client.post(link, {"minutes": "10"}).status_code, late(session, hana)) == (302, None)


def test_the_last_word_counts_and_on_time_after_all_takes_it_back(guest, session, hana) -> None:
    said = []
    for minutes in ("10", "30", "0"):
        guest.post(url(session, "lateness"), {"minutes": minutes})
        said.append(late(session, hana))
    assert said == [10, 30, None]


def test_saying_the_same_again_keeps_the_time_it_was_said(session, hana, now) -> None:
    rsvp = session.rsvp(hana, Partstat.ACCEPTED, now=now)
    rsvp.tell_late(20, now=now)
    rsvp.tell_late(20, now=now + timedelta(minutes=5))
    rsvp.refresh_from_db()
    assert (rsvp.late_minutes, rsvp.late_at) == (20, now)


@pytest.mark.parametrize("sent", [{}, {"minutes": "15"}, {"minutes": "x"}])
def test_another_number_is_refused_with_a_sentence(guest, session, hana, sent) -> None:
    response = guest.post(url(session, "lateness"), sent)
    assert (response.status_code, late(session, hana)) == (422, None)
    assert "何分くらいおくれるか、お選びください。" in response.content.decode()


def test_days_before_nobody_is_late_yet(client, make_session, hana, now) -> None:
    session = make_session()
    session.rsvp(hana, Partstat.ACCEPTED, now=now)
    client.force_login(hana)
    assert (client.post(url(session, "lateness"), {"minutes": "10"}).status_code, late(session, hana)) == (302, None)


def test_without_a_seat_there_is_nothing_to_be_late_for(client, session, kosuke) -> None:
    client.force_login(kosuke)
    assert client.post(url(session, "lateness"), {"minutes": "10"}).status_code == 404
    assert url(session, "lateness") not in text(client, url(session))


# I cannot come


def test_i_cannot_come_gives_the_seat_back_and_forgets_the_lateness(guest, session, hana) -> None:
    guest.post(url(session, "lateness"), {"minutes": "10"})
    assert f'action="{url(session, "rsvp")}"' in text(guest, url(session))
    guest.post(url(session, "rsvp"), {"partstat": "DECLINED"})
    session.refresh_from_db()
    assert (session.seats_taken, late(session, hana), guest.get(url(session)).status_code) == (0, None, 404)


def test_once_it_has_begun_the_seat_is_no_longer_given_back(guest, session, now) -> None:
    Session.objects.filter(pk=session.pk).update(starts_at=now - timedelta(minutes=5))
    page = text(guest, url(session))
    assert ("はじまっています。" in page, url(session, "rsvp") in page) == (True, False)


def test_lateness_without_a_seat_is_no_state_of_the_database(session, hana, now) -> None:
    rsvp = session.rsvp(hana, Partstat.ACCEPTED, now=now)
    with pytest.raises(IntegrityError, match="rsvp_late_only_with_a_seat"):
        Rsvp.objects.filter(pk=rsvp.pk).update(seated_at=None, late_minutes=10, late_at=now)


def test_the_page_costs_the_same_for_one_and_for_many(guest, session, hana, person, now) -> None:
    guest.get("/about/")  # the club itself is remembered
    costs = [statements(lambda: guest.get(url(session)))]
    for n in range(20):
        session.rsvp(person(f"m{n}"), Partstat.ACCEPTED, now=now)
    costs.append(statements(lambda: guest.get(url(session))))
    assert costs == [(200, 9), (200, 9)]
