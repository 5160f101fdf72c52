"""The letter as a mail and as a text for LINE: exact texts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.utils import translation

from archive.bulletins import drafts, outside
from archive.bulletins.parts import read
from archive.models import Bulletin
from events.models import Series, Session
from members.levels import Level
from members.models import Club, Member
from members.news import News
from outbox.models import Delivery
from outbox.sending import send_due
from outbox.stops import Stop
from records.models import Report, Takeaway
from speakers.models import Speaker
from tests.events.pages import talk

START = datetime(2027, 1, 14, 7, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
NOW = START + timedelta(days=10, hours=3)
REPORT = "惣菜売り場の話をうかがいました。貼る時刻を一時間ずらすだけで、廃棄が四割減ったそうです。"


@pytest.fixture
def morning(
    club: Club,
    make_session: Callable[..., Session],
    sato: Speaker,
    hana: Member,
    ken: Member,
    kosuke: Member,
    settings: object,
) -> Session:
    """A past morning with report and two lines, one for members alone, and the next with a guest."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://asakai.example"
    past = make_session(starts_at=START, number=37, code="aaaaaaaaaa", title="三割引きのシール")
    talk(past, sato)
    Report.objects.write(past, REPORT, language="ja", is_published=True, now=NOW, actor=kosuke, agreed="unasked")
    Takeaway.objects.create(session=past, member=hana, text="決めるのは人でした。", audience="public")
    Takeaway.objects.create(session=past, member=ken, text="帳簿が読めました。", audience="members", signed="none")
    News.objects.tell(ken, "統計の本を一冊訳しました。", level=Level.SERIES, now=NOW)
    past.series.join(ken, now=NOW)
    coming = make_session(starts_at=START + timedelta(days=28), number=38, code="bbbbbbbbbb", title="夜明けの帳簿")
    talk(coming, sato)
    return past


def sent(morning: Session, host: Member, reader: Member) -> mail.EmailMessage:
    draft, _offered = drafts.of(morning, host, now=NOW)
    bulletin = Bulletin.objects.keep(
        morning, greeting=draft.greeting, chosen=draft.chosen, language=draft.language, now=NOW
    )
    with time_machine.travel(NOW, tick=False):
        bulletin.send(now=NOW, actor=host)
        send_due()
    (found,) = [letter for letter in mail.outbox if letter.to == [reader.email]]
    return found


def without_stop(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "/mails/" not in line)


def test_the_letter_in_japanese(morning: Session, kosuke: Member, hana: Member) -> None:
    letter = sent(morning, kosuke, hana)
    assert letter.subject == "朝食会 1月のたより"
    assert letter.from_email == "=?utf-8?b?5pyd6aOf5Lya?= <asakai@localhost.localdomain>"
    assert (
        without_stop(letter.body)
        == """\
1月14日(木)はありがとうございました。あれからのことをお届けします。
kosuke

■ この回の話

第37回 三割引きのシール
ゲスト: 佐藤 朝子先生
惣菜売り場の話をうかがいました。貼る時刻を一時間ずらすだけで、廃棄が四割減ったそうです。
https://asakai.example/sessions/aaaaaaaaaa/

■ 持ち帰ったこと

「決めるのは人でした。」 hanaさん

「帳簿が読めました。」

■ 次の回

2月11日(木) 7:00　第38回 夜明けの帳簿
ゲスト: 佐藤 朝子先生
出欠とゲストへの質問は、この回のページからどうぞ。
https://asakai.example/sessions/bbbbbbbbbb/

■ 会員の近況

「統計の本を一冊訳しました。」 kenさん

ページで読む:
https://asakai.example/bulletins/aaaaaaaaaa/

----
このたよりは、朝食会の会員に月に一度お送りしています。
このお知らせを止める
河口の朝会
https://asakai.example"""
    )


