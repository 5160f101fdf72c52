"""The exact text of every moment, in both languages."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from events import programme, words
from events.models import Session, Talk
from members.models import Member
from speakers.models import Speaker
from tests.events.pages import talk

START = datetime(2027, 1, 14, 7, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
LONG_BEFORE = START - timedelta(days=20)


@pytest.fixture
def morning(make_session: Callable[..., Session], sato: Speaker, settings: object) -> Session:
    settings.SITE_URL = "https://asakai.example"
    session = make_session(starts_at=START, number=37, code="abcdefghij")
    talk(session, sato)
    return session


def text(session: Session, now: datetime, *, has_report: bool = False) -> str:
    told = words.told(session, programme.of(session), has_report=has_report, now=now)
    return words.text(told) if told else ""


def change(session: Session, **fields: object) -> Session:
    Session.objects.filter(pk=session.pk).update(**fields)
    return Session.objects.select_related("series", "venue").get(pk=session.pk)


LINK = "https://asakai.example/sessions/abcdefghij/?openExternalBrowser=1"
ABOUT = "「値札のない朝」\nゲスト: 佐藤 朝子先生（『夜明けの帳場』著者）\n1月14日(木) 7:00 喫茶みなと\n会費: 2,000円"
ABOUT_EN = "“値札のない朝”\nGuest: Asako Sato, author of “夜明けの帳場”\nThu 14 Jan, 7:00, 喫茶みなと\nFee: ¥2,000"


def test_announced(morning: Session) -> None:
    assert text(morning, LONG_BEFORE) == f"朝食会 第37回\n{ABOUT}\n定員24名、先着順です。\n{LINK}"
    with translation.override("en"):
        said = text(morning, LONG_BEFORE)
    assert said == f"Breakfast No. 37\n{ABOUT_EN}\n24 seats, first come, first served.\n{LINK}"


@pytest.mark.parametrize(("taken", "days"), [(18, 20), (23, 20), (0, 6)])
def test_seats_left(morning: Session, taken: int, days: int) -> None:
    session = change(morning, seats_taken=taken)
    assert text(session, START - timedelta(days=days)) == f"朝食会 第37回\n{ABOUT}\n残り{24 - taken}席です。\n{LINK}"


def test_one_seat_left_in_english(morning: Session) -> None:
    with translation.override("en"):
        said = text(change(morning, seats_taken=23), LONG_BEFORE)
    assert said == f"Breakfast No. 37\n{ABOUT_EN}\n1 seat is left.\n{LINK}"


def test_full(morning: Session) -> None:
    session = change(morning, seats_taken=24)
    full = f"朝食会 第37回\n{ABOUT}\n満席になりました。キャンセル待ちを受け付けています。\n{LINK}"
    assert text(session, LONG_BEFORE) == full
    with translation.override("en"):
        said = text(session, LONG_BEFORE)
    assert said == f"Breakfast No. 37\n{ABOUT_EN}\nAll seats are taken. You can join the waiting list.\n{LINK}"


def test_tomorrow(morning: Session) -> None:
    evening = START - timedelta(hours=12)
    assert text(change(morning, seats_taken=22), evening) == (
        f"朝食会 第37回、いよいよです。\n{ABOUT}\n残り2席です。\n{LINK}"
    )
    with translation.override("en"):
        said = text(change(morning, seats_taken=22), evening)
    assert said == f"Breakfast No. 37 is nearly here.\n{ABOUT_EN}\n2 seats are left.\n{LINK}"


def test_tomorrow_by_the_clock_where_people_meet(morning: Session) -> None:
    midnight = START.replace(hour=0)
    first_lines = [text(morning, midnight - timedelta(minutes=m)).splitlines()[0] for m in (-1, 1440, 1441)]
    assert first_lines == ["朝食会 第37回、いよいよです。", "朝食会 第37回、いよいよです。", "朝食会 第37回"]


def test_cancelled(morning: Session) -> None:
    session = change(morning, cancelled_at=LONG_BEFORE, cancel_reason="台風のため", number=None)
    off = f"1月14日(木)の朝食会は中止になりました。\n「値札のない朝」\n台風のため\n{LINK}"
    assert text(session, LONG_BEFORE) == off
    with translation.override("en"):
        said = text(session, LONG_BEFORE)
    assert said == f"Breakfast on Thu 14 Jan is called off.\n“値札のない朝”\nBecause of the typhoon\n{LINK}"


def test_the_report_is_up(morning: Session) -> None:
    after = START + timedelta(days=3)
    assert text(morning, after, has_report=True) == (
        f"朝食会 第37回の記録ができました。\n「値札のない朝」\nゲスト: 佐藤 朝子先生（『夜明けの帳場』著者）\n{LINK}"
    )
    with translation.override("en"):
        said = text(morning, after, has_report=True)
    assert said == (
        f"Breakfast No. 37: the report is up.\n“値札のない朝”\nGuest: Asako Sato, author of “夜明けの帳場”\n{LINK}"
    )


def test_a_member_speaks_and_nothing_is_to_be_paid(make_session: Callable[..., Session], hana: Member) -> None:
    session = make_session(starts_at=START, fee_amount=0, venue=None, title="")
    Talk.objects.create(session=session, title="冷蔵庫の中の旅", member=hana)
    first, *rest, link = text(session, LONG_BEFORE).splitlines()
    told = ["「冷蔵庫の中の旅」", "お話: hanaさん", "1月14日(木) 7:00", "定員24名、先着順です。"]
    assert (first, rest, link) == ("朝食会", told, words.shared_link(session))


def test_before_answers_are_taken_it_says_from_when(morning: Session) -> None:
    session = change(morning, rsvp_opens_at=LONG_BEFORE + timedelta(days=1))
    assert text(session, LONG_BEFORE).splitlines()[-2] == "受付は 12月26日(土) 7:00 からです。"


def test_once_answers_are_closed_no_seat_is_offered(morning: Session) -> None:
    session = change(morning, seats_taken=24, rsvp_closes_at=START - timedelta(days=2))
    said = text(session, START - timedelta(hours=12)).splitlines()
    assert said == ["朝食会 第37回、いよいよです。", *ABOUT.splitlines(), LINK]


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({"published_at": None}, timedelta(days=-20)),
        ({}, timedelta(minutes=5)),
        ({}, timedelta(days=2)),
        ({"cancelled_at": START, "cancel_reason": "台風"}, timedelta(days=2)),
    ],
)
def test_nothing_is_told_of_a_draft_or_of_what_has_begun(
    morning: Session, fields: dict[str, object], after: timedelta
) -> None:
    assert text(change(morning, **fields), START + after) == ""


def test_the_text_goes_to_line_and_the_link_to_facebook(morning: Session) -> None:
    assert words.line_share("朝 & 夜\n") == "https://line.me/R/share?text=%E6%9C%9D%20%26%20%E5%A4%9C%0A"
    assert words.facebook_share(morning) == (
        "https://www.facebook.com/sharer/sharer.php?u="
        "https%3A%2F%2Fasakai.example%2Fsessions%2Fabcdefghij%2F%3FopenExternalBrowser%3D1"
    )
