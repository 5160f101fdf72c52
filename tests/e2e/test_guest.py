"""A guest is asked, reads the letter, answers without an account, and stands on the page of the morning."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from events.models import Partstat, Session
from invitations.models import Invitation
from members.models import Member
from outbox.models import MailboxMessage
from outbox.sending import send_due

pytestmark = pytest.mark.browser
WIDTHS = (390, 1280)


@pytest.fixture
def hosting(page: Page, site: str, kosuke: Member) -> Page:
    """The host's phone, signed in."""
    client = Client()
    client.force_login(kosuke)
    page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])
    return page


@pytest.fixture
def mailed(settings) -> Callable[[str], MailboxMessage]:
    """Let the worker send what is due; the newest mail to that address."""
    settings.EMAIL_BACKEND = "outbox.mailbox.Backend"

    def newest(address: str) -> MailboxMessage:
        send_due()
        found = MailboxMessage.objects.filter(recipients=[address]).first()
        assert found
        return found

    return newest


def link_in(mail: MailboxMessage, site: str) -> str:
    """The private link of a letter, at the address of the test's own server."""
    from email import message_from_bytes, policy

    text = message_from_bytes(bytes(mail.raw), policy=policy.default).get_body(("plain",)).get_content()
    found = re.search(r"http://localhost:8000(/letters/\S+)", text)
    assert found, text
    return site + found[1]


def fold_out(page: Page, part: str) -> None:
    """Open a part of the guest's page, and stay there."""
    page.locator(f"#{part} > summary").click()


def at_each_width(page: Page, blameless: Callable[[Page], None]) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        blameless(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 390, "height": 844})


def write_to(hosting: Page, session: Session) -> None:
    """From the session to a letter that was sent."""
    hosting.goto(f"/sessions/{session.code}/invitations/new/")
    hosting.get_by_label("お名前", exact=False).first.fill("篠目 ふさ江")
    hosting.get_by_label("よみ").first.fill("ささめ ふさえ")
    hosting.get_by_label("メールアドレス", exact=True).fill("sasame@example.com")
    hosting.get_by_label("お話を聞きたい本").fill("四時起きの帳場")
    hosting.get_by_role("button", name="手紙へ進む").click()
    hosting.get_by_role("link", name="変更", exact=True).click()
    hosting.get_by_label("謝礼についてひと言").fill("1万円")
    hosting.get_by_role("button", name="保存して見る").click()
    expect(hosting.get_by_text("1万円")).to_be_visible()


