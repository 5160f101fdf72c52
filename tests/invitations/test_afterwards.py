"""After a guest's morning: the report is theirs to look over, the page stays until that and the thank-you are done."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from events.models import Session
from invitations import link, steps_after
from invitations.models import OPEN_AFTER, OPEN_AT_MOST, Invitation
from members.models import Activity, Member
from outbox.kinds import Unwanted
from outbox.models import Delivery
from outbox.rendering import letter as letter_of
from outbox.rendering import render
from records.models import Report, Takeaway
from speakers.models import Speaker
from tests.records.photos import kept

NOW = timezone.now
MORNING = datetime.fromisoformat("2026-12-24T07:00:00+09:00")
LATER = datetime.fromisoformat("2026-12-26T12:10:00+09:00")

THANKS = """\
佐藤 朝子 様

先日は早朝からお越しくださり、誠にありがとうございました。『夜明けの帳場』の奥にあるお話をご本人から伺えたことを、ありがたく思っております。

参加した方々が持ち帰ったことを、ご本人の言葉のまま下に添えます。またいつか、ゲストとして、あるいは朝ごはんだけでも、ご一緒できましたら幸いです。

kosuke

みなさんが持ち帰ったこと

- 値札のない部分（有馬さん）
- 帳場の夜明け

専用のページ:
{link}

