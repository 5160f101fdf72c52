"""What falls together for one person becomes one mail, and still each reminder is told once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail

from events.models import Membership, ReminderRule, Series, Session
from events.models.reminder import WEEKLY, begin_with
from events.reminders import carry_out
from members.models import Club, Member
from outbox.models import Delivery
from outbox.sending import send_due

TOKYO = ZoneInfo("Asia/Tokyo")
# A Thursday, 7:00; the evening before it is 18:00 on Wednesday.
START = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)
EVENING = datetime(2027, 1, 13, 18, 0, tzinfo=TOKYO)
LATER = START + timedelta(days=3)


@pytest.fixture
def breakfast(club: Club, series: Series, make_session: Callable[..., Session], hana: Member, settings) -> Session:
    """Tomorrow: hana and ken come."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    begin_with(series, WEEKLY)
    return make_session(starts_at=START, title="値札のない朝")


@pytest.fixture
def study(breakfast: Session, kosuke: Member, make_session: Callable[..., Session]) -> Session:
    """On Sunday, of another series that asks "still coming?" in the same evening, half an hour later."""
    other = Series.objects.create(slug="study", name="夜学", name_en="Night School", starts_on=START.date(), at="07:00")
    Membership.objects.create(series=other, member=kosuke, role=Membership.Role.OWNER)
    ReminderRule.objects.create(
        series=other,
        template="still_coming",
        audience="coming",
        days_before=4,
        at="18:30",
        greeting="資料は当日配ります。",
    )
    return make_session(series=other, starts_at=LATER, title="はじめての統計", fee_amount=0)


def come(member: Member, *sessions: Session) -> None:
    for session in sessions:
        session.rsvp(member, "ACCEPTED", now=START - timedelta(days=20))
    Delivery.objects.all().delete()


def at(moment: datetime) -> list[mail.EmailMessage]:
    """What goes out at this moment."""
    before = len(mail.outbox)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment.astimezone(UTC))
        send_due()
    return mail.outbox[before:]


def without_links(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("http"))


def test_two_within_the_hour_are_one_mail_at_the_hour_of_the_first(
    breakfast: Session, study: Session, hana: Member
) -> None:
    come(hana, breakfast, study)
    (letter,) = at(EVENING)
    assert (letter.subject, letter.to) == ("1月14日(木)、1月17日(日) のお知らせ", ["hana@example.com"])
    assert (
        without_links(letter.body)
        == """\
hanaさん、お知らせが重なりましたので、一通にまとめました。

■ 1月14日(木) 7:00 朝食会: 値札のない朝
席をご用意しています。明日の朝、お待ちしています。

とき: 1月14日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
もちもの: 2,000円（現金）
台風や雪のとき: 前の日の18:00までに決め、メールとこの回のページでお知らせします

道順と入口はこちら:

受付で見せるQRコード:

来られなくなったら、こちらから席をゆずれます。

■ 1月17日(日) 7:00 夜学: はじめての統計
お席をおとりしてあります。お変わりなければ、そのままで結構です。

資料は当日配ります。

とき: 1月17日(日) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
台風や雪のとき: 前の日の18:00までに決め、メールとこの回のページでお知らせします

来られなくなったら、こちらから席をゆずれます。

----
参加する方に、前の日の 18:00 にお送りしています。
「参加する」とお答えの方に、席をお待ちの方のために、一度だけお尋ねしています。
このお知らせを止める
河口の朝会"""
    )
    assert at(EVENING + timedelta(minutes=30)) == []


