"""A host writes to some of the people of a session: seen before it goes, each alone, once, and not at night."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from events import first_timers, host_messages, segments
from events.models import Attendance, HostMessage, Membership, Segment, Session
from members.models import Activity, Club, Member
from outbox.models import Delivery
from outbox.sending import send_due

TOKYO = ZoneInfo("Asia/Tokyo")
# A Thursday, 7:00.
START = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)
NOW = datetime(2027, 1, 12, 12, 0, tzinfo=TOKYO)
WORDS = {"subject": "部屋が三階に変わります", "text": "入口は同じです。\n階段をお使いください。"}


@pytest.fixture
def morning(
    club: Club, make_session: Callable[..., Session], person: Callable[..., Member], hana: Member, ken: Member,
    mallory: Member, settings,
) -> Session:  # fmt: skip
    """One seat: hana has it, ken waits, mallory said no, yui has not answered; kosuke hosts and has not either."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    session = make_session(starts_at=START, capacity=1, published_at=NOW)
    Membership.objects.create(series=session.series, member=person("yui"))
    for member, partstat in ((hana, "ACCEPTED"), (ken, "ACCEPTED"), (mallory, "DECLINED")):
        session.rsvp(member, partstat, now=NOW - timedelta(days=9))
    Delivery.objects.all().delete()
    return session


@pytest.fixture
def host(morning: Session, kosuke: Member) -> Client:
    client = Client()
    with time_machine.travel(NOW):
        client.force_login(kosuke)
    return client


def names(people) -> list[str]:
    return sorted(people.values_list("name", flat=True))


