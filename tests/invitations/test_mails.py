"""What the mails say, and when they are not sent after all."""

from datetime import datetime, time, timedelta
from email.header import decode_header, make_header

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation

from events.models import Gathering, Series, Session, Venue
from invitations import details, letters, link
from invitations.models import Invitation
from members.models import Club, Member
from outbox.kinds import Unwanted
from outbox.models import Delivery
from outbox.rendering import letter as letter_of
from outbox.rendering import message, render
from tests.events.pages import talk

WHEN = datetime.fromisoformat("2026-11-28T12:00:00+09:00")
MORNING = datetime.fromisoformat("2026-12-24T07:00:00+09:00")

LETTER = """\
佐藤 朝子 様
（森様 気付）

拝啓　突然のお便りで失礼いたします。朝食会を主催しておりますkosukeと申します。\
月に一度、本を書いた方を囲む朝ごはんの会です。

ご著書『夜明けの帳場』を拝読し、違う仕事の仲間と一緒に、その続きをご本人から伺いたいと願っております。\
一日が始まる前のひととき、24人ほどの小さな席で、お話しいただけないでしょうか。

お返事は、メールへのご返信でも、専用のページからでも結構です。ご無理な場合も、ひと言いただければ幸いです。

敬具

朝食会　kosuke

記

日時　十二月二十四日(木) 朝七時から八時二十分
  ほかに令和九年一月十四日(木)もご用意できます
場所　喫茶みなと
  東京都かもめ区1-2-3
お話　30分ほど、そのあと質問の時間
集まる人　24名まで
謝礼　10,000円(当日お渡しします)
  源泉徴収　いたします(お手取り 8,979円)
  交通費　未定
お食事　朝食をご用意します
  お連れの方　どうぞご一緒に
録音　録音・録画はいたしません。写真は公開の前にお目にかけます
  ここだけの話　外に出しません
報告　公開の前にお目にかけ、直していただけます
本の販売　歓迎いたします。サインもぜひお願いします
機材　未定
以上

お返事のための専用ページ(登録は要りません):
{link}

----
このお便りは、kosukeからお一人だけにお送りしています。ご返信はkosukeに直接届きます。
河口の朝会
http://localhost:8000
"""


def made() -> tuple[Delivery, EmailMultiAlternatives]:
    """The newest mail owed, rendered as the worker would."""
    delivery = Delivery.objects.latest("pk")
    delivery.rendered = render(delivery, letter_of(delivery))
    return delivery, message(delivery)


def unwanted(delivery: Delivery) -> str:
    with pytest.raises(Unwanted) as reason:
        letter_of(delivery)
    return str(reason.value)


@pytest.fixture
def asked(invite, make_session, sato) -> Invitation:
    sato.contact_name, sato.contact_email = "森", "mori@example.com"
    sato.save()
    session = make_session(starts_at=MORNING)
    session.series.summary = "月に一度、本を書いた方を囲む朝ごはんの会です"
    with time_machine.travel(WHEN, tick=False):
        other = MORNING + timedelta(days=21)
        invitation = invite(
            session=session,
            is_paid=True,
            fee=10_000,
            honorarium="当日お渡しします",
            is_withheld=True,
            other_dates=[other],
            goes_to="contact",
        )
        invitation.send(now=WHEN)
    return invitation


def test_the_letter_word_for_word(asked: Invitation) -> None:
    with time_machine.travel(WHEN, tick=False):
        delivery, mail = made()
    assert mail.body == LETTER.format(link=link.address(asked))
    assert (mail.to, mail.cc, mail.reply_to) == (["mori@example.com"], [], ["kosuke@example.com"])
    assert mail.subject == "【お話のお願い】朝食会 主催・kosuke"
    assert str(make_header(decode_header(mail.from_email))).startswith(("朝食会 kosuke", '"朝食会 kosuke'))
    assert delivery.context.keys() == {"invitation", "version", "nudge"}


@pytest.mark.parametrize(("language", "called"), [("ja", "朝食会"), ("en", "Breakfast")])
def test_a_letter_speaks_of_the_series_and_of_the_club_only_where_they_are_one(
    invite, series, club, now, language: str, called: str
) -> None:
    Series.objects.update(summary="")
    invitation = invite(language=language)
    invitation.send(now=now)
    own = Invitation.objects.whole().get()
    with translation.override(language):
        said = [own.subject, own.greeting, letters.compose(own, now=now).sender]
        assert [called in text for text in said] == [True, True, True]
        assert [club.display_name in text for text in said] == [False, False, False]
        sender = letter_of(Delivery.objects.get()).sender_name
        assert (sender, letters.gathering(series)) == (said[2], called)
        series.name, series.name_en = club.name, ""
        assert letters.gathering(series) == club.display_name