def test_the_letter_in_english(morning: Session, kosuke: Member, hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(language="en", romaji="Hana Arima")
    letter = sent(morning, kosuke, hana)
    assert letter.subject == "Breakfast: the January letter"
    assert (
        without_stop(letter.body)
        == """\
1月14日(木)はありがとうございました。あれからのことをお届けします。
kosuke

■ What was on

No. 37 三割引きのシール
Guest: Asako Sato
惣菜売り場の話をうかがいました。貼る時刻を一時間ずらすだけで、廃棄が四割減ったそうです。
https://asakai.example/sessions/aaaaaaaaaa/

■ Taken home

“決めるのは人でした。” Hana Arima

“帳簿が読めました。”

■ The next morning

Thu 11 Feb, 7:00: No. 38 夜明けの帳簿
Guest: Asako Sato
Answer on its page, and write there what you would like to ask.
https://asakai.example/sessions/bbbbbbbbbb/

■ What is new with members

“統計の本を一冊訳しました。” ken

The letter as a page:
https://asakai.example/bulletins/aaaaaaaaaa/

----
This letter goes to members of Breakfast once a month.
Stop these mails
Estuary Breakfast
https://asakai.example"""
    )


def test_the_mail_says_in_which_language_each_piece_is(morning: Session, kosuke: Member, hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(language="en")
    html = sent(morning, kosuke, hana).alternatives[0].content
    assert '<div lang="ja"><p>1月14日(木)' in html
    assert '<span lang="ja">“決めるのは人でした。”</span>' in html
    assert len(html.encode()) < 40_000


def test_the_text_for_line_has_nothing_that_is_for_members_alone(morning: Session, kosuke: Member) -> None:
    with time_machine.travel(NOW, tick=False):
        draft, _offered = drafts.of(morning, kosuke, now=NOW)
        said = outside.text(draft, read(draft.chosen, kosuke))
        with translation.override("en"):
            english = outside.text(draft, read(draft.chosen, kosuke))
    assert (
        said
        == """\
朝食会 1月のたより

■ この回の話
第37回 三割引きのシール
ゲスト: 佐藤 朝子先生

■ 持ち帰ったこと
「決めるのは人でした。」 hanaさん

■ 次の回
2月11日(木) 7:00　第38回 夜明けの帳簿
ゲスト: 佐藤 朝子先生

全文はこちら（会員のみ）
https://asakai.example/bulletins/aaaaaaaaaa/?openExternalBrowser=1"""
    )
    assert (english.splitlines()[0], english.splitlines()[-2]) == (
        "Breakfast: the January letter",
        "The whole letter, for members:",
    )


def test_of_a_closed_series_the_text_for_line_is_a_title_and_a_link(
    morning: Session, kosuke: Member, series: Series
) -> None:
    Series.objects.filter(pk=series.pk).update(audience=Series.Audience.MEMBERS)
    morning = Session.objects.select_related("series").get(pk=morning.pk)
    with time_machine.travel(NOW, tick=False):
        draft, _offered = drafts.of(morning, kosuke, now=NOW)
        said = outside.text(draft, read(draft.chosen, kosuke))
    assert said.splitlines()[:3] == ["朝食会 1月のたより", "", "全文はこちら（会員のみ）"]


@pytest.mark.parametrize("change", ["stopped", "left", "inactive"])
def test_who_no_longer_wants_it_by_then_gets_none(
    morning: Session, kosuke: Member, hana: Member, series: Series, change: str
) -> None:
    draft, _offered = drafts.of(morning, kosuke, now=NOW)
    Bulletin.objects.keep(morning, greeting="", chosen=draft.chosen, language="ja", now=NOW).send(now=NOW, actor=kosuke)
    if change == "stopped":
        Stop.objects.stop(hana.email, [("letter", f"series:{series.pk}")], now=NOW)
    elif change == "left":
        series.leave(hana, now=NOW)
    else:
        Member.objects.filter(pk=hana.pk).update(is_active=False)
    with time_machine.travel(NOW, tick=False):
        send_due()
    assert [letter.to for letter in mail.outbox] == [[kosuke.email], ["ken@example.com"]]
    reason = "unsubscribed" if change == "stopped" else "no longer wanted"
    assert Delivery.objects.get(to=hana.email).drop_reason == reason


def test_held_up_until_the_night_it_waits_for_the_morning(morning: Session, kosuke: Member) -> None:
    draft, _offered = drafts.of(morning, kosuke, now=NOW)
    Bulletin.objects.keep(morning, greeting="", chosen=draft.chosen, language="ja", now=NOW).send(now=NOW, actor=kosuke)
    with time_machine.travel(NOW.replace(hour=22), tick=False):
        send_due()
    assert mail.outbox == []
    seven = NOW.replace(hour=7) + timedelta(days=1)
    assert {row.next_attempt_at for row in Delivery.objects.all()} == {seven}