def test_the_same_in_english(breakfast: Session, study: Session, hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(language="en", romaji="Hana Arima")
    hana.refresh_from_db()
    come(hana, breakfast, study)
    (letter,) = at(EVENING)
    assert letter.subject == "A word about Thu 14 Jan, Sun 17 Jan"
    assert (
        without_links(letter.body)
        == """\
Dear Hana Arima, there is more than one thing to tell you: here it is in one mail.

■ Thu 14 Jan, 7:00 Breakfast: 値札のない朝
Your seat is ready. We look forward to seeing you tomorrow morning.

When: Thu 14 Jan, 7:00, doors open 6:40
Where: 喫茶みなと, 東京都かもめ区1-2-3
Way in: 横の木戸を二回たたいてください
Bring: ¥2,000 in cash
Storm or snow: decided by 18:00 the evening before; a mail and the page tell

The way and the entrance:

Your square, to hold out at the door:

Cannot come? One tap passes the seat on:

■ Sun 17 Jan, 7:00 Night School: はじめての統計
Your seat is kept. If you are coming, there is nothing to do.

資料は当日配ります。

When: Sun 17 Jan, 7:00, doors open 6:40
Where: 喫茶みなと, 東京都かもめ区1-2-3
Way in: 横の木戸を二回たたいてください
Storm or snow: decided by 18:00 the evening before; a mail and the page tell

Cannot come? One tap passes the seat on:

----
This goes to those who come, the day before at 18:00.
You said that you are coming. We ask once, because others may be waiting.
Stop these mails
Estuary Breakfast"""
    )


def test_each_reminder_of_each_person_has_one_row_and_the_other_rides_along(
    breakfast: Session, study: Session, hana: Member
) -> None:
    come(hana, breakfast, study)
    at(EVENING), at(EVENING + timedelta(minutes=30))
    rows = Delivery.objects.order_by("pk").values_list("kind", "drop_reason", "sent_at")
    assert [(kind, reason, sent is not None) for kind, reason, sent in rows] == [
        ("reminder.joined", "", True),
        ("reminder.still_coming", "in one mail with another reminder", False),
    ]


def test_who_is_told_of_the_later_one_alone_is_told_at_its_own_hour(
    breakfast: Session, study: Session, hana: Member, ken: Member
) -> None:
    come(hana, breakfast, study), come(ken, study)
    assert [letter.to for letter in at(EVENING)] == [["hana@example.com"]]
    assert [(letter.to, letter.subject) for letter in at(EVENING + timedelta(minutes=30))] == [
        (["ken@example.com"], "1月17日(日)、お変わりありませんか")
    ]


def test_more_than_an_hour_apart_are_two_mails(breakfast: Session, study: Session, hana: Member) -> None:
    ReminderRule.objects.filter(template="still_coming").update(at="19:01")
    come(hana, breakfast, study)
    assert [len(at(EVENING)), len(at(EVENING + timedelta(minutes=61)))] == [1, 1]
    assert [letter.subject for letter in mail.outbox] == [
        "明日の朝 7:00、お待ちしています",
        "1月17日(日)、お変わりありませんか",
    ]


def test_what_is_no_longer_wanted_is_left_out_and_the_rest_goes(
    breakfast: Session, study: Session, hana: Member
) -> None:
    come(hana, breakfast, study)
    carry_out(now=EVENING)
    breakfast.cancel("台風", now=EVENING)
    Delivery.objects.filter(kind="session.cancelled").delete()
    with time_machine.travel(EVENING, tick=False):
        send_due()
    (letter,) = mail.outbox
    assert letter.subject == "1月17日(日) のお知らせ"
    assert ("値札のない朝" in letter.body, "はじめての統計" in letter.body) == (False, True)


def test_a_mail_of_which_nothing_is_wanted_does_not_go(breakfast: Session, study: Session, hana: Member) -> None:
    come(hana, breakfast, study)
    carry_out(now=EVENING)
    breakfast.cancel("台風", now=EVENING)
    study.move(LATER + timedelta(days=1), now=EVENING)
    Delivery.objects.filter(kind__startswith="session.").delete()
    with time_machine.travel(EVENING, tick=False):
        send_due()
    assert mail.outbox == []
    assert Delivery.objects.get(kind="reminder.joined").drop_reason == "cancelled, moved"


def test_after_a_standstill_what_is_overdue_comes_in_one_mail(breakfast: Session, study: Session, hana: Member) -> None:
    come(hana, breakfast, study)
    (letter,) = at(EVENING + timedelta(hours=2))
    assert letter.subject == "1月14日(木)、1月17日(日) のお知らせ"


def test_what_comes_first_is_told_first(breakfast: Session, study: Session, hana: Member) -> None:
    ReminderRule.objects.filter(template="still_coming").update(at="17:30")
    come(hana, breakfast, study)
    (letter,) = at(EVENING - timedelta(minutes=30))
    assert letter.subject == "1月14日(木)、1月17日(日) のお知らせ"
    assert letter.body.index("値札のない朝") < letter.body.index("はじめての統計")


def test_what_was_told_already_carries_nothing_along(breakfast: Session, study: Session, hana: Member) -> None:
    """Moved by half an hour on the same day, the first falls due anew; it is not told again, but the other is."""
    ReminderRule.objects.filter(template="still_coming").update(at="19:01")
    come(hana, breakfast, study)
    at(EVENING)
    breakfast.move(START + timedelta(minutes=30), now=EVENING + timedelta(minutes=50))
    Delivery.objects.filter(kind="session.changed").delete()
    letters = at(EVENING + timedelta(minutes=61))
    assert [letter.subject for letter in letters] == ["1月17日(日)、お変わりありませんか"]


def test_a_reminder_that_cannot_be_written_silences_no_other(
    breakfast: Session, study: Session, hana: Member, ken: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    come(hana, breakfast), come(ken, study)
    from events import segments

    real = segments.people

    def broken(segment: str, session: Session):
        if session == breakfast:
            raise ValueError("poison")
        return real(segment, session)

    ReminderRule.objects.filter(template="still_coming").update(at="18:00")
    monkeypatch.setattr(segments, "people", broken)
    assert carry_out(now=EVENING) == 1
    assert list(Delivery.objects.values_list("kind", "to")) == [("reminder.still_coming", "ken@example.com")]