@pytest.mark.parametrize(
    ("summary", "language", "said"),
    [
        (
            "朝ごはんの会です",
            "ja",
            "kosukeと申します。朝ごはんの会です。おかげさまで、これまでに35回ひらいてまいりました。",
        ),
        ("朝ごはんの会です。", "ja", "kosukeと申します。朝ごはんの会です。おかげさまで、これまでに35回"),
        ("Breakfast with authors", "en", "host Breakfast. Breakfast with authors. We have met 35 times so far."),
    ],
)
def test_what_the_gathering_is_stands_as_a_sentence_and_the_highest_number_tells_how_often(
    invite, make_session, now, summary: str, language: str, said: str
) -> None:
    for number in (18, 35):
        make_session(starts_at=now - timedelta(days=28 * (36 - number)), number=number)
    session = make_session(number=36)
    session.series.summary, session.series.language = summary, language
    assert said in invite(session=session, language=language).greeting


def test_what_is_said_of_the_club_is_not_said_of_another_gathering(invite, session: Session, club: Club) -> None:
    """An English letter of a series that says in Japanese what it is."""
    Club.objects.update(sentence_en="Once a month, breakfast with an author.")
    session.series.summary = "毎週、会員が話します。"
    greetings = [invite(session=session, language="en").greeting]
    Invitation.objects.all().delete()
    session.series.name = club.name
    greetings.append(invite(session=session, language="en").greeting)
    assert ["Once a month" in greeting for greeting in greetings] == [False, True]


def test_mornings_without_numbers_are_counted(invite, make_session, now) -> None:
    for nth in range(3):
        make_session(starts_at=now - timedelta(days=28 * (nth + 1)))
    assert "これまでに3回ひらいて" in invite().greeting


@pytest.mark.parametrize(
    ("at", "japanese", "english"),
    [
        ("2026-12-24T07:00:00+09:00", "十二月二十四日(木)", "Thu 24 Dec"),
        ("2027-01-14T07:00:00+09:00", "令和九年一月十四日(木)", "Thu 14 Jan 2027"),
    ],
)
def test_a_date_of_another_year_than_the_letters_names_its_year(at: str, japanese: str, english: str) -> None:
    when, written = datetime.fromisoformat(at), WHEN.date()
    said = [letters.day(when, written=written)]
    with translation.override("en"):
        said.append(letters.day(when, written=written))
    assert said == [japanese, english]


def test_the_link_opens_the_letter_and_stands_in_text_and_html(asked: Invitation, client) -> None:
    _delivery, mail = made()
    html = mail.alternatives[0][0]
    assert (mail.body.count(link.address(asked)), html.count(link.address(asked))) == (1, 1)
    with time_machine.travel(WHEN, tick=False):
        assert client.get(link.address(asked).removeprefix("http://localhost:8000")).status_code == 200


def test_a_reminder_begins_with_a_word_and_holds_the_same_letter(asked: Invitation) -> None:
    with time_machine.travel(WHEN, tick=False):
        asked.write_again(now=WHEN + timedelta(days=8))
        _delivery, mail = made()
    word, _line, same = mail.body.partition("\n\n----\n\n")
    assert word.startswith("11月28日(土)にお便りを差し上げた件で、")
    assert (same, mail.subject) == (LETTER.format(link=link.address(asked)), f"再送 {asked.subject}")


def test_a_letter_in_english_names_what_is_not_decided(invite, now) -> None:
    invitation = invite(language="en")
    invitation.send(now=now)
    _delivery, mail = made()
    assert mail.body.startswith("Dear Asako Sato,\n\nPlease forgive a letter out of the blue. My name is kosuke")
    assert "Honorarium: not yet decided\n  withholding tax: not yet decided\n  travel: not yet decided\n" in mail.body


ENGLISH = {
    "name_en": "Café Minato",
    "address_en": "1-2-3 Kamome-ku, Tokyo",
    "directions_en": "Upstairs, above the bakery.",
    "entrance_en": "Knock twice at the side door.",
}


def test_a_letter_in_english_says_where_in_latin_letters(invite, now) -> None:
    Venue.objects.update(**ENGLISH)
    invitation = invite(language="en")
    invitation.send(now=now)
    _delivery, mail = made()
    assert "Place: Café Minato\n  1-2-3 Kamome-ku, Tokyo\n  Upstairs, above the bakery.\n" in mail.body
    invitation.accept(how="link", now=now)
    with translation.override("en"):
        told = dict(details.facts(Invitation.objects.get()))
    assert [told["Where"], told["Way in"]] == [
        "Café Minato, 1-2-3 Kamome-ku, Tokyo",
        "Upstairs, above the bakery. Knock twice at the side door.",
    ]
    assert dict(details.facts(Invitation.objects.get()))["ところ"] == "喫茶みなと 東京都かもめ区1-2-3"


