"""Somebody without an account, with LINE's browser in one hand and the mail in the other."""

import re
from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import Page, expect

from events.models import Session
from outbox.models import MailboxMessage
from outbox.sending import send_due
from tests.e2e.test_rsvp import at_each_width

pytestmark = pytest.mark.browser


def newest_mail(settings) -> str:
    settings.EMAIL_BACKEND = "outbox.mailbox.Backend"
    send_due()
    body = message_from_bytes(bytes(MailboxMessage.objects.latest("pk").raw), policy=default).get_body(("plain",))
    assert body
    return str(body.get_content())


def ask(page: Page, session: Session, address: str) -> None:
    page.goto(session.get_absolute_url())
    page.get_by_role("link", name="参加する").click()
    page.get_by_label("お名前").fill("冬木 雪")
    page.get_by_label("メールアドレス").fill(address)


def test_by_the_code_typed_where_one_asked(page: Page, blameless, session: Session, settings, club) -> None:
    ask(page, session, "yuki@example.com")
    at_each_width(page, blameless)
    page.get_by_role("button", name="確認のメールを受けとる").click()
    expect(page.get_by_text("まで、お席をおとりしています。")).to_be_visible()
    at_each_width(page, blameless)
    code = re.search(r"^ {4}([A-Z0-9]{6})$", newest_mail(settings), re.MULTILINE)
    assert code
    page.get_by_label("メールにある番号").fill(code[1].lower())
    page.get_by_role("button", name="確認する").click()
    expect(page.get_by_text("席をおとりしました。")).to_be_visible()
    page.get_by_text("お連れの方を加える").click()
    page.get_by_label("お連れの方のお名前").fill("桐谷 健")
    page.get_by_role("button", name="この方を加える").click()
    expect(page.get_by_role("button", name="桐谷 健さんは来ない")).to_be_visible()
    at_each_width(page, blameless)
    page.get_by_role("button", name="桐谷 健さんは来ない").click()
    expect(page.get_by_text("桐谷 健")).to_have_count(0)


def test_by_the_link_in_the_mail_on_another_phone(
    page: Page, browser, site: str, blameless, session: Session, settings, club
) -> None:
    ask(page, session, "yuki@example.com")
    page.get_by_role("button", name="確認のメールを受けとる").click()
    link = re.search(r"/visits/yes/\S+", newest_mail(settings))
    assert link
    # As LINE's browser may be, without scripts.
    phone = browser.new_context(base_url=site, locale="ja-JP", java_script_enabled=False).new_page()
    phone.goto(link[0])
    phone.get_by_role("button", name="はい、参加します").click()
    expect(phone.get_by_text("席をおとりしました。")).to_be_visible()
    page.goto(link[0])
    expect(page.get_by_text("席をおとりしました。")).to_be_visible()
    blameless(page)
    phone.context.close()
