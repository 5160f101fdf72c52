"""A member's morning: a seat, the queue, a friend, the card that is passed on, the answer from a mail."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Partstat, Session
from members.models import Member
from outbox.models import MailboxMessage
from outbox.sending import send_due
from speakers.models import Speaker
from tests.events.pages import came, crowd, talk

pytestmark = pytest.mark.browser
NOW = timezone.now
WIDTHS = (390, 1280)


@pytest.fixture
def signed_in(page: Page, site: str) -> Callable[[Member], Page]:
    def as_member(member: Member) -> Page:
        client = Client()
        client.force_login(member)
        page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])
        return page

    return as_member


@pytest.fixture
def mails(settings) -> Callable[[Member], list[MailboxMessage]]:
    """Let the worker send what is due; a member's mails, the newest first."""
    settings.EMAIL_BACKEND = "outbox.mailbox.Backend"

    def sent(member: Member) -> list[MailboxMessage]:
        send_due()
        return list(MailboxMessage.objects.filter(recipients=[member.email]))

    return sent


def words(mail: MailboxMessage) -> str:
    """The text of a mail as it came."""
    body = message_from_bytes(bytes(mail.raw), policy=default).get_body(("plain",))
    assert body
    return str(body.get_content())


def at_each_width(page: Page, check: Callable[[Page], None]) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 390, "height": 844})


def test_a_seat_a_friend_and_the_card_that_is_passed_on(
    site: str, signed_in, mails, blameless, browser, session: Session, hana: Member, sato: Speaker, club
) -> None:
    talk(session, sato)
    page = signed_in(hana)
    page.goto("/")
    at_each_width(page, blameless)
    page.get_by_role("link", name="参加する").click()
    at_each_width(page, blameless)
    page.get_by_role("button", name="参加する").click()
    expect(page.get_by_text("席をおとりしました。")).to_be_visible()
    page.get_by_text("お連れの方を加える").click()
    page.get_by_label("お連れの方のお名前").fill("桐谷 健")
    page.get_by_label("よみ").fill("きりたに けん")
    page.get_by_role("button", name="この方を加える").click()
    expect(page.get_by_text("桐谷 健", exact=False).first).to_be_visible()
    at_each_width(page, blameless)
    session.refresh_from_db()
    assert session.seats_taken == 2
    assert [mail.subject.split(":")[0] for mail in mails(hana)] == ["席をおとりしました"]
    card = page.get_by_role("link", name="待ち合わせのページ").get_attribute("href")
    friends_phone = browser.new_context(base_url=site, locale="ja-JP").new_page()
    friends_phone.goto(card)
    expect(friends_phone.get_by_text("横の木戸を二回たたいてください")).to_be_visible()
    blameless(friends_phone)
    friends_phone.context.close()
    page.get_by_role("button", name="参加を取りやめる").click()
    expect(page.get_by_text("お知らせくださり、ありがとうございます。")).to_be_visible()


@pytest.mark.usefixtures("by_day")
def test_a_full_morning_a_place_in_the_queue_and_a_promotion_with_its_mail(
    signed_in, mails, blameless, make_session: Callable[..., Session], hana: Member, ken: Member
) -> None:
    session = make_session(capacity=1)
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    page = signed_in(ken)
    page.goto(session.get_absolute_url())
    expect(page.get_by_text("お待ちの方はまだなく、1番目になります。")).to_be_visible()
    at_each_width(page, blameless)
    page.get_by_role("button", name="キャンセル待ちに入る").click()
    expect(page.get_by_text("いま1番目にお待ちです。")).to_be_visible()
    at_each_width(page, blameless)
    Session.objects.get(pk=session.pk).rsvp(hana, Partstat.DECLINED, now=NOW())
    assert [mail.subject.split(":")[0] for mail in mails(ken)] == ["席が空き、お席をおとりしました"]
    page.reload()
    expect(page.get_by_text("席をおとりしました。")).to_be_visible()


def test_an_answer_from_the_mail_without_signing_in(
    page: Page, mails, blameless, session: Session, hana: Member
) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    (mail,) = mails(hana)
    link = re.search(r"/answer/\S+", words(mail))
    assert link
    page.goto(link[0])
    expect(page.get_by_text("hanaさんのお返事です。")).to_be_visible()
    at_each_width(page, blameless)
    page.get_by_role("button", name="参加を取りやめる").click()
    expect(page.get_by_text("お知らせくださり、ありがとうございます。")).to_be_visible()
    page.get_by_role("button", name="参加する").click()
    expect(page.get_by_text("席をおとりしました。")).to_be_visible()


def test_the_page_of_a_past_morning_and_of_its_series_are_in_order(
    page: Page, blameless, make_session: Callable[..., Session], session: Session, sato: Speaker
) -> None:
    past = make_session(starts_at=NOW() - timedelta(days=9), number=1)
    talk(past, sato)
    came(past, crowd(12))
    for address in (past.get_absolute_url(), "/series/breakfast/"):
        page.goto(address)
        at_each_width(page, blameless)