def test_what_of_a_place_has_no_latin_letters_stands_as_it_is(invite, now) -> None:
    Venue.objects.update(name_en="Café Minato")
    invite(language="en").send(now=now)
    assert "Place: Café Minato\n  東京都かもめ区1-2-3\n" in made()[1].body


def test_the_mornings_so_far_are_those_before_the_letter(asked: Invitation, make_session, sato, now) -> None:
    earlier = make_session(starts_at=MORNING - timedelta(days=60))
    later = make_session(starts_at=WHEN + timedelta(days=1))
    for session, title in ((earlier, "前の朝"), (later, "後の朝")):
        talk(session, sato, title)
    Session.objects.filter(pk__in=[earlier.pk, later.pk]).update(title="")
    (so_far,) = [
        term for term in letters.compose(asked, now=MORNING + timedelta(days=9)).terms if term.label == "これまで"
    ]
    assert [so_far.text, *so_far.notes] == ["「前の朝」佐藤 朝子先生"]


def test_a_date_for_which_a_letter_is_out_or_an_outing_is_offered_to_nobody_else(
    invite, session: Session, make_session, hana: Member, now
) -> None:
    free, asked_for, declined, outing = [
        make_session(starts_at=session.starts_at + timedelta(days=7 * n)) for n in (1, 2, 3, 4)
    ]
    invite(session=asked_for).send(now=now)
    refused = invite(session=declined)
    refused.send(now=now)
    refused.decline(how="mail", now=now)
    proposed = {"title": "市場を歩く", "starts_at": outing.starts_at}
    Gathering.objects.create(series=session.series, member=hana, session=outing, answered_at=now, **proposed)
    assert letters.dates_to_offer(session, now=now) == [free, declined]


def test_what_was_settled_for_the_last_guest_is_drafted_for_the_next(asked: Invitation, invite, make_session) -> None:
    Invitation.objects.update(honorarium="2万円", travel="実費", tax="いたしません")
    later = make_session(starts_at=MORNING + timedelta(days=28))
    drafted = letters.draft(later, asked.speaker, None, asked.host, now=WHEN)
    assert [drafted[name] for name in ("honorarium", "travel", "tax")] == ["2万円", "実費", "いたしません"]


@pytest.mark.parametrize(
    ("days", "fields", "begins"),
    [
        (None, {}, ("拝啓　突然の", "Please forgive a letter out of the blue.")),
        (-30, {}, ("拝啓　朝食会のkosukeでございます。その節は", "This is kosuke of Breakfast. Thank you once more")),
        (
            -30,
            {"other": True},
            ("拝啓　朝食会のkosukeでございます。その節は", "This is kosuke of Breakfast. Thank you once"),
        ),
        (
            28,
            {},
            (
                "拝啓　朝食会のkosukeでございます。十二月二十六日(土)のお話をお引き受けくださり、",
                "This is kosuke of Breakfast. Thank you for having agreed to speak to us on Sat 26 Dec.",
            ),
        ),
        (28, {"off": True}, ("拝啓　突然の", "Please forgive a letter out of the blue.")),
        (-30, {"hidden": True}, ("拝啓　突然の", "Please forgive a letter out of the blue.")),
    ],
)
def test_who_spoke_here_or_will_is_written_to_as_somebody_known(
    session: Session, sato, kosuke, club, make_session, days: int | None, fields: dict[str, bool], begins
) -> None:
    with time_machine.travel(WHEN, tick=False):
        if days is not None:
            series = session.series
            if fields.get("other") or fields.get("hidden"):
                audience = "series" if fields.get("hidden") else "members"
                series = Series.objects.create(
                    slug="evening", name="夕べの会", starts_on=WHEN.date(), at=time(19), audience=audience
                )
            known = make_session(
                series=series,
                starts_at=WHEN + timedelta(days=days),
                recurrence_id=None,
                published_at=WHEN - timedelta(days=90),
                cancelled_at=WHEN if fields.get("off") else None,
                cancel_reason="台風" if fields.get("off") else "",
            )
            talk(known, sato)
        for language, begin in zip(("ja", "en"), begins, strict=True):
            with translation.override(language):
                greeting = letters.draft(session, sato, None, kosuke, now=WHEN)["greeting"]
            assert greeting.startswith(begin)


