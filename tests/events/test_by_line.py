"""What goes by LINE as well as by mail, and its exact words."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail

from events import together
from events.models import ReminderRule, Series, Session
from events.models.reminder import AUDIENCE, due_at
from events.reminders import carry_out
from members.line import LineAccount
from members.models import Club, Member
from outbox import tasks
from outbox.models import Delivery
from outbox.sending import send_due
from tests.outbox.line_api import Line, running

START = datetime(2027, 1, 14, 7, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
EVENING = START - timedelta(hours=12)
ANSWER = "https://asakai.example/answer/"
UNDERSTOOD = "https://asakai.example/understood/"


@pytest.fixture
def api(settings: Any) -> Iterator[Line]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://asakai.example"
    with running(settings) as told:
        yield told


@pytest.fixture
def morning(
    api: Line, club: Club, make_session: Callable[..., Session], series: Series, hana: Member, ken: Member
) -> Session:
    """hana and ken come; hana has linked LINE."""
    template = ReminderRule.Template.TOMORROW
    ReminderRule.objects.create(
        series=series, template=template, audience=AUDIENCE[template], days_before=1, at="18:00"
    )
    session = make_session(starts_at=START, code="aaaaaaaaaa", meeting_code="bbbbbbbbbb")
    with time_machine.travel(START - timedelta(days=20), tick=False):
        for member in (hana, ken):
            session.rsvp(member, "ACCEPTED", now=START - timedelta(days=20))
    Delivery.objects.all().delete()
    LineAccount.objects.create(member=hana, account="Uhana")
    return session


def said(api: Line, moment: datetime) -> list[str]:
    """What LINE was told when all that is owed has been sent."""
    with time_machine.travel(moment, tick=False):
        send_due()
        tasks.line()
    assert {account for account, _text in api.texts} <= {"Uhana"}
    return ["\n".join(without_token(line) for line in text.splitlines()) for _to, text in api.texts]


def without_token(line: str) -> str:
    return next((address for address in (ANSWER, UNDERSTOOD) if address in line), line)


def remind(session: Session) -> datetime:
    moment = due_at(ReminderRule.objects.get(), session)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
    return moment


def test_the_evening_before_goes_by_line_and_by_mail(morning: Session, api: Line) -> None:
    (text,) = said(api, remind(morning))
    assert (
        text
        == """\
hanaさん、席をご用意しています。明日の朝、お待ちしています。

値札のない朝
とき: 1月14日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
もちもの: 2,000円（現金）
台風や雪のとき: 前の日の18:00までに決め、メールとこの回のページでお知らせします

道順と入口はこちら:
https://asakai.example/m/bbbbbbbbbb/?openExternalBrowser=1

来られなくなったら、こちらから席をゆずれます。
https://asakai.example/answer/"""
    )
    assert sorted(letter.to for letter in mail.outbox) == [["hana@example.com"], ["ken@example.com"]]


