"""The mails of somebody who waits: joined, asked, a seat is free, fewer of you could come."""

from datetime import UTC, datetime, timedelta

import pytest

from events import passing_on
from events.models import NearStart, Partstat, Session
from outbox import kinds, rendering
from outbox.models import Delivery
from tests.events.pages import talk
from tests.events.test_mails import mail, unwanted

EARLY = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
NOON = datetime(2026, 12, 8, 3, 0, tzinfo=UTC)
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)


@pytest.fixture
def morning(make_session, sato, club, hana, ken, mallory) -> Session:
    """Thursday 10 December, 7:00 in Tokyo, full: hana has the one seat, ken waits with a friend, then mallory."""
    session = make_session(starts_at=START, number=132, capacity=1, published_at=EARLY)
    talk(session, sato)
    for member in (hana, ken, mallory):
        session.rsvp(member, Partstat.ACCEPTED, now=EARLY)
    session.add_friend(ken, "桐谷 悠", now=EARLY)
    return session


def test_who_joins_the_queue_is_told_the_place(morning, ken) -> None:
    made = mail("rsvp.waiting", ken)
    assert made["subject"] == "キャンセル待ちを承りました: 12月10日(木) 7:00"
    assert (
        made["text"]
        == """kenさん、キャンセル待ちを承りました。いま1番目です。

席が空くと、順番にメールでお知らせします。3日前からは先にご都合をうかがい、12時間ほどお返事をお待ちします。
席は全員分そろったときにおとりします。人数の少ない方が先になることがありますが、順番は変わりません。

第132回 値札のない朝

とき: 12月10日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
ゲスト: 佐藤 朝子先生
会費: 2,000円

キャンセル待ちをやめるときは、こちらから:
/answer/…/

----
キャンセル待ちの方にお送りしています。
河口の朝会

"""
    )


def test_the_place_is_that_of_the_moment_the_mail_goes(morning, ken, mallory) -> None:
    morning.rsvp(ken, Partstat.DECLINED, now=EARLY)
    assert "いま1番目です" in str(mail("rsvp.waiting", mallory)["text"])
    assert unwanted("rsvp.waiting", ken) == "answered anew"


def test_who_is_asked_reads_until_when(morning, hana, ken, mallory) -> None:
    morning.rsvp(mallory, Partstat.DECLINED, now=EARLY)
    morning.rsvp(hana, Partstat.DECLINED, now=NOON)
    morning.set_capacity(2, now=NOON)
    made = mail("rsvp.offer", ken)
    assert made["subject"] == "席が空きました。12月9日(水) 8:00 までにお返事ください"
    assert (
        made["text"]
        == """kenさん、お待ちくださり、ありがとうございます。席が空き、\
12月9日(水) 8:00 まで2席をお取り置きしています。ご都合はいかがですか。
お返事がないときは次の方にうかがいます。キャンセル待ちはそのまま続きます。

第132回 値札のない朝

とき: 12月10日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
ゲスト: 佐藤 朝子先生
会費: 2,000円

席をとる、または次の方にゆずる:
/answer/…/

----
キャンセル待ちの方にお送りしています。
河口の朝会

"""
    )


def test_an_offer_that_lapsed_is_not_mailed(morning, hana, mallory) -> None:
    morning.rsvp(hana, Partstat.DECLINED, now=NOON)
    passing_on.carry_on(now=NOON + timedelta(hours=20))
    assert unwanted("rsvp.offer", mallory) == "no longer offered"


def test_all_who_wait_read_that_a_seat_is_free(morning, hana, mallory) -> None:
    morning.set_near_start(NearStart.FIRST_TAP, now=EARLY)
    morning.rsvp(hana, Partstat.DECLINED, now=NOON)
    made = mail("rsvp.free", mallory)
    assert made["subject"] == "席が空きました（先着順）: 12月10日(木) 7:00"
    assert (
        made["text"]
        == """malloryさん、席が空きました。お待ちの皆さまに同時にお知らせしています。先に押した方の席になります。

第132回 値札のない朝

とき: 12月10日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
ゲスト: 佐藤 朝子先生
会費: 2,000円

席をとる、またはキャンセル待ちをやめる:
/answer/…/

----
キャンセル待ちの方にお送りしています。
河口の朝会

"""
    )


def test_two_seats_of_one_night_are_one_mail(morning, hana, mallory) -> None:
    morning.set_near_start(NearStart.FIRST_TAP, now=EARLY)
    morning.rsvp(hana, Partstat.DECLINED, now=NOON + timedelta(hours=11))
    first = Delivery.objects.get(kind="rsvp.free", to=mallory.email)
    morning.set_capacity(2, now=NOON + timedelta(hours=12))
    assert Delivery.objects.filter(kind="rsvp.free", to=mallory.email).count() == 2
    with pytest.raises(kinds.Unwanted, match="told anew"):
        rendering.letter(first)


def test_a_seat_that_was_taken_meanwhile_is_no_news(morning, hana, mallory, kosuke) -> None:
    morning.set_near_start(NearStart.FIRST_TAP, now=EARLY)
    morning.rsvp(hana, Partstat.DECLINED, now=NOON)
    morning.rsvp(kosuke, Partstat.ACCEPTED, now=NOON)
    assert unwanted("rsvp.free", mallory) == "taken meanwhile"


def test_who_has_the_seat_need_not_hear_that_it_is_free(morning, hana, mallory) -> None:
    morning.set_near_start(NearStart.FIRST_TAP, now=EARLY)
    morning.rsvp(hana, Partstat.DECLINED, now=NOON)
    Delivery.objects.filter(kind="rsvp.confirmed").delete()
    morning.rsvp(mallory, Partstat.ACCEPTED, now=NOON)
    assert unwanted("rsvp.free", mallory) == "answered anew"


def test_a_party_reads_that_fewer_could_come(morning, hana, ken, mallory) -> None:
    morning.rsvp(mallory, Partstat.DECLINED, now=EARLY)
    morning.rsvp(hana, Partstat.DECLINED, now=EARLY)
    made = mail("rsvp.smaller", ken)
    assert made["subject"] == "人数を減らすとお席があります: 12月10日(木) 7:00"
    assert (
        made["text"]
        == """kenさん、いま空いているのは1席、お申し込みは2人です。お連れの方を減らすと、お席をおとりできます。\
いまの人数のままでも順番は変わらず、全員分の席をお待ちになれます。

第132回 値札のない朝

とき: 12月10日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
ゲスト: 佐藤 朝子先生
会費: 2,000円

お連れの方を変える:
/answer/…/

----
キャンセル待ちの方にお送りしています。
河口の朝会

"""
    )


def test_no_party_is_asked_to_be_smaller_once_there_is_room(morning, hana, ken, mallory) -> None:
    morning.rsvp(mallory, Partstat.DECLINED, now=EARLY)
    morning.rsvp(hana, Partstat.DECLINED, now=EARLY)
    morning.set_capacity(2, now=EARLY)
    assert unwanted("rsvp.smaller", ken) == "answered anew"


def test_that_fewer_could_come_is_told_even_when_all_are_told_more_since(morning, hana, ken) -> None:
    morning.set_near_start(NearStart.FIRST_TAP, now=EARLY)
    morning.rsvp(hana, Partstat.DECLINED, now=NOON)
    morning.set_capacity(1, now=NOON)
    assert "いま空いているのは1席" in str(mail("rsvp.smaller", ken)["text"])
