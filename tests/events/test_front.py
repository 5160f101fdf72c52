from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from events.models import Membership, OldSlug, Partstat, Series
from events.pages.creed import columns, upright
from events.terms import sentences
from speakers.models import Book, Speaker
from tests.events.pages import came, crowd, statements, talk, text

NOW = timezone.now
JOIN = "/series/breakfast/membership/"


def past(make_session, days: int, **fields):
    return make_session(starts_at=NOW() - timedelta(days=days), **fields)


def test_the_front_page_leads_to_the_next_morning_with_its_guest_and_book(client, club, session, sato) -> None:
    talk(session, sato)
    page = text(client, "/")
    assert page.count('class="button button--act"') == 1
    assert f'<a class="button button--act" href="/sessions/{session.code}/">参加する</a>' in page
    assert '<ruby>佐藤<rt>さとう</rt></ruby> <ruby>朝子<rt>あさこ</rt></ruby></a><span class="san">先生</span>' in page
    assert "『夜明けの帳場』佐藤 朝子 の表紙" in page


def test_where_the_next_morning_has_no_guest_the_next_guest_stands_beside_it(
    client, session, make_session, sato
) -> None:
    ahead = make_session(title="先の朝", starts_at=NOW() + timedelta(days=40))
    assert "次のゲスト" not in text(client, "/")
    talk(ahead, sato)
    page = text(client, "/")
    beside = page[page.index("next__ahead") : page.index('class="programme"')]
    for words in (
        "次のゲスト",
        "『夜明けの帳場』佐藤 朝子 の表紙",
        f'href="/sessions/{ahead.code}/" lang="ja">先の朝</a>',
    ):
        assert words in beside
    assert "次のゲスト" in text(client, "/series/breakfast/")
    talk(session, Speaker.objects.create(name="あすの人"))
    assert "次のゲスト" not in text(client, "/")


def test_the_later_mornings_say_whether_there_is_a_seat(client, session, make_session) -> None:
    later = NOW() + timedelta(days=40)
    make_session(title="満席の朝", starts_at=later, capacity=1, seats_taken=1)
    make_session(title="先の朝", starts_at=later + timedelta(days=1), capacity=9)
    make_session(title="中止の朝", starts_at=later, cancelled_at=NOW(), cancel_reason="台風")
    page = text(client, "/")
    assert [word in page for word in ("満席の朝", "満席</p>", "先の朝", "あと9席</p>", "中止の朝")] == [True] * 4 + [
        False
    ]


def test_a_seat_kept_too_long_for_a_visitor_is_free_in_the_lists_before_any_tick(client, session) -> None:
    session.set_capacity(2, now=NOW())
    session.hold("笹本 すみれ", "sumire@example.com", minutes=30, now=NOW())
    session.hold("水無瀬 健吾", "kengo@example.com", minutes=60, now=NOW())
    assert ("満席" in text(client, "/"), "1席" in text(client, "/")) == (True, False)
    with time_machine.travel(NOW() + timedelta(minutes=31), tick=False):
        for page in ("/", session.series.get_absolute_url()):
            assert "満席" not in text(client, page), page


def test_the_front_page_knows_my_seat(client, session, hana) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    client.force_login(hana)
    page = text(client, "/")
    assert ("あなたの席があります" in page, "button--act" in page) == (True, False)


def test_an_empty_front_page_invites_to_what_has_been_where_anything_has(client, club, make_session) -> None:
    page = text(client, "/")
    assert ("最初の回を準備しています" in page, "これまでの朝をさがす" in page) == (True, False)
    make_session(starts_at=NOW() - timedelta(days=3))
    cache.clear()
    page = text(client, "/")
    assert ("次の回を準備しています" in page, "これまでの朝をさがす" in page) == (True, True)


def test_the_shelf_holds_the_books_of_past_mornings_the_latest_first(client, club, make_session, sato) -> None:
    without = Speaker.objects.create(name="本のない人")
    talk(past(make_session, 60), sato)
    talk(past(make_session, 30), without)
    coming = Speaker.objects.create(name="これからの人")
    talk(make_session(), coming)
    page = text(client, "/")
    shelf = page[page.index('<ul class="shelf"') : page.index("</ul>", page.index('<ul class="shelf"'))]
    assert shelf.index("本のない人") < shelf.index("夜明けの帳場")
    assert "これからの人" not in shelf
    assert "2人、1冊" in page


def test_what_only_members_may_know_is_not_on_the_front_page(client, club, session, hana) -> None:
    Series.objects.update(audience=Series.Audience.MEMBERS)
    assert session.title not in text(client, "/")
    client.force_login(hana)
    assert session.title in text(client, "/")


