from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db.models import Count

from events.models import Attendance, Gathering, Membership, ReminderRule, Rsvp, Series, Session
from events.models.reminder import MONTHLY, begin_with, due_at
from events.reminders import carry_out
from members.models import Block, Club, Member
from outbox.models import Delivery
from outbox.sending import send_due
from tests.events.pages import crowd, seat

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)


@pytest.fixture
def morning(club: Club, series: Series, make_session: Callable[..., Session], settings: object) -> Session:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    begin_with(series, MONTHLY)
    return make_session(starts_at=START, programme="6:40 開場\n7:00 朝ごはん")


def sent(template: str, session: Session) -> list[mail.EmailMessage]:
    """What goes out when this reminder falls due."""
    moment = due_at(ReminderRule.objects.get(template=template), session)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
        send_due()
    return mail.outbox


def come(session: Session, member: Member) -> None:
    session.rsvp(member, "ACCEPTED", now=START - timedelta(days=20))
    Delivery.objects.all().delete()


def without_links(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("http"))


def test_the_evening_before(morning: Session, hana: Member) -> None:
    come(morning, hana)
    (letter,) = sent("tomorrow", morning)
    assert (letter.subject, letter.to) == ("明日の朝 7:00、お待ちしています", ["hana@example.com"])
    assert (
        without_links(letter.body)
        == """\
hanaさん、席をご用意しています。明日の朝、お待ちしています。

値札のない朝

とき: 1月14日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
もちもの: 2,000円（現金）
台風や雪のとき: 前の日の18:00までに決め、メールとこの回のページでお知らせします

6:40 開場
7:00 朝ごはん

道順と入口はこちら:

受付で見せるQRコード:

来られなくなったら、こちらから席をゆずれます。

----
参加する方に、前の日の 18:00 にお送りしています。
このお知らせを止める
河口の朝会"""
    )


def test_what_the_host_adds_stands_after_the_first_words(morning: Session, hana: Member) -> None:
    ReminderRule.objects.filter(template="tomorrow").update(greeting="雪の予報です。\n<b>お気をつけて</b>")
    come(morning, hana)
    (letter,) = sent("tomorrow", morning)
    assert without_links(letter.body).split("\n\n")[1] == "雪の予報です。\n<b>お気をつけて</b>"
    assert "<p>雪の予報です。<br>&lt;b&gt;お気をつけて&lt;/b&gt;</p>" in letter.alternatives[0][0]


@pytest.mark.parametrize(
    ("days", "subject", "first"),
    [
        (0, "今日 19:00、お待ちしています", "hanaさん、席をご用意しています。今日、お待ちしています。"),
        (1, "明日 19:00、お待ちしています", "hanaさん、席をご用意しています。明日、お待ちしています。"),
        (2, "1月14日(木) 19:00、お待ちしています", "hanaさん、席をご用意しています。1月14日(木)、お待ちしています。"),
    ],
)
def test_the_mail_names_the_day_as_one_does_on_the_day_it_goes(
    morning: Session, hana: Member, days: int, subject: str, first: str
) -> None:
    come(morning, hana)
    Session.objects.filter(pk=morning.pk).update(
        starts_at=START + timedelta(hours=12), ends_at=START + timedelta(hours=13)
    )
    morning.refresh_from_db()
    ReminderRule.objects.filter(template="tomorrow").update(days_before=days)
    (letter,) = sent("tomorrow", morning)
    assert (letter.subject, letter.body.splitlines()[0]) == (subject, first)


def test_words_of_the_hosts_own(morning: Session, hana: Member) -> None:
    come(morning, hana)
    ReminderRule.objects.create(
        series=morning.series, template="words", audience="coming", days_before=2, at="12:10",
        subject="本をお持ちください", greeting="著者の方が、サインをしてくださいます。",
    )  # fmt: skip
    (letter,) = sent("words", morning)
    assert letter.subject == "本をお持ちください"
    assert (
        without_links(letter.body)
        == """\
hanaさん、

著者の方が、サインをしてくださいます。

値札のない朝

とき: 1月14日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
もちもの: 2,000円（現金）

この回のページ:

----
世話人から参加する方に、2日前の 12:10 にお送りしています。
このお知らせを止める
河口の朝会"""
    )


