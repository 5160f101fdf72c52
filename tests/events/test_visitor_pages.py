"""From 参加する without an account to a seat, by the link or by the code; and no page tells whose address it was."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from events.models import Companion, Membership, Partstat, Rsvp, Session, Visit
from members.models import Member
from outbox import kinds, rendering
from outbox.models import Delivery
from outbox.sending import send_due
from tests.events.pages import statements, talk, text

NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
YUKI = {"name": "冬木 雪", "email": "yuki@example.com"}


@pytest.fixture
def morning(make_session, sato, club, time_machine) -> Session:
    """Thursday 10 December, 7:00 in Tokyo, two seats, with its guest; now is noon of the first."""
    time_machine.move_to(NOW, tick=False)
    session = make_session(starts_at=START, number=132, capacity=2, published_at=NOW)
    talk(session, sato)
    return session


def ask(client: Client, session: Session, **more: str):
    return client.post(f"/sessions/{session.code}/visit/", YUKI | more)


def newest() -> Delivery:
    return Delivery.objects.filter(kind="rsvp.visitor").latest("pk")


def mail(**told: object) -> dict[str, object]:
    made = rendering.render(newest(), rendering.letter(newest()))
    site = str(made["text"]).replace(settings.SITE_URL, "").replace(newest().context["code"], "KMMHSH")
    made["text"] = re.sub(r"/visits/yes/[\w:.-]+/", "/visits/yes/…/", site)
    return made


def link() -> str:
    made = rendering.render(newest(), rendering.letter(newest()))
    found = re.search(r"/visits/yes/[\w:.-]+/", str(made["text"]))
    assert found
    return found[0]


# The way there


def test_who_is_signed_out_needs_no_account(client, morning) -> None:
    page = text(client, morning.get_absolute_url())
    assert f'href="/sessions/{morning.code}/visit/"' in page
    asked = text(client, f"/sessions/{morning.code}/visit/")
    assert ("30分のあいだ席をおとりしておきます。" in asked, "ログインして答える" in asked) == (True, True)


def test_who_is_signed_in_is_led_to_the_page_itself(client, morning, ken) -> None:
    client.force_login(ken)
    assert client.get(f"/sessions/{morning.code}/visit/")["Location"] == morning.get_absolute_url()


@pytest.mark.parametrize("audience", ["members", "series"])
def test_what_is_not_public_asks_no_visitor(client, morning, audience) -> None:
    morning.series.audience = audience
    morning.series.save()
    assert (ask(client, morning).status_code, Visit.objects.count()) == (404, 0)


def test_after_asking_one_sees_until_when_the_seat_is_kept(client, morning) -> None:
    response = ask(client, morning)
    page = text(client, response["Location"])
    assert response["Location"] == f"/visits/{Visit.objects.get().code}/"
    assert ("12:30 まで、お席をおとりしています。" in page, "yuki@example.com" in page) == (True, True)


def test_in_a_full_room_one_sees_that_no_seat_is_kept(client, morning, hana, ken) -> None:
    for member in (hana, ken):
        morning.rsvp(member, Partstat.ACCEPTED, now=NOW)
    assert "満席です。お名前とメールアドレスで、" in text(client, f"/sessions/{morning.code}/visit/")
    assert "いま、とっておける席がありません。" in text(client, ask(client, morning)["Location"])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "お名前をお書きください。"),
        ({"email": "yuki"}, "アドレスが途中で切れているようです。"),
        ({"email": "yu..ki@docomo.ne.jp"}, "点が二つ続くアドレス"),
    ],
)
def test_what_was_mistyped_is_said_and_nothing_typed_is_lost(client, morning, typed, said) -> None:
    response = ask(client, morning, **typed)
    page = response.content.decode()
    kept = [value for value in (YUKI | typed).values() if value]
    assert (response.status_code, said in page, [value in page for value in kept]) == (422, True, [True] * len(kept))
    assert Visit.objects.count() == 0


def test_a_morning_that_takes_no_answers_says_so(client, morning) -> None:
    Session.objects.filter(pk=morning.pk).update(rsvp_closes_at=NOW - timedelta(hours=1))
    response = ask(client, morning)
    assert (response.status_code, "受付は終わりました。" in response.content.decode()) == (409, True)


# The yes


def test_the_link_shows_and_only_the_button_answers(client, morning) -> None:
    ask(client, morning)
    assert (client.get(link()).status_code, Member.objects.filter(email=YUKI["email"]).count()) == (200, 0)
    other_phone = Client()
    answered = other_phone.post(link())
    assert answered["Location"].startswith("/answer/")
    page = text(other_phone, answered["Location"])
    assert ("席をおとりしました。" in page, "アカウントを作る" in page) == (True, True)


def test_the_code_typed_on_the_page_answers_in_any_browser(client, morning) -> None:
    page = ask(client, morning)["Location"]
    answered = client.post(page, {"code": newest().context["code"].lower()})
    assert answered["Location"].startswith("/answer/")
    assert Rsvp.objects.get().is_seated


def test_a_wrong_code_is_said_and_counted(client, morning) -> None:
    page = ask(client, morning)["Location"]
    for _ in range(5):
        wrong = client.post(page, {"code": "AAAAAA"})
        assert (wrong.status_code, "いちばん新しいメールの番号と違うようです。" in wrong.content.decode()) == (
            422,
            True,
        )
    over = client.post(page, {"code": newest().context["code"]})
    assert (over.status_code, "この番号は使えなくなりました。" in over.content.decode()) == (422, True)
    assert client.post(f"{page}mail/")["Location"] == page
    assert client.post(page, {"code": newest().context["code"]}).status_code == 302


def test_after_the_time_the_link_says_so_and_still_answers(client, morning, time_machine) -> None:
    ask(client, morning)
    here = link()
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    assert "お席をおとりしていたのは 12:30 まででした。" in text(client, here)
    assert client.post(here).status_code == 302
    assert Rsvp.objects.get().is_seated


def test_a_seat_kept_too_long_stands_free_on_the_page_before_any_tick(client, morning, hana, time_machine) -> None:
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    ask(client, morning)
    full = Client().get(morning.get_absolute_url())
    time_machine.move_to(NOW + timedelta(minutes=30), tick=False)
    free = Client().get(morning.get_absolute_url(), headers={"If-None-Match": full["ETag"]})
    words = "キャンセル待ちに入る"
    assert (words in full.content.decode(), free.status_code, words in free.content.decode()) == (True, 200, False)


def test_from_the_mails_a_visitor_changes_leaves_and_brings_a_friend(client, morning) -> None:
    ask(client, morning)
    here = client.post(link())["Location"]
    client.post(f"{here}friends/", {"name": "友だち", "yomi": "ともだち"})
    assert "友だち" in text(client, here)
    full = client.post(f"{here}friends/", {"name": "もう一人"})
    assert (full.status_code, "もう一人" in full.content.decode()) == (409, True)
    client.post(here, {"friend": Companion.objects.get().pk})
    assert (Companion.objects.count(), Session.objects.get(pk=morning.pk).seats_taken) == (0, 1)
    client.post(here, {"partstat": "DECLINED"})
    assert (Rsvp.objects.get().partstat, Session.objects.get(pk=morning.pk).seats_taken) == (Partstat.DECLINED, 0)


def test_a_visitor_who_makes_an_account_finds_the_answer_there(client, morning) -> None:
    ask(client, morning)
    client.post(link())
    client.post("/accounts/login/", {"email": YUKI["email"]})
    code = Delivery.objects.filter(kind="account.code").latest("pk").context["code"]
    assert client.post("/accounts/login/code/", {"code": code})["Location"] == "/profile/?next=%2F"
    client.post("/profile/", {"name": "冬木 雪", "industry": "G"})
    member = Member.objects.get(email=YUKI["email"])
    assert (member.joined_at is not None, Rsvp.objects.get().member) == (True, member)
    assert "あなたの席があります" in text(client, morning.get_absolute_url())


# Nobody learns whose address it is


def shape(client: Client, session: Session, email: str) -> tuple[object, ...]:
    """What somebody sees who tries an address: status, statements, and the page, without what must differ."""
    status = statements(lambda: ask(client, session, email=email))
    visit = Visit.objects.latest("pk")
    page = text(client, f"/visits/{visit.code}/").replace(visit.code, "…").replace(email, "…")
    return (*status, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page), visit.held_until)


def test_every_address_is_answered_alike(make_session, hana, ken, mallory, time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    session = make_session(starts_at=START, published_at=NOW)
    session.rsvp(ken, Partstat.ACCEPTED, now=NOW)
    Member.objects.filter(pk=mallory.pk).update(is_active=False)
    told = [shape(Client(), session, email) for email in (hana.email, ken.email, mallory.email, "new@example.com")]
    assert told == [told[-1]] * 4
    session.refresh_from_db()
    assert session.seats_held == 4


def test_who_asked_for_another_is_not_led_to_their_answer(client, morning, hana) -> None:
    """Only the code or the link leads on; that it was confirmed elsewhere shows nothing."""
    page = ask(client, morning, email=hana.email)["Location"]
    before = text(client, page)
    Client().post(link())
    shown = client.get(page)
    hide = r'name="csrfmiddlewaretoken" value="\w+"'
    assert (shown.status_code, re.sub(hide, "", shown.content.decode())) == (200, re.sub(hide, "", before))


def test_asking_is_limited_by_address_and_by_place(morning) -> None:
    same = [ask(Client(), morning).status_code for _ in range(6)]
    assert same == [302] * 5 + [429]
    many = [ask(Client(), morning, email=f"v{n}@example.com").status_code for n in range(15)]
    assert many == [302] * 14 + [429]


# The mail


def test_the_mail_asks_for_a_yes(client, morning) -> None:
    ask(client, morning)
    made = mail()
    assert made["subject"] == f"12月10日(木) 7:00 のご参加の確認（番号 {newest().context['code']}）"
    assert (
        made["text"]
        == """冬木 雪さん、お申し込みありがとうございます。あと一つ、ご参加の確認をお願いします。