----
このお便りは、その朝のゲストお一人だけにお送りしています。ご返信はkosukeに直接届きます。
河口の朝会
http://localhost:8000
"""


@pytest.fixture
def came(invite: Callable[..., Invitation], make_session, hana: Member, ken: Member) -> Invitation:
    """A guest who came on Christmas Eve; two people wrote a line, one of them with a name, and one was hidden."""
    session = make_session(starts_at=MORNING)
    invitation = invite(session=session)
    invitation.send(now=MORNING - timedelta(days=40))
    invitation.accept(how="link", now=MORNING - timedelta(days=30))
    Member.objects.filter(pk=hana.pk).update(name="有馬 花")
    for member, text, signed in ((hana, "値札のない部分", "surname"), (ken, "帳場の夜明け", "none")):
        Takeaway.objects.create(session=session, member=member, text=text, signed=signed, audience="hosts")
    Takeaway.objects.create(session=session, text="隠したひと言", hidden_at=LATER, audience="public")
    Delivery.objects.all().delete()
    return Invitation.objects.whole().get()


def written(came: Invitation, kosuke: Member, body: str = "帳場の話をうかがいました。") -> Report:
    told = {"language": "ja", "is_published": False, "now": LATER, "actor": kosuke}
    return Report.objects.write(came.session, body, **told)


def path(invitation: Invitation) -> str:
    return link.address(invitation).removeprefix("http://localhost:8000")


def page(invitation: Invitation, at: datetime = LATER) -> str:
    with time_machine.travel(at, tick=False):
        return Client().get(path(invitation)).content.decode()


def send(invitation: Invitation, at: datetime = LATER, **sent: str) -> int:
    with time_machine.travel(at, tick=False):
        return Client().post(path(invitation), sent).status_code


def text_of(kind: str) -> str:
    delivery = Delivery.objects.filter(kind=kind).latest("pk")
    return render(delivery, letter_of(delivery))["text"]


def test_the_thank_you_word_for_word(came: Invitation, kosuke: Member) -> None:
    client = Client()
    client.force_login(kosuke)
    with time_machine.travel(LATER, tick=False):
        shown = client.get(f"/invitations/{came.code}/").content.decode()
        words = shown.split('name="thanks"')[1].split(">", 1)[1].split("</textarea>")[0].strip()
        assert client.post(f"/invitations/{came.code}/thanks/", {"thanks": words}).status_code == 302
    came.refresh_from_db()
    assert (came.state, came.thanked_at, text_of("guest.thanks")) == (
        "thanked",
        LATER,
        THANKS.format(link=link.address(came)),
    )


def test_thanking_twice_is_one_mail_and_in_person_is_none(came: Invitation) -> None:
    for words in ("ありがとうございました。", "もう一度"):
        came.thank(words, now=LATER)
    assert (came.thanks, Delivery.objects.filter(kind="guest.thanks").count()) == ("ありがとうございました。", 1)
    Invitation.objects.update(state="accepted", thanks="")
    Delivery.objects.all().delete()
    came.thank("", now=LATER)
    assert (Invitation.objects.get().state, Delivery.objects.count()) == ("thanked", 0)


@pytest.mark.parametrize("state", ["idea", "asked", "talking", "silent", "declined"])
def test_only_who_came_is_thanked(came: Invitation, state: str) -> None:
    Invitation.objects.update(state=state)
    with pytest.raises(ValidationError):
        came.thank("ありがとう", now=LATER)
    Invitation.objects.update(state="confirmed")
    with pytest.raises(ValidationError):
        came.thank("早すぎる", now=MORNING)
    assert Delivery.objects.count() == 0


def test_the_guest_reads_lines_with_the_names_meant_for_them_and_nothing_hidden(
    came: Invitation, hana: Member, ken: Member, mallory: Member
) -> None:
    """What was signed for members is read without its name, for a guest is none."""
    Takeaway.objects.create(session=came.session, member=mallory, text="会員への一行", audience="members")
    shown = page(came)
    assert [text in shown for text in ("値札のない部分", "帳場の夜明け", "会員への一行", "隠したひと言")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert re.findall("<cite>(.*?)</cite>", shown) == ["有馬さん"]
    assert [text in shown for text in ("有馬 花", mallory.name, "kenさん", "@example.")] == [False] * 4


def test_before_the_morning_is_over_nothing_of_it_is_shown(came: Invitation, kosuke: Member) -> None:
    written(came, kosuke)
    came.show_report(now=LATER)
    shown = page(came, at=MORNING + timedelta(minutes=79))
    assert [text in shown for text in ("帳場の話をうかがいました。", "値札のない部分")] == [False, False]


def test_a_draft_is_the_guests_to_read_once_it_is_shown(came: Invitation, kosuke: Member) -> None:
    written(came, kosuke)
    before = page(came)
    came.show_report(now=LATER)
    shown = page(came)
    assert ["帳場の話をうかがいました。" in text for text in (before, shown)] == [False, True]
    assert "記録" in text_of("guest.report")
    came.show_report(now=LATER)
    assert Delivery.objects.filter(kind="guest.report").count() == 1


def test_the_guest_finds_it_right_and_the_host_hears_it_once(came: Invitation, kosuke: Member) -> None:
    written(came, kosuke)
    came.show_report(now=LATER)
    for _tap in range(2):
        assert send(came, part="verdict", verdict="right", remark="") == 302
    assert (Report.objects.get().approved_at, Report.objects.get().waits_for_guest) == (LATER, False)
    mail = Delivery.objects.get(kind="guest.reported")
    assert (mail.to, "このままでよいとのことです" in text_of("guest.reported")) == ("kosuke@example.com", True)


def test_what_is_to_be_put_right_is_told_and_a_new_text_is_shown_anew(came: Invitation, kosuke: Member) -> None:
    written(came, kosuke)
    came.show_report(now=LATER)
    old = Delivery.objects.get(kind="guest.report")
    assert send(came, part="verdict", verdict="remark", remark="") == 422
    assert send(came, part="verdict", verdict="remark", remark="三十年ではなく二十九年です") == 302
    assert "三十年ではなく二十九年です" in text_of("guest.reported")
    report = written(came, kosuke, "二十九年の話をうかがいました。")
    assert (report.shown_at, report.approved_at) == (None, None)
    assert "二十九年の話" not in page(came)
    with pytest.raises(Unwanted, match="written anew"):
        letter_of(old)
    came.show_report(now=LATER)
    assert ("二十九年の話" in page(came), Delivery.objects.filter(kind="guest.report").count()) == (True, 2)


def test_a_report_that_was_not_shown_takes_no_verdict(came: Invitation, kosuke: Member) -> None:
    written(came, kosuke)
    assert send(came, part="verdict", verdict="right") == 422
    assert Report.objects.get().approved_at is None


def test_who_declined_sees_no_report_and_approves_none(came: Invitation, kosuke: Member) -> None:
    written(came, kosuke)
    came.show_report(now=LATER)
    Invitation.objects.update(state="declined", answered_at=LATER)
    assert ("帳場の話" in page(came), send(came, part="verdict", verdict="right")) == (False, 422)


def test_an_approval_is_of_that_text_and_no_other(came: Invitation, kosuke: Member) -> None:
    written(came, kosuke)
    came.show_report(now=LATER)
    came.answer_report(is_right=True, remark="", now=LATER)
    assert written(came, kosuke).approved_at == LATER
    assert written(came, kosuke, "まったく別の話").approved_at is None


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("read", "shown", "approved", "after", "readable"),
    [
        (False, False, False, OPEN_AFTER + DAY, True),
        (False, False, False, OPEN_AT_MOST, True),
        (False, False, False, OPEN_AT_MOST + DAY, False),
        (True, False, False, 2 * DAY + OPEN_AFTER, True),
        (True, False, False, 3 * DAY + OPEN_AFTER, False),
        (True, True, False, 3 * DAY + OPEN_AFTER, True),
        (True, True, False, OPEN_AT_MOST + DAY, False),
        (True, True, True, 20 * DAY + OPEN_AFTER, True),
        (True, True, True, 21 * DAY + OPEN_AFTER, False),
    ],
)
def test_the_page_stays_until_the_thanks_are_read_and_the_report_is_approved(
    came: Invitation, kosuke: Member, read: bool, shown: bool, approved: bool, after: timedelta, readable: bool
) -> None:
    over = came.session.ends_at
    came.thank("ありがとうございました。", now=over)
    if shown:
        written(came, kosuke)
        came.show_report(now=over)
    if approved:
        came.answer_report(is_right=True, remark="", now=over + 20 * DAY)
    if read:
        assert send(came, at=over + 2 * DAY, part="thanks") == 302
        assert send(came, at=over + 5 * DAY, part="thanks") == 302
    assert Invitation.objects.whole().get().is_readable(over + after) is readable


def test_looking_at_the_thanks_is_not_having_read_them(came: Invitation) -> None:
    came.thank("ありがとうございました。", now=LATER)
    assert "ありがとうございました。" in page(came)
    assert Invitation.objects.get().thanks_read_at is None


def test_the_desk_shows_thanks_and_puts_right(came: Invitation, kosuke: Member) -> None:
    def said() -> list[tuple[str, int]]:
        sessions = list(Session.objects.select_related("series"))
        return [(step.what, step.urgency) for step in steps_after.steps(sessions, LATER)]

    thank = ("佐藤 朝子先生にお礼を伝える", 2)
    assert said() == [thank]
    written(came, kosuke)
    assert said() == [("記録を佐藤 朝子先生にお目にかける", 2), thank]
    came.show_report(now=LATER)
    assert said() == [thank]
    came.answer_report(is_right=False, remark="二十九年です", now=LATER)
    assert said() == [("佐藤 朝子先生から記録の直しのお願いです", 1), thank]
    came.answer_report(is_right=True, remark="", now=LATER)
    came.thank("ありがとうございました。", now=LATER)
    assert said() == [("ゲストは記録を承認しました", 1)]
    Report.objects.update(published_at=LATER)
    assert said() == []


def test_the_desk_asks_for_the_report_of_the_latest_morning_alone(came: Invitation, make_session) -> None:
    came.thank("", now=LATER)
    before = make_session(starts_at=MORNING - timedelta(days=7), roster_closed_at=MORNING)

    def said(at: datetime) -> list[tuple[str, Session]]:
        sessions = list(Session.objects.select_related("series"))
        return [(step.what, step.session) for step in steps_after.steps(sessions, at)]

    assert said(LATER) == []  # nobody knows yet who came
    Session.objects.update(roster_closed_at=MORNING)
    assert said(LATER) == [("記録がまだありません", came.session)]
    assert said(MORNING + timedelta(days=15)) == []
    Report.objects.create(session=came.session, body="下書き", shown_at=LATER)
    assert said(LATER + timedelta(days=6)) == [("佐藤 朝子先生から記録のお返事がありません", came.session)]
    Report.objects.create(session=before, body="下書き")
    assert ("記録は下書きです", before) in said(LATER)


def test_the_desk_asks_the_same_for_one_guest_and_for_thirty(
    came: Invitation, make_session, kosuke: Member, django_assert_num_queries
) -> None:
    for number in (1, 30):
        for k in range(number):
            session = make_session(starts_at=MORNING - timedelta(days=k + 1, minutes=number))
            Invitation.objects.create(session=session, speaker=Speaker.objects.get(), state="accepted")
            Report.objects.create(session=session, body="短い記録")
        sessions = list(Session.objects.select_related("series"))
        with django_assert_num_queries(2):
            assert len(list(steps_after.steps(sessions, LATER))) > number


def test_photos_are_shown_to_the_guest_with_the_report_and_one_is_hidden_by_one_tap(
    came: Invitation, kosuke: Member, media: Path
) -> None:
    with time_machine.travel(LATER, tick=False):
        first, second = (kept(came.session, kosuke) for _ in range(2))
        Report.objects.create(session=came.session, body="朝")
        client, page = Client(), link.address(came).removeprefix("http://localhost:8000")
        address = f"{page}pictures/{first.code}/"
        assert (first.code in client.get(page).content.decode(), client.get(address).status_code) == (False, 404)
        Report.objects.get().show(now=LATER)
        assert (first.code in client.get(page).content.decode(), client.get(address).status_code) == (True, 200)
        assert client.get(f"{page[:-3]}xx/pictures/{first.code}/").status_code == 404
        answer = client.post(page, {"part": "picture", "picture": first.code})
        assert answer.headers["Location"] == f"/letters/{came.code}/#picture"
        shown = client.get(f"/letters/{came.code}/").content.decode()
        assert (first.code in shown, second.code in shown) == (False, True)
        assert client.get(f"/letters/{came.code}/pictures/{second.code}/").status_code == 200
        assert Client().get(f"/letters/{came.code}/pictures/{second.code}/").status_code == 404
        assert client.post(page, {"part": "picture", "picture": first.code}).status_code == 422


@pytest.fixture
def second(came: Invitation, kosuke: Member) -> Invitation:
    """Another guest of the same morning."""
    speaker = Speaker.objects.create(name="水野 あかり", email="mizuno@example.com")
    told = {"session": came.session, "speaker": speaker, "host": kosuke, "state": "accepted", "asked_at": MORNING}
    made = Invitation.objects.create(**told, greeting="拝啓", why_you="ぜひ", subject="お願い")
    return Invitation.objects.whole().get(pk=made.pk)


def test_of_two_guests_each_finds_the_report_right_for_themselves(
    came: Invitation, second: Invitation, kosuke: Member
) -> None:
    report = written(came, kosuke)
    came.show_report(now=LATER)
    shown = Delivery.objects.filter(kind="guest.report").order_by("to").values_list("to", flat=True)
    assert list(shown) == ["mizuno@example.com", "sato@example.com"]
    came.answer_report(is_right=True, remark="", now=LATER)
    report.refresh_from_db()
    assert (report.is_approved, came.finds_right(report), second.finds_right(report)) == (False, True, False)
    assert "ほかのゲストのお返事はまだです" in text_of("guest.reported")
    assert ("ご承認いただきました" in page(came), "このままで結構です" in page(second)) == (True, True)
    second.answer_report(is_right=False, remark="二十九年です", now=LATER)
    report.refresh_from_db()
    assert (report.is_approved, report.remark) == (False, "二十九年です")
    assert came.finds_right(report)
    second.answer_report(is_right=True, remark="", now=LATER)
    report.refresh_from_db()
    assert (report.is_approved, report.remark) == (True, "")


def test_another_text_is_to_be_found_right_anew(came: Invitation, second: Invitation, kosuke: Member) -> None:
    written(came, kosuke)
    came.show_report(now=LATER)
    came.answer_report(is_right=True, remark="", now=LATER)
    report = written(came, kosuke, "書きなおしました。")
    came.show_report(now=LATER)
    second.answer_report(is_right=True, remark="", now=LATER)
    report.refresh_from_db()
    assert (report.is_approved, came.finds_right(report)) == (False, False)


def test_a_report_is_published_with_the_guests_word_or_with_the_hosts_reason(came: Invitation, kosuke: Member) -> None:
    client, url = Client(), f"/sessions/{came.session.code}/report/"
    client.force_login(kosuke)
    sent = {"body": "帳場の話をうかがいました。", "language": "ja", "publish": "1"}
    with time_machine.travel(LATER, tick=False):
        refused = client.post(url, sent)
        assert (refused.status_code, Report.objects.count()) == (422, 0)
        assert ("帳場の話をうかがいました。</textarea>" in refused.content.decode()) is True
        assert client.post(url, sent | {"agreed": "told"}).status_code == 302
    report = Report.objects.get()
    assert (report.is_published, report.agreed, report.is_approved) == (True, "told", True)
    said = Activity.objects.filter(verb="report.publish").values_list("detail", flat=True)
    assert list(said) == [{"length": 13, "agreed": "told"}]


def test_what_goes_without_the_guests_word_says_so_and_changed_it_is_asked_again(
    came: Invitation, kosuke: Member
) -> None:
    told = {"language": "ja", "is_published": True, "now": LATER, "actor": kosuke}
    report = Report.objects.write(came.session, "一", agreed="unasked", **told)
    assert (report.is_published, report.is_approved, report.agreed) == (True, False, "unasked")
    with pytest.raises(ValidationError, match="まだこの文章に同意していません"):
        Report.objects.write(came.session, "二", **told)
    came.show_report(now=LATER)
    came.answer_report(is_right=True, remark="", now=LATER)
    assert Report.objects.write(came.session, "一", **told).is_approved


def test_other_ends_of_lines_are_the_text_the_guest_found_right(came: Invitation, kosuke: Member) -> None:
    written(came, kosuke, "一行目\n\n二行目")
    came.show_report(now=LATER)
    came.answer_report(is_right=True, remark="", now=LATER)
    client = Client()
    client.force_login(kosuke)
    sent = {"body": "一行目\r\n\r\n二行目", "language": "ja", "publish": "1"}
    with time_machine.travel(LATER, tick=False):
        assert client.post(f"/sessions/{came.session.code}/report/", sent).status_code == 302
    report = Report.objects.get()
    assert (report.is_published, report.is_approved, report.agreed) == (True, True, "")


def test_the_report_is_shown_from_the_page_on_which_it_is_written(
    came: Invitation, kosuke: Member, ken: Member
) -> None:
    written(came, kosuke)
    client, url = Client(), f"/sessions/{came.session.code}/report/"
    client.force_login(ken)
    assert client.post(f"{url}showing/").status_code == 404
    client.force_login(kosuke)
    with time_machine.travel(LATER, tick=False):
        assert f'action="{url}showing/"' in client.get(url).content.decode()
        assert client.post(f"{url}showing/")["Location"] == url
        assert f'action="{url}showing/"' not in client.get(url).content.decode()
    assert (Report.objects.get().waits_for_guest, Delivery.objects.filter(kind="guest.report").count()) == (True, 1)