@pytest.fixture
def over(morning: Session, hana: Member, person: Callable[..., Member]) -> Session:
    """Hana came, and three others: one whom everybody of the morning may know, one who told nobody, one kept away."""
    come(morning, hana)
    now = START - timedelta(days=30)
    ayumi = person("ayumi", reading="あゆみ", romaji="Ayumi Seto", listed_at=now, industry="P", role="訪問看護")
    silent, blocked = person("silent"), person("blocked", listed_at=now)
    Block.objects.create(member=blocked, other=hana)
    for member in (hana, ayumi, silent, blocked):
        Attendance.objects.create(session=morning, member=member)
    Session.objects.update(roster_closed_at=START)
    return morning


def test_thanks_with_who_was_there_as_far_as_they_let_the_room_see(over: Session, hana: Member) -> None:
    letter = next(one for one in sent("thanks", over) if one.to == [hana.email])
    assert letter.subject == "今朝はありがとうございました"
    assert (
        without_links(letter.body)
        == """\
hanaさん、今朝は「値札のない朝」にお越しくださり、ありがとうございました。

ご一緒した方
- ayumiさん: 訪問看護
ほかに2名

何を持ち帰りましたか。一行で結構です。誰に見せるかは選べます。

名刺を交換した方には、こちらでしるしを付けてください:

一行書く:

----
お越しになった方に、その日の 12:10 にお送りしています。
このお知らせを止める
河口の朝会"""
    )
    html = str(letter.alternatives[0][0])
    assert ("ayumiさん" in html, "silent" in html, "blocked" in html) == (True, False, False)


def test_who_was_there_is_asked_for_each_reader_alone(over: Session, hana: Member) -> None:
    """They go in one batch: what one of them may know is not told to another."""
    letters = {one.to[0]: without_links(one.body) for one in sent("thanks", over)}
    assert len(letters) == 4
    named = {to: [line for line in body.splitlines() if line.startswith("- ")] for to, body in letters.items()}
    assert named == {
        "hana@example.com": ["- ayumiさん: 訪問看護"],
        "ayumi@example.com": ["- blockedさん: IT・出版・放送"],
        "silent@example.com": ["- ayumiさん: 訪問看護", "- blockedさん: IT・出版・放送"],
        "blocked@example.com": ["- ayumiさん: 訪問看護"],
    }


def test_who_was_there_alone_or_among_the_silent_reads_no_list(morning: Session, hana: Member) -> None:
    come(morning, hana)
    Attendance.objects.create(session=morning, member=hana)
    Session.objects.update(roster_closed_at=START)
    (letter,) = sent("thanks", morning)
    assert "ご一緒した方" not in letter.body


def test_three_days_before(morning: Session, hana: Member) -> None:
    come(morning, hana)
    (letter,) = sent("still_coming", morning)
    assert letter.subject == "1月14日(木)、お変わりありませんか"
    assert without_links(letter.body).split("\n\n")[0] == (
        "hanaさん、1月14日(木) 7:00 の席をとってあります。\nお変わりなければ、そのままで結構です。"
    )