def text_of(response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def send(
    session: Session, kosuke: Member, segment: str = "coming", *, now: datetime = NOW, **words: str
) -> HostMessage:
    return host_messages.send(session, segment, **{**WORDS, **words}, actor=kosuke, now=now)


def go(moment: datetime) -> list[mail.EmailMessage]:
    with time_machine.travel(moment, tick=False):
        send_due()
    return mail.outbox


def test_everybody_is_in_the_segment_of_their_own_answer(morning: Session, ken: Member, hana: Member) -> None:
    Attendance.objects.create(session=morning, member=hana, first_time=True)
    Attendance.objects.create(session=morning, member=ken, status=Attendance.Status.EXCUSED, first_time=True)
    found = {segment: names(segments.people(segment, morning)) for segment in Segment.values}
    assert found == {
        "coming": ["hana"],
        "waiting": ["ken"],
        "declined": ["mallory"],
        "unanswered": ["kosuke", "yui"],
        "came": ["hana"],
        "first": ["hana"],
        "absent": ["ken"],
    }
    assert segments.sizes(morning) == {segment: len(people) for segment, people in found.items()}


def test_who_has_no_account_any_more_is_nowhere(morning: Session) -> None:
    Member.objects.update(is_active=False)
    assert set(segments.sizes(morning).values()) == {0}


def test_the_mail(morning: Session, kosuke: Member) -> None:
    send(morning, kosuke)
    (letter,) = go(NOW)
    assert (letter.subject, letter.to, letter.cc, letter.bcc) == (
        "部屋が三階に変わります",
        ["hana@example.com"],
        [],
        [],
    )
    assert letter.reply_to == ["kosuke <kosuke@example.com>"]
    assert (
        "\n".join(line for line in letter.body.splitlines() if not line.startswith("http"))
        == """\
hanaさん、

入口は同じです。
階段をお使いください。

1月14日(木) 7:00 値札のない朝

この回のページ:

このメールに返信すると、世話人のkosukeさんに届きます。

----
世話人から参加する方へ、お一人ずつ別にお送りしています。アドレスがほかの方に見えることはありません。
このお知らせを止める
河口の朝会"""
    )


def test_the_mail_in_english_has_an_english_shell_around_the_hosts_words(morning: Session, kosuke: Member) -> None:
    Member.objects.filter(name="hana").update(language="en", romaji="Hana Arima")
    send(morning, kosuke)
    (letter,) = go(NOW)
    assert (
        "\n".join(line for line in letter.body.splitlines() if not line.startswith("http"))
        == """\
Dear Hana Arima,

入口は同じです。
階段をお使いください。

Thu 14 Jan, 7:00 値札のない朝

The page of the morning:

Your reply to this mail reaches kosuke.

----
The host writes this to those who come, to each alone: nobody sees your address.
Stop these mails
Estuary Breakfast"""
    )


def test_each_gets_a_mail_of_their_own_that_names_nobody_else(morning: Session, kosuke: Member) -> None:
    send(morning, kosuke, "unanswered")
    assert sorted(letter.to for letter in go(NOW)) == [["kosuke@example.com"], ["yui@example.com"]]
    others = [letter for letter in mail.outbox if letter.to == ["kosuke@example.com"]]
    assert "yui" not in others[0].message().as_string()


def test_the_same_words_go_to_the_same_people_once(morning: Session, kosuke: Member) -> None:
    first, second = send(morning, kosuke), send(morning, kosuke)
    assert (first, Delivery.objects.count(), Activity.objects.filter(verb="session.message").count()) == (second, 1, 1)


def test_the_same_words_may_go_to_others(morning: Session, kosuke: Member) -> None:
    send(morning, kosuke), send(morning, kosuke, "waiting")
    assert sorted(Delivery.objects.values_list("to", flat=True)) == ["hana@example.com", "ken@example.com"]


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_are_one_message(morning: Session, kosuke: Member) -> None:
    gate = Barrier(4)

    def tap() -> None:
        gate.wait()
        send(morning, kosuke)
        connection.close()

    threads = [Thread(target=tap) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (HostMessage.objects.count(), Delivery.objects.count()) == (1, 1)


def test_five_a_day_are_enough(morning: Session, kosuke: Member) -> None:
    for n in range(5):
        send(morning, kosuke, subject=f"お知らせ {n}")
    with pytest.raises(ValidationError, match="一日に五通まで"):
        send(morning, kosuke, subject="もう一つ")
    assert send(morning, kosuke, subject="もう一つ", now=NOW + timedelta(days=1, seconds=1)).people == 1


def test_nobody_is_written_to_where_nobody_is(morning: Session, kosuke: Member) -> None:
    with pytest.raises(ValidationError, match="だれもいません"):
        send(morning, kosuke, "came")
    assert HostMessage.objects.count() == 0


def test_at_night_it_waits_for_the_morning(morning: Session, kosuke: Member) -> None:
    night = NOW.replace(hour=22)
    send(morning, kosuke, now=night)
    assert go(night) == []
    assert [letter.to for letter in go(night + timedelta(hours=9))] == [["hana@example.com"]]


def test_what_would_come_when_it_has_begun_is_refused_with_the_way_out(morning: Session, kosuke: Member) -> None:
    with pytest.raises(ValidationError, match="中止のお知らせは、何時でも届きます"):
        send(morning, kosuke, now=START - timedelta(hours=9))
    assert send(morning, kosuke, "declined", now=START + timedelta(hours=2)).people == 1


def test_who_is_no_longer_among_them_is_not_written_to(morning: Session, kosuke: Member, hana: Member) -> None:
    send(morning, kosuke)
    morning.rsvp(hana, "DECLINED", now=NOW)
    Delivery.objects.exclude(kind="host.message").delete()
    assert go(NOW) == []
    assert Delivery.objects.get().drop_reason == "no longer concerned"


def test_who_does_it_is_written_down(morning: Session, kosuke: Member) -> None:
    send(morning, kosuke)
    done = Activity.objects.get(verb="session.message")
    assert (done.actor, done.target, done.detail) == (
        kosuke, f"session:{morning.code}", {"segment": "coming", "people": 1, "subject": WORDS["subject"]}
    )  # fmt: skip


def test_first_a_look_then_one_tap(host: Client, morning: Session) -> None:
    page = f"/sessions/{morning.code}/messages/"
    with time_machine.travel(NOW, tick=False):
        text = text_of(host.get(page))
        assert (
            "参加する方（1人） キャンセル待ちの方（1人） 今回は見送る方（1人） まだお返事のない会員の方（2人） 件名"
            in text
        )
        looked = text_of(host.post(page, {"segment": "unanswered", **WORDS}))
        assert "件名: 部屋が三階に変わります kosukeさん、 入口は同じです。 階段をお使いください。" in looked
        assert "2人に送る" in looked
        assert (HostMessage.objects.count(), Delivery.objects.count()) == (0, 0)
        response = host.post(page, {"segment": "unanswered", "send": "1", **WORDS}, follow=True)
        text = text_of(response)
    assert "2人分を発送に回しました。" in text
    assert "まだお返事のない会員の方 2通のうち 0通を送りました" in text
    go(NOW)
    assert "2通のうち 2通を送りました" in text_of(host.get(page))
    assert "@" not in text_of(host.get(page))


def test_after_the_morning_it_can_go_to_those_who_did_not_come(host: Client, morning: Session, hana: Member) -> None:
    Attendance.objects.create(session=morning, member=hana, status=Attendance.Status.ABSENT)
    with time_machine.travel(START + timedelta(days=1), tick=False):
        assert "お越しにならなかった方（1人）" in text_of(host.get(f"/sessions/{morning.code}/messages/"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"segment": "came"}, "正しく選択してください"),
        ({"segment": ""}, "まだ選ばれていません"),
        ({"subject": ""}, "まだ空いています"),
        ({"subject": "あ" * 121}, "120"),
        ({"text": "あ" * 4001}, "4000"),
    ],
)
def test_a_wrong_entry_is_explained_and_nothing_is_lost(
    host: Client, morning: Session, wrong: dict[str, str], sentence: str
) -> None:
    with time_machine.travel(NOW, tick=False):
        response = host.post(
            f"/sessions/{morning.code}/messages/", {"segment": "coming", "send": "1", **WORDS, **wrong}
        )
    kept = wrong.get("text", WORDS["text"])
    assert (response.status_code, HostMessage.objects.count()) == (422, 0)
    assert kept in response.content.decode()
    assert sentence in text_of(response)


