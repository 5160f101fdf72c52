"""What is proposed while somebody types, and where nothing was found."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode

from archive import suggesting
from events.models import Membership, Session
from members.models import Club, Member
from search import sources
from speakers.models import Speaker
from tests.events.pages import talk, text

Make = Callable[..., Session]


@pytest.fixture
def morning(make_session: Make, sato: Speaker) -> Session:
    session = make_session(starts_at=timezone.now() - timedelta(days=20), title="倉庫の E-commerce", number=131)
    talk(session, sato, "倉庫の E-commerce")
    sources.refresh([session.code])
    return session


def proposed(client: Client, typed: str, **more: object) -> list[str]:
    page = client.get(f"/archive/suggestions/?{urlencode({'q': typed, **more})}").content.decode()
    return re.findall(r'<option value="([^"]+)"', page)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("佐藤", ["佐藤 朝子", "夜明けの帳場"]),
        ("さと", ["佐藤 朝子", "夜明けの帳場"]),
        ("asak", ["佐藤 朝子", "夜明けの帳場"]),
        ("夜明け", ["夜明けの帳場"]),
        ("倉", ["倉庫の E-commerce"]),
        ("E-comm", ["倉庫の E-commerce"]),
        ("佐藤 帳場", []),
        ("帳場 佐", []),
        ("", []),
        ("-佐藤", []),
    ],
)
def test_names_readings_and_titles_that_go_on_like_this(
    client: Client, morning: Session, typed: str, first: list[str]
) -> None:
    assert proposed(client, typed) == first


def test_a_guest_comes_before_a_book_before_a_morning(client: Client, make_session: Make, sato: Speaker) -> None:
    session = make_session(starts_at=timezone.now() - timedelta(days=9), title="佐藤の朝")
    talk(session, sato, "佐藤の朝")
    sato.books.update(title="佐藤の本")
    sources.refresh([session.code])
    assert proposed(client, "佐藤") == ["佐藤 朝子", "佐藤の本", "佐藤の朝"]


def test_only_what_the_filters_leave_is_proposed(client: Client, morning: Session, make_session: Make) -> None:
    other = Speaker.objects.create(name="佐藤 一路")
    before = make_session(starts_at=timezone.now() - timedelta(days=800), title="佐藤の朝")
    talk(before, other, "佐藤の朝")
    sources.refresh([before.code])
    year = before.local_start.year
    assert [proposed(client, "佐藤", **more) for more in ({}, {"year": year}, {"in": "guests"}, {"guest": "一路"})] == [
        ["佐藤 朝子", "佐藤 一路", "夜明けの帳場", "佐藤の朝"],
        ["佐藤 一路", "佐藤の朝"],
        ["佐藤 朝子", "佐藤 一路"],
        ["佐藤 一路", "佐藤の朝"],
    ]
    page = client.get(f"/archive/suggestions/guests/?{urlencode({'guest': '佐', 'q': '倉庫', 'year': year})}")
    assert re.findall(r'<option value="([^"]+)"', page.content.decode()) == ["佐藤 一路"]


def test_nobody_is_proposed_what_is_hidden_from_them(
    client: Client, morning: Session, hana: Member, mallory: Member
) -> None:
    morning.series.audience = "series"
    morning.series.save()
    sources.refresh([morning.code])
    seen = [proposed(client, "佐藤")]
    for member in (mallory, hana):
        client.force_login(member)
        seen.append(proposed(client, "佐藤"))
    assert Membership.objects.filter(member=hana).exists()
    assert seen == [[], [], ["佐藤 朝子", "夜明けの帳場"]]


def test_proposing_takes_one_statement(
    client: Client, morning: Session, hana: Member, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(1):
        proposed(client, "佐藤")
    client.force_login(hana)
    with django_assert_num_queries(3):  # session and member besides
        proposed(client, "佐藤")


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("ecommerse", "commerce"),
        ("asaco", "asako"),
        ("よあけのちょば", ""),
        ("zzzz", ""),
        ("佐藤 commerse", "佐藤 commerce"),
    ],
)
def test_what_is_nearly_it_is_proposed_where_nothing_was_found(
    client: Client, club: Club, morning: Session, mistyped: str, meant: str
) -> None:
    page = text(client, f"/archive/?{urlencode({'q': mistyped})}")
    links = re.findall(r'<a class="button" href="/archive/\?q=[^"]+">([^<]+)</a>', page)
    assert (links, "もしかして" in page) == ([meant] if meant else [], bool(meant))


def test_a_page_with_nothing_found_asks_three_questions(
    client: Client, club: Club, morning: Session, django_assert_num_queries: Callable[..., Any]
) -> None:
    client.get("/archive/?q=asako")
    with django_assert_num_queries(3):
        assert "もしかして" in text(client, "/archive/?q=asaco")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ダンボール", ["段ボール"]), ("ダンボールの話", ["段ボールの話"]), ("フットボール", []), ("バレーボール", [])],
)
def test_a_word_written_with_kanji_is_proposed_for_its_sound(
    client: Client, club: Club, make_session: Make, typed: str, meant: list[str]
) -> None:
    session = make_session(title="段ボールの底の話", starts_at=timezone.now() - timedelta(days=9))
    sources.refresh([session.code])
    page = text(client, f"/archive/?{urlencode({'q': typed})}")
    assert re.findall(r'<a class="button" href="/archive/\?q=[^"]+">([^<]+)</a>', page) == meant


def test_what_was_on_lately_is_compared_before_what_was_taken_in_lately(
    client: Client, club: Club, make_session: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive of thousands that was taken in today does not drive the club's own words out."""
    monkeypatch.setattr(suggesting, "NEWEST", 1)
    for title, days in (("warehouse", 9), ("greenhouse", 900)):
        sources.refresh([make_session(title=title, starts_at=timezone.now() - timedelta(days=days)).code])
    assert [
        ">warehouse<" in text(client, "/archive/?q=warehuose"),
        ">greenhouse<" in text(client, "/archive/?q=grenhouse"),
    ] == [
        True,
        False,
    ]


def test_nothing_is_proposed_that_would_find_nothing_for_this_reader(
    client: Client, club: Club, morning: Session, mallory: Member
) -> None:
    morning.series.audience = "series"
    morning.series.save()
    sources.refresh([morning.code])
    assert "もしかして" not in text(client, "/archive/?q=asaco")
