"""The shelf and a guest's page: who is seen, by whom, and who may change it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from events.models import Membership, Series, Session, Talk
from members.models import Member
from speakers.models import Book, Speaker

NOW = timezone.now


@pytest.fixture
def of() -> Callable[[Member | None], Client]:
    def client(member: Member | None) -> Client:
        opened = Client()
        if member:
            opened.force_login(member)
        return opened

    return client


def speak(session: Session, speaker: Speaker, title: str = "市場の朝") -> None:
    Talk.objects.create(session=session, title=title).speakers.add(speaker)


def test_a_guest_who_is_merely_invited_is_known_to_hosts_alone(of, sent, hana, kosuke, mallory) -> None:
    url = sent.speaker.get_absolute_url()
    seen = [of(who).get(url).status_code for who in (None, hana, mallory, kosuke)]
    assert (seen, "佐藤" in of(None).get("/books/").content.decode()) == ([404, 404, 404, 200], False)


@pytest.mark.parametrize(
    ("change", "seen"),
    [({}, 200), ({"published_at": None}, 404), ({"cancelled_at": NOW(), "cancel_reason": "台風"}, 404)],
)
def test_a_guest_is_seen_with_the_first_morning_that_is_on(of, session, sato, club, change, seen: int) -> None:
    speak(session, sato)
    Session.objects.update(**change)
    assert of(None).get(sato.get_absolute_url()).status_code == seen


def test_each_reader_sees_the_mornings_that_are_theirs(of, session, sato, hana, kosuke, club) -> None:
    inner = Series.objects.create(
        slug="inner", name="内輪", starts_on="2024-01-10", at="07:00", audience=Series.Audience.SERIES
    )
    Membership.objects.create(series=inner, member=kosuke, role=Membership.Role.OWNER)
    secret = Session.objects.create(series=inner, starts_at=NOW() + timedelta(days=3), published_at=NOW())
    speak(session, sato)
    speak(secret, sato, "内輪の話")
    seen = ["内輪の話" in of(who).get(sato.get_absolute_url()).content.decode() for who in (None, hana, kosuke)]
    assert seen == [False, False, True]


def test_of_a_morning_with_several_talks_the_guests_own_is_named(of, session, sato, club) -> None:
    other = Speaker.objects.create(name="森 一")
    speak(session, other, "二つめの話")
    speak(session, sato)
    speak(session, sato, "")
    own = Talk.objects.filter(speakers=sato).order_by("pk")
    page = of(None).get(sato.get_absolute_url()).content.decode()
    here = session.get_absolute_url()
    assert re.findall(r'programme__title"><a href="(.*?)">(.*?)</a>', page) == [
        (f"{here}#talk-{own[0].pk}", "市場の朝"),
        (f"{here}#talk-{own[1].pk}", str(session)),
    ]


def test_names_stand_with_their_reading_and_no_address_is_told(of, session, sato, hana, club) -> None:
    Speaker.objects.update(contact_name="森", contact_email="mori@example.com")
    speak(session, sato)
    page = of(hana).get(sato.get_absolute_url()).content.decode()
    assert "<ruby>佐藤<rt>さとう</rt></ruby>" in page
    assert [text in page for text in ("sato@example.com", "mori@example.com", "森")] == [False, False, False]


def test_the_shelf_has_the_newest_guests_first_and_names_who_wrote_nothing(of, make_session, sato, club) -> None:
    bookless = Speaker.objects.create(name="久我 庄平")
    speak(make_session(starts_at=NOW() - timedelta(days=60)), sato)
    speak(make_session(starts_at=NOW() - timedelta(days=30)), bookless)
    page = of(None).get("/books/").content.decode()
    assert -1 < page.index("久我 庄平") < page.index("夜明けの帳場")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "おいでくださったゲストと、これからおいでになるゲストの本を、新しい回から並べています。"),
        ("en", "Books of the guests who came and who are coming, the latest first."),
    ],
)
def test_the_shelf_has_those_who_are_coming_and_says_so(of, session, sato, club, language: str, said: str) -> None:
    speak(session, sato)
    client = of(None)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get("/books/").content.decode()
    assert ("夜明けの帳場" in page, said in page) == (True, True)


@pytest.mark.parametrize("number", [1, 30])
def test_the_shelf_costs_the_same_for_one_book_and_for_thirty(
    of, session, club, number: int, django_assert_num_queries
) -> None:
    for n in range(number):
        speaker = Speaker.objects.create(name=f"著者{n}")
        Book.objects.create(speaker=speaker, title=f"本{n}")
        speak(session, speaker)
    of(None).get("/books/")
    with django_assert_num_queries(3):
        of(None).get("/books/")


@pytest.mark.parametrize("number", [1, 30])
def test_a_guests_page_costs_the_same_for_one_morning_and_for_thirty(
    of, make_session, sato, club, number: int, django_assert_num_queries
) -> None:
    for n in range(number):
        speak(make_session(starts_at=NOW() - timedelta(days=n)), sato)
    of(None).get(sato.get_absolute_url())
    with django_assert_num_queries(4):
        of(None).get(sato.get_absolute_url())


def test_hosts_keep_the_record_and_nobody_else(of, session, sato, hana, kosuke) -> None:
    url = f"{sato.get_absolute_url()}edit/"
    told = {
        "name": "佐藤 暁子",
        "yomi": "さとう あきこ",
        "honorific": "san",
        "language": "ja",
        "email": "a@example.com",
    }
    assert [of(who).post(url, told).status_code for who in (None, hana, kosuke)] == [302, 404, 302]
    sato.refresh_from_db()
    assert (sato.name, sato.email) == ("佐藤 暁子", "a@example.com")


def test_a_reading_that_is_no_kana_is_refused_and_stays_typed(of, series, sato, kosuke) -> None:
    told = {"name": "佐藤", "yomi": "佐藤", "honorific": "san", "language": "ja"}
    response = of(kosuke).post(f"{sato.get_absolute_url()}edit/", told)
    assert (response.status_code, 'value="佐藤"' in response.content.decode()) == (422, True)


def test_a_host_adds_a_book_and_corrects_it_by_its_title(of, series, sato, kosuke, hana) -> None:
    url = f"{sato.get_absolute_url()}books/"
    for publisher in ("灯船社", "あさつゆ出版"):
        assert of(kosuke).post(url, {"title": "続・帳場", "publisher": publisher}).status_code == 302
    assert of(hana).post(url, {"title": "偽の本"}).status_code == 404
    assert sorted(Book.objects.values_list("title", "publisher")) == [
        ("夜明けの帳場", "ひばり書林"),
        ("続・帳場", "あさつゆ出版"),
    ]