第132回 値札のない朝

とき: 12月10日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
ゲスト: 佐藤 朝子先生
会費: 2,000円

12:30 まで、お席をおとりしています。

ひと押しで確認する:
/visits/yes/…/

または、お申し込みのページに次の番号を入れてください。

    KMMHSH

お心当たりがなければ、何もなさらなくて大丈夫です。ご確認がなければ、お申し込みにはなりません。

----
会のサイトでこのアドレスが入力されたので、お送りしています。入力したのは、おそらくご本人です。
河口の朝会

"""
    )


def test_a_member_reads_that_it_becomes_the_answer_of_a_member(client, morning, hana) -> None:
    ask(client, morning, email=hana.email)
    said = str(mail()["text"]).splitlines()
    assert said[0] == (
        "hanaさん、ログインせずに、このアドレスで参加のお申し込みがありました。"
        "ご本人なら、ご確認いただくと会員としてのお返事になります。"
    )
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    assert "この回のお席は、もうおとりしてあります。なさることはありません。" in str(mail()["text"])


def test_the_code_is_wiped_once_the_mail_has_left(client, morning) -> None:
    ask(client, morning)
    send_due(now=timezone.now())
    sent = newest()
    assert (sent.sent_at is not None, sent.context, sent.rendered) == (True, {}, None)


@pytest.mark.parametrize("why", ["confirmed already", "not on", "gone"])
def test_a_mail_that_is_not_wanted_any_more_is_not_sent(client, morning, hana, why) -> None:
    ask(client, morning, email=hana.email)
    if why == "confirmed already":
        client.post(link())
    elif why == "not on":
        morning.cancel("台風", now=NOW)
    else:
        Member.objects.filter(pk=hana.pk).update(is_active=False)
    with pytest.raises(kinds.Unwanted, match=why):
        rendering.letter(newest())


def test_a_visitor_belongs_to_nothing_they_did_not_ask_for(client, morning) -> None:
    ask(client, morning)
    client.post(link())
    assert Membership.objects.filter(member__email=YUKI["email"]).count() == 0
    ask(client, morning, email="fuyu@example.com", wants_more="on")
    client.post(link())
    assert Membership.objects.filter(member__email="fuyu@example.com").count() == 1