def test_a_refusal_keeps_what_was_typed(host: Client, morning: Session) -> None:
    with time_machine.travel(START - timedelta(hours=9), tick=False):
        response = host.post(f"/sessions/{morning.code}/messages/", {"segment": "coming", "send": "1", **WORDS})
    assert (response.status_code, WORDS["text"] in response.content.decode()) == (422, True)
    assert "夜のあいだは送りません。" in text_of(response)


def test_the_page_asks_as_much_for_twenty_messages_as_for_one(
    host: Client, morning: Session, kosuke: Member, django_assert_num_queries
) -> None:
    page = f"/sessions/{morning.code}/messages/"
    for n in range(20):
        send(morning, kosuke, subject=f"{n}", now=NOW - timedelta(days=19 - n))
        if n in {0, 19}:
            host.get(page)
            with django_assert_num_queries(7):
                host.get(page)


def test_the_desk_leads_to_those_who_came_for_the_first_time_until_somebody_wrote_to_them(
    host: Client, morning: Session, kosuke: Member, hana: Member, ken: Member, mallory: Member
) -> None:
    for member, first in ((hana, True), (kosuke, True), (ken, False)):
        Attendance.objects.create(session=morning, member=member, first_time=first)
    Attendance.objects.create(session=morning, member=mallory, status=Attendance.Status.ABSENT, first_time=True)
    after = morning.ends_at + timedelta(hours=3)

    def said(now: datetime) -> list[str]:
        return [step.what for step in first_timers.steps([Session.objects.get(pk=morning.pk)], now)]

    assert said(after) == []  # nobody has closed the list yet
    Session.objects.filter(pk=morning.pk).update(roster_closed_at=morning.ends_at)
    assert said(after) == ["はじめての方が1人いらっしゃいました"]
    assert said(morning.ends_at + timedelta(days=3)) == []
    (step,) = first_timers.steps([Session.objects.get(pk=morning.pk)], after)
    with time_machine.travel(after, tick=False):
        page = host.get(step.url)
        form = page.context["form"]
        assert (form["segment"].value(), "はじめてお越しくださり" in form["text"].value()) == ("first", True)
        assert "2人に送る" in text_of(page)
        host.post(step.url, {"segment": "first", **WORDS, "send": "1"})
    assert (HostMessage.objects.get().people, said(after)) == (2, [])


@pytest.mark.parametrize("number", [1, 30])
def test_first_timers_cost_one_statement_for_many_mornings(
    make_session: Callable[..., Session], hana: Member, number: int, django_assert_num_queries
) -> None:
    for n in range(number):
        past = make_session(starts_at=NOW - timedelta(hours=3, minutes=n), roster_closed_at=NOW)
        Attendance.objects.create(session=past, member=hana, first_time=True)
    sessions = list(Session.objects.select_related("series"))
    with django_assert_num_queries(1):
        assert len(list(first_timers.steps(sessions, NOW))) == number