def test_who_comes_is_counted_from_closed_door_lists(make_session, person, now) -> None:
    past = make_session(starts_at=now - timedelta(days=30), roster_closed_at=now)
    open_one = make_session(starts_at=now - timedelta(days=3))
    for n, trade in enumerate("AAEGIJ"):
        member = person(f"m{n}", industry=trade)
        past.attendances.create(member=member)
        open_one.attendances.create(member=member)
    coming = make_session()
    assert (
        letters.who_comes(coming, now=now) == "6名ほど(これまでに農業・林業、製造、IT・出版・放送、卸売・小売など5業種)"
    )


def test_too_few_people_are_not_told_apart_by_their_trades(make_session, person, now) -> None:
    past = make_session(starts_at=now - timedelta(days=30), roster_closed_at=now)
    for n in range(4):
        past.attendances.create(member=person(f"m{n}", industry="AEGI"[n]))
    assert letters.who_comes(make_session(), now=now) == "24名まで"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda i: i.renew_link(now=timezone.now()), "the link was renewed"),
        (lambda i: i.revoke_link(now=timezone.now()), "the link was renewed"),
        (lambda i: i.decline(how="phone", now=timezone.now(), actor=i.host), "answered already"),
        (lambda i: i.session.cancel("台風", now=timezone.now()), "called off"),
        (lambda i: type(i.speaker).objects.update(email="right@example.com"), "another address"),
    ],
)
def test_a_letter_that_has_become_wrong_is_not_sent(sent: Invitation, change, reason: str) -> None:
    delivery = Delivery.objects.get()
    change(sent)
    assert unwanted(delivery) == reason


def test_the_host_hears_the_answer_and_can_reply_to_the_guest(sent: Invitation, now) -> None:
    sent.accept(how="link", note="楽しみです", now=now)
    _delivery, mail = made()
    assert (mail.to, mail.reply_to) == (["kosuke@example.com"], ["sato@example.com"])
    assert mail.subject == "佐藤 朝子先生がお引き受けくださいました"
    assert "楽しみです" in mail.body
    assert f"http://localhost:8000/invitations/{sent.code}/" in mail.body
    assert "/letters/" not in mail.body


def test_an_answer_changed_before_its_mail_went_is_told_once(sent: Invitation, now) -> None:
    sent.accept(how="link", now=now)
    first = Delivery.objects.latest("pk")
    sent.decline(how="link", now=now + timedelta(minutes=1))
    assert unwanted(first) == "answered anew"
    assert made()[1].subject == "佐藤 朝子先生は今回お見送りです"


def test_a_guest_is_told_of_the_new_date_in_a_letters_words(sent: Invitation, now) -> None:
    sent.accept(how="link", now=now)
    sent.session.move(datetime.fromisoformat("2027-02-11T07:00:00+09:00"), now=now)
    _delivery, mail = made()
    assert (mail.to, mail.reply_to) == (["sato@example.com"], ["kosuke@example.com"])
    assert mail.subject == "2月11日(木) 7:00の会について"
    assert mail.body.startswith("佐藤 朝子 様\n\nお引き受けいただいた会の日時と場所を、")
    assert "とき　2月11日(木) 7:00\nところ　喫茶みなと 東京都かもめ区1-2-3\n" in mail.body


def test_a_guest_is_told_of_a_cancellation_with_its_reason_and_only_the_last_change(sent: Invitation, now) -> None:
    sent.accept(how="link", now=now)
    sent.session.move(sent.session.starts_at + timedelta(days=1), now=now)
    moved = Delivery.objects.latest("pk")
    sent.session.cancel("台風のため", now=now)
    assert unwanted(moved) == "changed again"
    _delivery, mail = made()
    assert (mail.subject.startswith("【中止】"), "台風のため" in mail.body) == (True, True)


def test_a_guest_who_declined_meanwhile_is_not_told_of_a_change(sent: Invitation, now, kosuke: Member) -> None:
    sent.accept(how="link", now=now)
    sent.session.move(sent.session.starts_at + timedelta(days=1), now=now)
    moved = Delivery.objects.latest("pk")
    sent.decline(how="phone", now=now, actor=kosuke)
    assert unwanted(moved) == "does not come"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_mail_is_under_forty_kilobytes_and_has_no_remote_pictures(sent: Invitation, now, language) -> None:
    Invitation.objects.update(language=language)
    sent.refresh_from_db()
    with translation.override(language):
        sent.accept(how="link", now=now)
        sent.session.move(sent.session.starts_at + timedelta(days=1), now=now)
    for delivery in Delivery.objects.exclude(kind="guest.letter"):
        html = render(delivery, letter_of(delivery))["html"]
        assert (delivery.kind, len(html.encode()) < 40_000, "<img" in html) == (delivery.kind, True, False)