def test_in_english(morning: Session, api: Line, hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(language="en", romaji="Hana Arima")
    (text,) = said(api, remind(morning))
    assert text.splitlines()[0] == (
        "Dear Hana Arima, your seat is ready. We look forward to seeing you tomorrow morning."
    )


def test_joined_with_another_reminder_the_evening_before_still_goes_by_line(
    morning: Session, api: Line, hana: Member
) -> None:
    rule = ReminderRule.objects.get()
    other = ReminderRule.objects.create(
        series=rule.series, template="still_coming", audience="coming", days_before=3, at="18:00"
    )
    part = {"rule": rule.pk, "session": morning.pk, "day": "2027-01-14"}
    context = {"parts": [part | {"rule": other.pk}, part], "member": hana.pk}
    with time_machine.travel(EVENING, tick=False):
        to = {"to": hana.email, "language": "ja"}
        carrier = Delivery(kind=together.JOINED, key="j", context=context, **to)
        rides = {"dropped_at": EVENING, "drop_reason": together.RIDES_ALONG}
        along = Delivery(kind="reminder.tomorrow", key="t", context=part | {"member": hana.pk}, **rides, **to)
        Delivery.objects.owe_many([carrier, along])
    assert [text.splitlines()[0] for text in said(api, EVENING)] == [
        "hanaさん、席をご用意しています。明日の朝、お待ちしています。"
    ]


def test_called_off_in_the_night_goes_by_line(morning: Session, api: Line) -> None:
    night = START - timedelta(hours=2)
    with time_machine.travel(night, tick=False):
        morning.cancel("大雪のため", now=night)
    assert said(api, night) == [
        """\
hanaさん、
1月14日(木) 7:00 の回は中止になりました。

理由:
大雪のため

届いたことが世話人に伝わるよう、一度だけ押してください:
https://asakai.example/understood/

この回のページ:
https://asakai.example/sessions/aaaaaaaaaa/?openExternalBrowser=1"""
    ]


def test_moved_in_the_night_goes_by_line_whatever_the_new_day(morning: Session, api: Line) -> None:
    night = START - timedelta(hours=2)
    with time_machine.travel(night, tick=False):
        morning.move(START + timedelta(days=7), now=night)
    (text,) = said(api, night)
    assert text.splitlines()[:4] == ["hanaさん、", "日時が変わりました。", "", "値札のない朝"]
    assert "前の予定: 1月14日(木) 7:00" in text


def test_another_fee_on_the_eve_goes_by_line(morning: Session, api: Line) -> None:
    night = START - timedelta(hours=2)
    with time_machine.travel(night, tick=False):
        morning.charge(morning.fee_amount + 500, now=night)
    (text,) = said(api, night)
    assert text.splitlines()[1] == "会費が変わりました。お返事はそのままです。"
    assert "会費: 2,500円（これまでは2,000円）" in text
    # No word is asked for.
    assert "/understood/" not in text


def test_a_change_long_before_goes_by_mail_alone(morning: Session, api: Line) -> None:
    before = START - timedelta(days=3)
    with time_machine.travel(before, tick=False):
        morning.move(START + timedelta(days=7), now=before)
        morning.cancel("都合により", now=before)
    assert said(api, before) == []
    assert len(mail.outbox) == 2


def test_who_has_left_by_then_is_not_told(morning: Session, api: Line, hana: Member) -> None:
    moment = remind(morning)
    morning.rsvp(hana, "DECLINED", now=moment)
    assert said(api, moment) == []


def test_when_line_is_down_the_mail_goes_all_the_same(morning: Session, api: Line) -> None:
    api.answers = [503]
    moment = remind(morning)
    assert said(api, moment) == []
    assert len(mail.outbox) == 2
    assert said(api, moment + timedelta(minutes=1)) != []


def test_what_line_could_not_take_in_time_is_not_told_late(morning: Session, api: Line) -> None:
    api.answers = [503]
    assert said(api, remind(morning)) == []
    assert said(api, START + timedelta(minutes=1)) == []
    assert Delivery.objects.get(channel="line").drop_reason == "expired"


@pytest.mark.parametrize("number", [1, 30])
def test_picking_takes_the_same_number_of_statements_for_many(
    morning: Session, person: Callable[..., Member], number: int, django_assert_num_queries: Any
) -> None:
    people = [person(f"p{n}") for n in range(number)]
    LineAccount.objects.bulk_create(LineAccount(member=one, account=f"U{one.pk}") for one in people)
    context = {"session": morning.pk, "sequence": 0}
    with time_machine.travel(EVENING, tick=False):
        rows = [
            Delivery(kind="session.changed", key=f"{one.pk}", to=one.email, language="ja", context=context)
            for one in people
        ]
        with django_assert_num_queries(4):
            Delivery.objects.owe_many(rows)
    assert Delivery.objects.filter(channel="line").count() == number
