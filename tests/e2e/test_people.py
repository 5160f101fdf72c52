"""What people are to each other: questions to the club, introductions through somebody, threes, my circle by keyboard,
a card to remember somebody by, my photo, my mornings, the tables on a big screen. On a phone and on a desk, by day and
by night.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Attendance, Session
from introductions import ask_links, consent, favour_links, looking, seating
from introductions.acquaintance import Exchange, Memory
from introductions.asks import Reply
from introductions.favours import Favour
from introductions.openness import Openness
from members.levels import Level
from members.models import Member
from tests.events.pages import crowd, seat
from tests.records.photos import photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = timezone.now


@pytest.fixture
def sign_in(page: Page) -> Callable[[Member], Page]:
    def sign_in(member: Member) -> Page:
        client = Client()
        client.force_login(member)
        name = configured.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}
        page.context.add_cookies([cookie])
        return page

    return sign_in


@pytest.fixture
def fits(blameless: Callable[[Page], None]) -> Callable[[Page], None]:
    """Nothing runs over the edge, and axe finds nothing in either mode."""

    def check(page: Page) -> None:
        for width in (1280, 320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            assert (width, page.evaluate("document.documentElement.scrollWidth")) == (width, width)
        blameless(page)

    return check


@pytest.fixture
def were_there(make_session: Callable[..., Session]) -> Callable[..., None]:
    """These sat together at two mornings of the past."""

    def make(*people: Member) -> None:
        for days in (20, 50):
            start = NOW() - timedelta(days=days)
            session = make_session(starts_at=start, roster_closed_at=start + timedelta(hours=2), number=None)
            Attendance.objects.bulk_create(Attendance(session=session, member=one) for one in people)
        Member.objects.filter(pk__in=[one.pk for one in people]).update(name_level=Level.MORNING, listed_at=NOW())

    return make


def path(url: str) -> str:
    return "/" + url.partition("//")[2].partition("/")[2]


def test_a_question_to_the_club_is_seen_before_it_goes_and_answered_from_the_mail(
    hana: Member, ken: Member, were_there, sign_in, fits
) -> None:
    were_there(hana, ken)
    Member.objects.filter(pk=ken.pk).update(ask_me="空き家の片づけ")
    Openness.say(ken, {"answers"}, now=NOW())
    page = sign_in(hana)
    page.goto("/asks/new/")
    page.get_by_label("質問").first.fill("空き家を借りたい方を探すには")
    page.get_by_role("button", name="届く先を見る").click()
    expect(page.get_by_text("1人に届きます。")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="送る", exact=True).click()
    expect(page.get_by_text("1人にお届けします。")).to_be_visible()
    fits(page)
    page.context.clear_cookies()
    page.goto(path(ask_links.link(Reply.objects.with_people().get())))
    fits(page)
    page.get_by_label("質問した方へのひとこと").fill("地域の空き家の会を手伝っています。")
    page.get_by_role("button", name="お力になれます").click()
    expect(page.get_by_role("status")).to_be_visible()
    page = sign_in(hana)
    page.goto("/asks/")
    fits(page)
    page.get_by_role("link", name="空き家を借りたい方を探すには").first.click()
    expect(page.get_by_text("地域の空き家の会を手伝っています。")).to_be_visible()
    page.get_by_role("button", name="連絡先を交換する").click()
    fits(page)
    assert Reply.objects.get().touch_at is not None


def test_an_introduction_is_asked_through_somebody_and_passed_on(
    hana: Member, ken: Member, kosuke: Member, were_there, sign_in, fits
) -> None:
    were_there(hana, ken)
    were_there(ken, kosuke)
    Openness.say(ken, {"connects"}, now=NOW())
    consent.give(kosuke, now=NOW())
    page = sign_in(hana)
    page.goto("/favours/new/")
    fits(page)
    page.get_by_label("どなたにお願いしますか").select_option(ken.code)
    page.get_by_label("会ってみたいのは、何にくわしい方ですか").fill("売り場の棚のこと")
    page.get_by_label("お願いのわけ").fill("新しい棚の相談です。")
    page.get_by_role("button", name="お願いする").click()
    favour = Favour.objects.with_people().get()
    fits(page)
    page.context.clear_cookies()
    page.goto(path(favour_links.link(favour, ken)))
    fits(page)
    page = sign_in(hana)
    page.goto("/favours/")
    fits(page)


def test_what_one_may_be_asked_is_three_ticks(hana: Member, sign_in, fits) -> None:
    consent.give(hana, now=NOW())
    page = sign_in(hana)
    page.goto("/introductions/")
    page.get_by_label("三人で会う").check()
    page.locator('form[action$="/openness/"] button').click()
    expect(page.get_by_label("三人で会う")).to_be_checked()
    fits(page)
    assert Openness.of(hana).threes_at is not None


def test_my_circle_is_gone_through_by_keyboard(hana: Member, were_there, sign_in, fits) -> None:
    people = crowd(60)
    were_there(hana, *people)
    page = sign_in(hana)
    page.goto("/circle/")
    fits(page)
    seals = page.locator(".circle__link")
    expect(seals).to_have_count(60)
    page.get_by_role("link", name="お名前の一覧へ").focus()
    page.keyboard.press("Tab")
    expect(seals.first).to_be_focused()
    name = seals.first.get_attribute("aria-label")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text((name or "").removesuffix("さん"))


def test_a_card_keeps_a_line_and_a_next_step(hana: Member, ken: Member, were_there, sign_in, fits) -> None:
    were_there(hana, ken)
    for one, other in ((hana, ken), (ken, hana)):
        Exchange.say(one, other, session=None, now=NOW(), line="統計の本の人です")
    page = sign_in(hana)
    page.goto(f"/met/{ken.code}/")
    fits(page)
    page.get_by_label("わたしのメモ").fill("棚の数字を見てもらう")
    page.get_by_label("次にすること").fill("電話する")
    page.locator("#note button").click()
    fits(page)
    assert Memory.objects.get().next_step == "電話する"


def test_a_photo_is_given_seen_as_others_see_it_and_taken_away(
    hana: Member, ken: Member, were_there, sign_in, fits, media
) -> None:
    """By the keyboard where it can be: Enter in a line saves, and takes nothing away."""
    were_there(hana, ken)
    page = sign_in(hana)
    page.goto("/profile/")
    sent = photo()
    page.get_by_label("写真", exact=True).set_input_files(
        {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": sent.read()}
    )
    page.locator("[name=photo_level]").select_option(str(int(Level.MORNING)))
    page.get_by_role("textbox", name="ひとこと").press("Enter")
    expect(page.get_by_text("プロフィールを保存しました。")).to_be_visible()
    drawn = page.locator("main .face img")
    expect(drawn).to_have_js_property("naturalWidth", 480)
    fits(page)
    for level, count in ((Level.MORNING, 1), (Level.MEMBERS, 0)):
        page.goto(f"/profile/preview/?as={level:d}")
        expect(drawn).to_have_count(count)
    page.goto("/profile/")
    page.get_by_role("button", name="写真を取り下げる").click()
    expect(page.get_by_text("写真を消しました。")).to_be_visible()
    expect(drawn).to_have_count(0)
    assert list(media.glob("photos/*")) == []


def test_my_mornings_and_whom_to_look_for(hana: Member, ken: Member, make_session, were_there, sign_in, fits) -> None:
    were_there(hana)
    session = make_session(starts_at=NOW() + timedelta(minutes=30))
    seat(session, [hana, ken])
    for one in (hana, ken):
        consent.give(one, now=NOW())
    looking.choose(session, now=NOW())
    page = sign_in(hana)
    page.goto("/mornings/")
    expect(page.locator(".result")).to_have_count(2)
    fits(page)
    page.goto(f"{session.get_absolute_url()}morning/")
    expect(page.locator("#look-for")).to_be_visible()
    expect(page.locator(".memory__who h3")).to_contain_text("ken")
    fits(page)


def test_the_tables_are_read_from_the_back_of_the_room(
    kosuke: Member, make_session, sign_in, blameless: Callable[[Page], None]
) -> None:
    session = make_session(starts_at=NOW() + timedelta(minutes=30), capacity=60)
    seat(session, crowd(24))
    seating.plan(session, now=NOW(), actor=kosuke)
    page = sign_in(kosuke)
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{session.get_absolute_url()}tables/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1920
    size = page.locator(".table-plan__name").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 16
    blameless(page)
