"""The mails of a seat and of a change: their words, their calendar part, and when they are no longer wanted."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from events.models import Notice, Partstat, Session, Venue
from members.models import Member
from outbox import kinds, rendering
from outbox.models import Delivery
from tests.events.pages import talk

NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
# Every mail of a seat ends with it (tests/config/test_gallery.py).
FOOT = re.compile(r"(届くメールを選ぶ|Choose which mails come)\n/mails/\S+\n")
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)


@pytest.fixture
def morning(make_session, sato, club) -> Session:
    """Thursday 10 December, 7:00 in Tokyo, two seats, with its guest."""
    session = make_session(starts_at=START, number=132, capacity=2, published_at=NOW)
    talk(session, sato)
    return session


def mail(kind: str, to: Member | None = None) -> dict[str, object]:
    """The newest mail of a kind as it would go out, its private links shortened, without the way to one's choices."""
    rows = Delivery.objects.filter(kind=kind, **({"to": to.email} if to else {}))
    delivery = rows.latest("pk")
    made = rendering.render(delivery, rendering.letter(delivery))
    text = re.sub(r"/answer/[\w:.-]+/", "/answer/…/", str(made["text"]).replace(settings.SITE_URL, ""))
    made["text"] = FOOT.sub("", text)
    return made


def calendar(made: dict[str, object]) -> dict[str, str]:
    method, text = made["calendar"]
    lines = dict(re.findall(r"^(SEQUENCE|DTSTART|STATUS|SUMMARY|LOCATION|UID)[^:\n]*:(.*)\r$", text, re.MULTILINE))
    assert f"METHOD:{method}\r\n" in text
    partstat = re.search(r"PARTSTAT=([A-Z-]+)", text.replace("\r\n ", ""))
    return {"METHOD": method, **lines, "PARTSTAT": partstat[1] if partstat else ""}


def unwanted(kind: str, to: Member | None = None) -> str:
    """Why the newest mail of a kind is not sent."""
    rows = Delivery.objects.filter(kind=kind, **({"to": to.email} if to else {}))
    with pytest.raises(kinds.Unwanted) as reason:
        rendering.letter(rows.latest("pk"))
    return str(reason.value)