def test_the_invitation_in_english_tells_how_many_seats_are_left(morning: Session, hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(language="en", romaji="Hana Arima")
    Membership.objects.exclude(member=hana).delete()
    (letter,) = sent("invite", morning)
    assert letter.subject == "Thu 14 Jan: will you come to breakfast?"
    assert "Dear Hana Arima, we meet again on Thu 14 Jan at 7:00." in letter.body
    assert "24 seats are left." in letter.body


def test_nobody_is_asked_to_breakfast_at_noon_or_to_a_gathering(
    morning: Session, series: Series, make_session: Callable[..., Session], hana: Member
) -> None:
    Membership.objects.exclude(member=hana).delete()
    gathering = Gathering(
        series=series, member=hana, title="市場見学", starts_at=START, session=morning, answered_at=START
    )
    gathering.save()
    (letter,) = sent("invite", morning)
    assert letter.subject == "1月14日(木) 7:00、いらっしゃいますか"
    assert "hanaさん、次の回は 1月14日(木) 7:00 からです。" in letter.body
    mail.outbox.clear()
    (letter,) = sent("invite", make_session(starts_at=START.replace(day=21, hour=11)))
    assert letter.subject == "1月21日(木) 11:00、いらっしゃいますか"


def test_after_an_evening_nobody_is_thanked_for_the_morning(
    morning: Session, make_session: Callable[..., Session], hana: Member
) -> None:
    evening = make_session(starts_at=START.replace(hour=19))
    Attendance.objects.create(session=evening, member=hana)
    Session.objects.filter(pk=evening.pk).update(roster_closed_at=START.replace(hour=20, minute=30))
    with time_machine.travel(START.replace(hour=20, minute=40), tick=False):
        carry_out(now=START.replace(hour=20, minute=40))
        send_due()
    (letter,) = mail.outbox
    assert (letter.subject, "今朝" in letter.body) == ("お越しくださり、ありがとうございました", False)


def test_the_answer_link_of_a_reminder_gives_the_seat_back(morning: Session, hana: Member, client: object) -> None:
    come(morning, hana)
    (letter,) = sent("still_coming", morning)
    link = next(line for line in letter.body.splitlines() if "/answer/" in line)
    with time_machine.travel(START - timedelta(days=2), tick=False):
        assert client.get(link).status_code == 200
        assert morning.rsvps.get().is_seated
        client.post(link, {"partstat": "DECLINED"})
    assert not morning.rsvps.get().is_seated


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda session, member, now: session.cancel("台風", now=now), "cancelled"),
        (lambda session, member, now: session.move(START + timedelta(days=1), now=now), "moved"),
        (lambda session, member, now: session.rsvp(member, "DECLINED", now=now), "no longer concerned"),
        (lambda session, member, now: Member.objects.update(is_active=False), "no longer concerned"),
        (lambda session, member, now: ReminderRule.objects.update(is_on=False), "switched off"),
    ],
)
def test_what_became_useless_after_it_was_owed_is_dropped_with_its_reason(
    morning: Session, hana: Member, happens: Callable[..., object], reason: str
) -> None:
    come(morning, hana)
    moment = due_at(ReminderRule.objects.get(template="tomorrow"), morning)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
        happens(morning, hana, moment)
        send_due()
    reminder = Delivery.objects.get(kind="reminder.tomorrow")
    assert (reminder.sent_at, reminder.drop_reason) == (None, reason)


def test_called_off_a_second_before_no_reminder_goes_and_each_hears_of_it_once(
    morning: Session,
) -> None:
    """Two hundred people; the reminders are owed and due when the morning is called off (reliability M11)."""
    Session.objects.filter(pk=morning.pk).update(capacity=200)
    morning.refresh_from_db()
    people = crowd(200)
    seat(morning, people)
    moment = due_at(ReminderRule.objects.get(template="tomorrow"), morning)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
        morning.cancel("台風", now=moment)
        while send_due():
            pass
    ends = Delivery.objects.values_list("kind", "drop_reason").annotate(n=Count("pk")).order_by("kind")
    assert list(ends) == [("reminder.tomorrow", "cancelled", 200), ("session.cancelled", "", 200)]
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(member.email for member in people)


def test_a_reminder_that_was_held_up_waits_for_the_morning(morning: Session, hana: Member) -> None:
    come(morning, hana)
    moment = due_at(ReminderRule.objects.get(template="still_coming"), morning)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
    night = moment.replace(hour=23)
    with time_machine.travel(night, tick=False):
        assert send_due() == 0
    waiting = Delivery.objects.get(kind="reminder.still_coming")
    assert (waiting.attempts, waiting.next_attempt_at) == (0, (night + timedelta(days=1)).replace(hour=7, minute=0))