@pytest.mark.parametrize("number", [1, 30])
def test_the_front_page_costs_the_same_for_one_morning_and_for_thirty(client, make_session, hana, number) -> None:
    people = crowd(6)
    for n in range(number):
        guest = Speaker.objects.create(name=f"ゲスト {n}")
        Book.objects.create(speaker=guest, title=f"本 {n}")
        talk(make_session(starts_at=NOW() + timedelta(days=n + 1)), guest)
        over = past(make_session, n + 1)
        talk(over, guest)
        came(over, people)
    client.get("/")
    assert statements(lambda: client.get("/")) == (200, 6)
    client.force_login(hana)
    assert statements(lambda: client.get("/")) == (200, 11)


def test_the_series_page_tells_what_it_is_and_who_was_there(client, series, session, make_session, sato) -> None:
    talk(past(make_session, 30, title="ひと月まえの朝"), sato)
    Series.objects.update(about="本を書いた方を囲みます。", summary="毎月の朝ごはん")
    page = text(client, "/series/breakfast/")
    for words in ("本を書いた方を囲みます。", "毎月の朝ごはん", "毎月第2木曜日 7:00", session.title, "ひと月まえの朝"):
        assert words in page
    assert "夜明けの帳場" in page


def test_an_old_address_of_a_series_leads_on_for_ever(client, series) -> None:
    OldSlug.objects.create(slug="asa", series=series)
    response = client.get("/series/asa/")
    assert (response.status_code, response["Location"]) == (301, "/series/breakfast/")
    Series.objects.update(audience=Series.Audience.SERIES)
    assert client.get("/series/asa/").status_code == 404


def test_joining_is_open_and_twice_is_once(client, series, ken) -> None:
    assert client.post(JOIN)["Location"] == f"/accounts/login/?next={JOIN}"
    client.force_login(ken)
    for _ in range(2):
        assert client.post(JOIN, {"rules": "on"}).status_code == 302
    assert list(Membership.objects.filter(member=ken).values_list("role", "left_at")) == [("member", None)]
    assert (
        "この会の会員です" in text(client, "/series/breakfast/"),
        "この会に入る" in text(client, "/series/breakfast/"),
    ) == (
        True,
        False,
    )


def test_who_left_and_joins_again_is_a_member_and_no_host(client, series, kosuke) -> None:
    client.force_login(kosuke)
    for left_at, role in ((None, "owner"), (NOW(), "member")):
        Membership.objects.filter(member=kosuke).update(left_at=left_at)
        client.post(JOIN, {"rules": "on"})
        assert Membership.objects.filter(member=kosuke).values_list("role", "left_at").get() == (role, None)


def test_a_closed_series_is_unknown_to_strangers(client, series, mallory) -> None:
    Series.objects.update(audience=Series.Audience.SERIES)
    client.force_login(mallory)
    assert client.get("/series/breakfast/").status_code == 404
    assert client.post("/series/breakfast/membership/").status_code == 404
    assert Membership.objects.filter(member=mallory).count() == 0


@pytest.mark.parametrize("number", [1, 30])
def test_the_series_page_costs_the_same_for_one_morning_and_for_thirty(client, make_session, number) -> None:
    for n in range(number):
        guest = Speaker.objects.create(name=f"ゲスト {n}")
        talk(make_session(starts_at=NOW() + timedelta(days=n + 1)), guest)
        talk(past(make_session, n + 1), guest)
    client.get("/series/breakfast/")
    assert statements(lambda: client.get("/series/breakfast/")) == (200, 8)


def test_a_series_of_picked_dates_has_no_rhythm(client: Client, kosuke) -> None:
    Series.objects.create(slug="once", name="早起き市場", starts_on=date(2027, 1, 1), at=time(5, 0))
    assert client.get("/series/once/").status_code == 200


def test_the_clubs_sentence_stands_in_columns_that_begin_with_a_phrase() -> None:
    assert columns("朝七時、本を書いた人と朝ごはんを食べる会です。") == [
        "朝七時、本を書いた人と",
        "朝ごはんを食べる会です。",
    ]
    assert columns("月に一度、本を書いた方を囲んで朝ごはん。違う仕事の24人が、出勤前に集まります。") == [
        "月に一度、",
        "本を書いた方を囲んで朝ごはん。",
        "違う仕事の24人が、",
        "出勤前に集まります。",
    ]
    assert columns("Breakfast at seven with the author.") == ["Breakfast at seven with the author."]
    assert columns("") == [""]
    assert upright("<b>24人</b>") == "&lt;b&gt;<span>24</span>人&lt;/b&gt;"


def test_sentences_stand_apart_only_where_the_language_does_so() -> None:
    assert sentences("一つめ。", "二つめ。") == "一つめ。二つめ。"


def test_times_on_the_wall_belong_to_the_place(client, make_session) -> None:
    """Lord Howe is half an hour off."""
    start = datetime.fromisoformat("2027-01-14T07:00+11:00")
    session = make_session(starts_at=start, timezone="Australia/Lord_Howe")
    assert "1月14日(木) 7:00〜8:20" in text(client, session.get_absolute_url())