def test_a_letter_is_sent_read_accepted_and_shown(
    hosting: Page,
    site: str,
    browser: Browser,
    mailed,
    blameless,
    session: Session,
    hana: Member,
    make_session,
    now,
    club,
) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=now, question="何時に眠るのですか")
    write_to(hosting, session)
    at_each_width(hosting, blameless)
    hosting.get_by_role("button", name="手紙を送る").click()
    expect(hosting.get_by_text("手紙をお送りします。")).to_be_visible()

    letter = link_in(mailed("sasame@example.com"), site)
    guest = browser.new_context(locale="ja-JP", viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    reading = guest.new_page()
    reading.goto(letter)
    assert guest.cookies() == []
    expect(reading.get_by_role("heading", name="お話のお願い")).to_be_visible()
    expect(reading.get_by_text("何時に眠るのですか")).to_be_visible()
    at_each_width(reading, blameless)
    reading.get_by_label("ひとこと").fill("喜んで伺います")
    reading.get_by_role("button", name="お引き受けする").click()
    expect(reading.get_by_role("heading", name="お引き受けくださり")).to_be_visible()
    assert reading.url.split("#")[0] == f"{site}/letters/{Invitation.objects.get().code}/"
    at_each_width(reading, blameless)
    fold_out(reading, "about")
    reading.get_by_label("ご紹介文").fill("夜明け前に三十年。")
    reading.locator("#about").get_by_role("button", name="保存する").click()
    fold_out(reading, "book")
    another = reading.locator("#book details").last
    another.locator("summary").click()
    another.get_by_label("本の題名").fill("続・四時起きの帳場")
    another.get_by_label("ISBN").fill("978-4-00-000000-1")
    reading.get_by_role("button", name="この本を加える").click()
    expect(reading.get_by_text("ISBNとして読めません")).to_be_visible()
    expect(another.get_by_label("本の題名")).to_have_value("続・四時起きの帳場")
    another.get_by_label("ISBN").fill("978-4-00-000000-0")
    reading.get_by_role("button", name="この本を加える").click()
    fold_out(reading, "book")
    expect(reading.get_by_role("img", name="『続・四時起きの帳場』")).to_be_visible()
    at_each_width(reading, blameless)
    fold_out(reading, "needs")
    reading.get_by_label("お連れの方", exact=False).first.select_option("2")
    reading.get_by_label("召しあがれないもの", exact=True).fill("えび")
    at_each_width(reading, blameless)
    reading.locator("#needs").get_by_role("button", name="保存する").click()
    fold_out(reading, "needs")
    expect(reading.get_by_text("お連れの方のお席を2名分ご用意しました。")).to_be_visible()
    guest.close()

    assert "お引き受けくださいました" in mailed("kosuke@example.com").subject
    hosting.goto(session.get_absolute_url())
    expect(hosting.get_by_role("img", name="『四時起きの帳場』").first).to_be_visible()
    hosting.get_by_role("link", name="篠目").first.click()
    expect(hosting.get_by_text("夜明け前に三十年。")).to_be_visible()
    at_each_width(hosting, blameless)
    hosting.goto("/books/")
    at_each_width(hosting, blameless)


def test_declining_is_one_tap_and_the_host_sees_it(
    hosting: Page, site: str, browser: Browser, mailed, blameless, session: Session, club
) -> None:
    write_to(hosting, session)
    hosting.get_by_role("button", name="手紙を送る").click()
    letter = link_in(mailed("sasame@example.com"), site)
    guest = browser.new_context(locale="ja-JP", viewport={"width": 390, "height": 844}, java_script_enabled=False)
    reading = guest.new_page()
    reading.goto(letter)
    reading.get_by_role("button", name="今回は見送る").click()
    expect(reading.get_by_role("heading", name="お返事をありがとうございました。")).to_be_visible()
    guest.close()
    hosting.goto(f"/invitations/{Invitation.objects.get().code}/")
    expect(hosting.get_by_text("辞退", exact=True).first).to_be_visible()
    at_each_width(hosting, blameless)


def test_another_date_is_taken_over_with_one_tap(
    hosting: Page, site: str, browser: Browser, mailed, session: Session, make_session, club
) -> None:
    there = make_session(starts_at=session.starts_at + timedelta(days=28), title="")
    write_to(hosting, session)
    hosting.get_by_role("link", name="変更", exact=True).click()
    hosting.get_by_role("checkbox").first.check()
    hosting.get_by_role("button", name="保存して見る").click()
    hosting.get_by_role("button", name="手紙を送る").click()
    letter = link_in(mailed("sasame@example.com"), site)
    guest = browser.new_context(locale="ja-JP", viewport={"width": 390, "height": 844})
    reading = guest.new_page()
    reading.goto(letter)
    reading.get_by_role("radio").nth(1).check()
    reading.get_by_role("button", name="お引き受けする").click()
    expect(reading.get_by_text("この日でご用意いたします。")).to_be_visible()
    hosting.goto(f"/invitations/{Invitation.objects.get().code}/")
    hosting.get_by_role("button", name="この日にする").click()
    expect(hosting.get_by_text("その日の予定にゲストのお名前が入りました。")).to_be_visible()
    reading.reload()
    expect(reading.get_by_text("この日でご用意いたします。")).to_have_count(0)
    guest.close()
    hosting.goto(there.get_absolute_url())
    expect(hosting.get_by_role("link", name="篠目").first).to_be_visible()