def test_a_mail_that_could_not_go_out_does_not_tell_the_old_hour_later(
    morning: Session, hana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning.rsvp(hana, "ACCEPTED", now=START - timedelta(days=20))
    with time_machine.travel(START - timedelta(days=20), tick=False):
        with monkeypatch.context() as broken:
            broken.setattr(mail.EmailMultiAlternatives, "send", refuse)
            send_due()
        morning.move(START + timedelta(hours=1), now=START - timedelta(days=20))
    with time_machine.travel(START - timedelta(days=19), tick=False):
        send_due()
    confirmed = next(letter for letter in mail.outbox if "8:00" in letter.body and "7:00" not in letter.body)
    assert confirmed.to == ["hana@example.com"]


def refuse(_mail: mail.EmailMultiAlternatives) -> int:
    raise ValueError("not now")


ENGLISH = {
    "tomorrow": (
        "Tomorrow morning at 7:00: we look forward to seeing you",
        """\
Dear Hana Arima, your seat is ready. We look forward to seeing you tomorrow morning.

値札のない朝

When: Thu 14 Jan, 7:00, doors open 6:40
Where: 喫茶みなと, 東京都かもめ区1-2-3
Way in: 横の木戸を二回たたいてください
Bring: ¥2,000 in cash
Storm or snow: decided by 18:00 the evening before; a mail and the page tell

6:40 開場
7:00 朝ごはん

The way and the entrance:

Your square, to hold out at the door:

Cannot come? One tap passes the seat on:

----
This goes to those who come, the day before at 18:00.
Stop these mails
Estuary Breakfast""",
    ),
    "still_coming": (
        "Thu 14 Jan: are you still coming?",
        """\
Dear Hana Arima, your seat on Thu 14 Jan at 7:00 is kept.
If you are coming, there is nothing to do.

値札のない朝

When: Thu 14 Jan, 7:00, doors open 6:40
Where: 喫茶みなと, 東京都かもめ区1-2-3
Way in: 横の木戸を二回たたいてください
Bring: ¥2,000 in cash
Storm or snow: decided by 18:00 the evening before; a mail and the page tell

Cannot come? One tap passes the seat on:

----
You said that you are coming. We ask once, because others may be waiting.
Stop these mails
Estuary Breakfast""",
    ),
    "invite": (
        "Thu 14 Jan: will you come to breakfast?",
        """\
Dear Hana Arima, we meet again on Thu 14 Jan at 7:00.

値札のない朝

24 seats are left.

When: Thu 14 Jan, 7:00, doors open 6:40
Where: 喫茶みなと, 東京都かもめ区1-2-3
Way in: 横の木戸を二回たたいてください
Bring: ¥2,000 in cash

Answer: coming, or not this time

----
You belong to Breakfast and have not answered yet. Not answering is fine, too.
Stop these mails
Estuary Breakfast""",
    ),
    "thanks": (
        "Thank you for this morning",
        """\
Dear Hana Arima, thank you for coming this morning: 値札のない朝.

Who was there with you
- Ayumi Seto: Health and care
and 2 more

What do you take home? One line is enough. You choose who may read it.

Did you exchange cards? Tap the names here:

Write one line:

----
This goes to those who came, the same day at 12:10.
Stop these mails
Estuary Breakfast""",
    ),
    "words": (
        "Bring the book",
        """\
Dear Hana Arima,

The author will sign it.

値札のない朝

When: Thu 14 Jan, 7:00, doors open 6:40
Where: 喫茶みなと, 東京都かもめ区1-2-3
Way in: 横の木戸を二回たたいてください
Bring: ¥2,000 in cash

The page of the morning:

----
The host writes this to those who come, 2 days before at 12:10.
Stop these mails
Estuary Breakfast""",
    ),
}


@pytest.mark.parametrize("template", ENGLISH)
def test_each_in_english(over: Session, hana: Member, template: str) -> None:
    Member.objects.filter(pk=hana.pk).update(language="en", romaji="Hana Arima")
    if template == "invite":
        Rsvp.objects.all().delete()
        Session.objects.update(seats_taken=0)
    if template == "words":
        ReminderRule.objects.create(
            series=over.series, template="words", audience="coming", days_before=2, at="12:10",
            subject="Bring the book", greeting="The author will sign it.",
        )  # fmt: skip
    letter = next(one for one in sent(template, over) if one.to == [hana.email])
    assert (letter.subject, without_links(letter.body)) == ENGLISH[template]