def test_a_seat_is_confirmed_with_all_one_needs(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    made = mail("rsvp.confirmed")
    assert made["subject"] == "席をおとりしました: 12月10日(木) 7:00"
    assert made["from"] == "=?utf-8?b?5pyd6aOf5Lya?= <asakai@localhost.localdomain>"
    assert (
        made["text"]
        == f"""hanaさん、席をおとりしました。お待ちしています。

第132回 値札のない朝

とき: 12月10日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
ゲスト: 佐藤 朝子先生
会費: 2,000円

道順と入口（お連れの方にも渡せます）:
/m/{morning.meeting_code}/

この回のページ:
/sessions/{morning.code}/

来られなくなったら、こちらから席をゆずれます。
/answer/…/

----
「参加する」とお答えの方にお送りしています。カレンダーの予定を添えました。
河口の朝会

"""
    )


def test_the_calendar_part_is_the_attendees_own(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    assert calendar(mail("rsvp.confirmed")) == {
        "METHOD": "REQUEST",
        "UID": morning.uid,
        "SEQUENCE": "0",
        "DTSTART": "20261210T070000",
        "STATUS": "CONFIRMED",
        "SUMMARY": "朝食会: 値札のない朝",
        "LOCATION": "喫茶みなと 東京都かもめ区1-2-3",
        "PARTSTAT": "ACCEPTED",
    }


def test_a_promotion_is_told_with_thanks_for_waiting(morning, hana, ken, mallory) -> None:
    for member in (hana, ken, mallory):
        morning.rsvp(member, Partstat.ACCEPTED, now=NOW)
    morning.rsvp(hana, Partstat.DECLINED, now=NOW)
    made = mail("rsvp.promoted", mallory)
    assert made["subject"] == "席が空き、お席をおとりしました: 12月10日(木) 7:00"
    assert str(made["text"]).splitlines()[0] == (
        "malloryさん、お待ちくださり、ありがとうございました。席が空き、あなたの席になりました。"
    )
    assert str(made["text"]).splitlines()[-3] == (
        "キャンセル待ちの方にお送りしています。カレンダーの予定を添えました。"
        "ご都合が変わっていたら、次の方に席をゆずってください。"
    )
    assert calendar(made)["METHOD"] == "REQUEST"


def test_friends_stand_in_the_mail(morning, hana, ken) -> None:
    morning.rsvp(ken, Partstat.ACCEPTED, now=NOW)
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.rsvp(ken, Partstat.DECLINED, now=NOW)
    morning.add_friend(hana, "O'Hara & 健", now=NOW)
    assert "お連れの方: O'Hara & 健\n" in str(mail("rsvp.confirmed", hana)["text"])
    assert "お連れの方: O&#x27;Hara &amp; 健" in str(mail("rsvp.confirmed", hana)["html"])


def test_a_seat_given_back_is_thanked_for_and_leaves_the_calendar(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.rsvp(hana, Partstat.DECLINED, now=NOW + timedelta(minutes=1))
    made = mail("rsvp.left")
    assert made["subject"] == "参加の取りやめを承りました: 12月10日(木) 7:00"
    assert (
        made["text"]
        == """hanaさん、お知らせくださり、ありがとうございます。席をお返しいただきました。

第132回 値札のない朝
12月10日(木) 7:00

カレンダーの予定は消えます。

やはり行けるようになったら:
/answer/…/

----
参加を取りやめた方にお送りしています。
河口の朝会

"""
    )
    told = calendar(made)
    assert (told["METHOD"], told["STATUS"], told["PARTSTAT"]) == ("CANCEL", "CANCELLED", "DECLINED")


def test_each_mail_of_one_seat_has_a_later_stamp(morning, hana) -> None:
    """RFC 5546, 2.1.5: with the same SEQUENCE the later DTSTAMP holds."""
    stamps = []
    for n, (partstat, kind) in enumerate(
        [(Partstat.ACCEPTED, "rsvp.confirmed"), (Partstat.DECLINED, "rsvp.left"), (Partstat.ACCEPTED, "rsvp.confirmed")]
    ):
        morning.rsvp(hana, partstat, now=NOW + timedelta(minutes=n))
        stamps += re.findall(r"DTSTAMP:(\w+)", mail(kind)["calendar"][1])
    assert stamps == ["20261201T030000Z", "20261201T030100Z", "20261201T030200Z"]


def test_a_move_says_what_was_and_what_is(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.move(START + timedelta(days=1, minutes=30), now=NOW)
    made = mail("session.changed")
    assert made["subject"] == "日時の変更: 12月10日(木) 7:00 から 12月11日(金) 7:30 へ"
    assert (
        made["text"]
        == f"""hanaさん、
日時が変わりました。

第132回 値札のない朝

前の予定: 12月10日(木) 7:00
新しい予定: 12月11日(金) 7:30

とき: 12月11日(金) 7:30、開場 7:10
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
ゲスト: 佐藤 朝子先生
会費: 2,000円

カレンダーの予定もいっしょに変わります。

この回のページ:
/sessions/{morning.code}/

来られなくなったら、こちらから席をゆずれます。
/answer/…/

----
席のある方と、お待ちの方にお送りしています。
河口の朝会

"""
    )
    told = calendar(made)
    assert (told["METHOD"], told["SEQUENCE"], told["DTSTART"]) == ("REQUEST", "1", "20261211T073000")


def test_who_waits_is_told_too_and_has_it_as_tentative(morning, hana, ken, mallory) -> None:
    for member in (hana, ken, mallory):
        morning.rsvp(member, Partstat.ACCEPTED, now=NOW)
    morning.move(START + timedelta(days=1), now=NOW)
    told = Delivery.objects.filter(kind="session.changed").order_by("pk").values_list("to", flat=True)
    assert list(told) == ["hana@example.com", "ken@example.com", "mallory@example.com"]
    assert calendar(mail("session.changed", mallory))["PARTSTAT"] == "TENTATIVE"


def test_a_morning_called_off_says_why_and_vanishes_from_the_calendar(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.cancel("台風が来ます。\nどうぞご安全に。", now=NOW)
    made = mail("session.cancelled")
    assert made["subject"] == "中止のお知らせ: 12月10日(木) 7:00"
    assert (
        made["text"]
        == f"""hanaさん、
12月10日(木) 7:00 の回は中止になりました。

値札のない朝

理由:
台風が来ます。 どうぞご安全に。

カレンダーの予定は消えます。お手続きはいりません。

この回のページ:
/sessions/{morning.code}/

----
席のある方と、お待ちの方にお送りしています。
河口の朝会

"""
    )
    told = calendar(made)
    assert (told["METHOD"], told["SEQUENCE"], told["STATUS"]) == ("CANCEL", "1", "CANCELLED")


def test_a_morning_that_is_on_again_says_so(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.cancel("台風", now=NOW)
    sent(morning)
    morning.restore(now=NOW)
    made = mail("session.changed")
    assert made["subject"] == "やはり開きます: 12月10日(木) 7:00"
    assert str(made["text"]).splitlines()[1] == "中止とお知らせした回を、やはり開くことになりました。"
    assert calendar(made)["SEQUENCE"] == "2"


def test_what_has_been_overtaken_is_not_sent(morning, hana, ken, mallory) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.rsvp(hana, Partstat.DECLINED, now=NOW)
    assert unwanted("rsvp.confirmed") == "answered anew"
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    assert unwanted("rsvp.left") == "answered anew"
    morning.move(START + timedelta(days=1), now=NOW)
    morning.move(START + timedelta(days=2), now=NOW)
    first = Delivery.objects.filter(kind="session.changed").order_by("pk")[0]
    with pytest.raises(kinds.Unwanted, match="changed again"):
        rendering.letter(first)
    morning.rsvp(hana, Partstat.DECLINED, now=NOW)
    assert unwanted("session.changed") == "does not come any more"
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.cancel("台風", now=NOW)
    assert (unwanted("rsvp.confirmed"), unwanted("session.changed")) == ("called off", "changed again")
    morning.restore(now=NOW)
    assert unwanted("session.cancelled") == "changed again"


def test_who_has_gone_is_written_to_no_more(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.move(START + timedelta(days=1), now=NOW)
    Member.objects.filter(pk=hana.pk).update(is_active=False)
    assert (unwanted("rsvp.confirmed"), unwanted("session.changed")) == ("gone", "does not come any more")


def sent(session: Session) -> None:
    """What is owed has gone out."""
    Delivery.objects.open().update(sent_at=NOW)


def test_a_move_overtaken_by_another_names_what_the_reader_knows(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.move(START + timedelta(days=1), now=NOW)
    morning.move(START + timedelta(days=2), now=NOW)
    assert mail("session.changed")["subject"] == "日時の変更: 12月10日(木) 7:00 から 12月12日(土) 7:00 へ"


def test_a_move_after_one_that_was_told_names_that_one(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.move(START + timedelta(days=1), now=NOW)
    sent(morning)
    morning.move(START + timedelta(days=2), now=NOW)
    assert mail("session.changed")["subject"] == "日時の変更: 12月11日(金) 7:00 から 12月12日(土) 7:00 へ"


def test_who_took_a_seat_in_between_knows_the_hour_it_was_given_for(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.move(START + timedelta(days=1), now=NOW)
    morning.rsvp(hana, Partstat.DECLINED, now=NOW)
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.move(START + timedelta(days=2), now=NOW)
    assert mail("session.changed")["subject"] == "日時の変更: 12月11日(金) 7:00 から 12月12日(土) 7:00 へ"


def test_moved_and_moved_back_before_any_mail_went_is_no_news(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.move(START + timedelta(days=1), now=NOW)
    morning.move(START, now=NOW)
    assert unwanted("session.changed") == "as it was"


def test_called_off_and_on_before_any_mail_went_is_no_news(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.cancel("台風", now=NOW)
    morning.restore(now=NOW)
    assert unwanted("session.changed") == "as it was"


def test_on_again_and_off_again_before_that_mail_went_is_no_news(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.cancel("台風", now=NOW)
    sent(morning)
    morning.restore(now=NOW)
    morning.cancel("やはり台風", now=NOW)
    assert unwanted("session.cancelled") == "told already"


def test_who_declined_or_never_answered_is_not_told_of_a_change(morning, hana, ken) -> None:
    morning.rsvp(hana, Partstat.DECLINED, now=NOW)
    morning.move(START + timedelta(days=1), now=NOW)
    assert Delivery.objects.filter(kind="session.changed").count() == 0


def test_a_place_that_changes_is_told_as_a_place(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.move(morning.starts_at, venue=Venue.objects.create(name="新しい店"), now=NOW)
    made = mail("session.changed")
    assert made["subject"] == "場所の変更: 12月10日(木) 7:00"
    assert "ところ: 新しい店\n" in str(made["text"])


def test_another_fee_is_told_to_who_comes_or_waits_and_each_answer_stands(morning, hana, ken, mallory) -> None:
    for member in (hana, ken, mallory):
        morning.rsvp(member, Partstat.ACCEPTED, now=NOW)
    morning.charge(2500, now=NOW)
    told = Delivery.objects.filter(kind="session.changed").order_by("pk").values_list("to", flat=True)
    assert list(told) == ["hana@example.com", "ken@example.com", "mallory@example.com"]
    made = mail("session.changed", hana)
    assert made["subject"] == "会費の変更: 12月10日(木) 7:00"
    assert (
        made["text"]
        == f"""hanaさん、
会費が変わりました。お返事はそのままです。

第132回 値札のない朝

会費: 2,500円（これまでは2,000円）

とき: 12月10日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
ゲスト: 佐藤 朝子先生
会費: 2,500円

この回のページ:
/sessions/{morning.code}/

来られなくなったら、こちらから席をゆずれます。
/answer/…/

----
席のある方と、お待ちの方にお送りしています。
河口の朝会

"""
    )
    assert "会費: <s>2,000円</s> → <strong>2,500円</strong>" in str(made["html"])
    told = calendar(made)
    assert (told["METHOD"], told["SEQUENCE"], told["DTSTART"]) == ("REQUEST", "1", "20261210T070000")


def test_several_changes_before_any_mail_went_are_one_mail(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.charge(3000, now=NOW)
    morning.move(START + timedelta(days=1), now=NOW)
    morning.charge(2500, now=NOW)
    rows = Delivery.objects.filter(kind="session.changed").order_by("pk")
    for row in rows[:2]:
        with pytest.raises(kinds.Unwanted, match="changed again"):
            rendering.letter(row)
    made = mail("session.changed")
    assert made["subject"] == "日時の変更: 12月10日(木) 7:00 から 12月11日(金) 7:00 へ"
    assert "前の予定: 12月10日(木) 7:00\n" in str(made["text"])
    assert "会費: 2,500円（これまでは2,000円）\n" in str(made["text"])


def test_a_fee_that_is_as_before_is_no_news(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.charge(2500, now=NOW)
    morning.charge(2000, now=NOW)
    assert unwanted("session.changed") == "as it was"


def test_another_fee_is_said_by_day_until_the_eve(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    night, eve = datetime(2026, 12, 1, 13, 30, tzinfo=UTC), datetime(2026, 12, 9, 13, 30, tzinfo=UTC)
    goes = []
    for amount, now in ((2500, night), (3000, night + timedelta(minutes=1)), (3500, eve)):
        Delivery.objects.open().filter(created_at__lt=now, next_attempt_at__lte=now).update(sent_at=now)
        morning.charge(amount, now=now)
        goes.append(Delivery.objects.filter(kind="session.changed").latest("pk").next_attempt_at)
    assert goes == [datetime(2026, 12, 1, 22, 0, tzinfo=UTC)] * 2 + [eve]


def test_a_move_told_by_night_does_not_wait_for_the_fee_and_asks_for_its_word_still(morning, hana) -> None:
    eve = datetime(2026, 12, 9, 13, 30, tzinfo=UTC)
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.move(START + timedelta(days=1), now=eve)
    assert Notice.objects.unread().count() == 1
    morning.charge(2500, now=eve)
    assert Delivery.objects.filter(kind="session.changed").latest("pk").next_attempt_at == eve
    assert Notice.objects.unread().count() == 1
    assert "/understood/" in str(mail("session.changed")["text"])
    # Who has said it is not asked anew.
    Notice.objects.understand(Notice.objects.get().rsvp_id, 2, now=eve)
    morning.charge(3000, now=eve)
    assert (Notice.objects.unread().count(), "/understood/" in str(mail("session.changed")["text"])) == (0, False)


def test_nobody_is_told_the_fee_of_a_draft_or_of_a_morning_that_is_off_or_over(make_session, hana) -> None:
    draft, off, over = (make_session(starts_at=START, published_at=NOW) for _ in range(3))
    for session in (draft, off, over):
        session.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    Session.objects.filter(pk=draft.pk).update(published_at=None)
    off.cancel("台風", now=NOW)
    Delivery.objects.all().delete()
    for session, now in ((draft, NOW), (off, NOW), (over, START + timedelta(hours=2))):
        session.charge(2500, now=now)
    assert set(Session.objects.values_list("fee_amount", flat=True)) == {2500}
    assert Delivery.objects.count() == 0


def test_every_one_of_them_reads_in_english(morning, hana, ken, mallory) -> None:
    Member.objects.update(language="en")
    people = [Member.objects.get(pk=member.pk) for member in (hana, ken, mallory)]
    for member in people:
        morning.rsvp(member, Partstat.ACCEPTED, now=NOW)
    morning.rsvp(people[0], Partstat.DECLINED, now=NOW)
    subjects = [mail("rsvp.left")["subject"], mail("rsvp.promoted")["subject"], mail("rsvp.confirmed", ken)["subject"]]
    morning.move(START + timedelta(days=1), now=NOW)
    subjects.append(mail("session.changed")["subject"])
    morning.charge(2500, now=NOW)
    sent(morning)
    morning.charge(3000, now=NOW)
    subjects.append(mail("session.changed")["subject"])
    morning.cancel("Typhoon", now=NOW)
    subjects.append(mail("session.cancelled")["subject"])
    assert subjects == [
        "Your seat on Thu 10 Dec, 7:00 is given back",
        "A seat became free: you are in on Thu 10 Dec, 7:00",
        "Your seat on Thu 10 Dec, 7:00",
        "Moved: Thu 10 Dec, 7:00 becomes Fri 11 Dec, 7:00",
        "Another fee: Fri 11 Dec, 7:00",
        "Called off: Fri 11 Dec, 7:00",
    ]
    for kind in ("session.cancelled", "session.changed"):
        rows = Delivery.objects.filter(kind=kind).values_list("language", flat=True)
        assert set(rows) == {"en"}


def test_a_mail_stays_small_and_fetches_nothing(morning, hana) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    html = str(mail("rsvp.confirmed")["html"])
    assert (len(html.encode()) < 40_000, "<img" in html, 'src="' in html) == (True, False, False)
