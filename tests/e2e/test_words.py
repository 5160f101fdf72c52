import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from events.models import Session
from members.models import Club, Member
from tests.e2e.test_visitors import newest_mail

# What LINE's own browser is, and what it lacks.
IN_LINE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile Safari Line/14.0"
LACKS = """
for (const name of ["PublicKeyCredential"]) delete window[name];
for (const name of ["clipboard", "credentials", "share"]) Object.defineProperty(navigator, name, {value: undefined});
"""

pytestmark = pytest.mark.browser


def test_a_host_copies_the_words_with_one_tap(
    page: Page, site: str, session: Session, kosuke: Member, blameless: Callable[[Page], None]
) -> None:
    client = Client()
    client.force_login(kosuke)
    page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    page.goto(f"/sessions/{session.code}/")
    page.get_by_role("link", name="まわりに知らせる文").click()
    text = page.get_by_label("知らせる文").input_value()
    blameless(page)
    page.get_by_role("button", name="コピーする").click()
    expect(page.get_by_role("main")).to_contain_text("コピーしました。")
    assert page.evaluate("navigator.clipboard.readText()") == text


def test_in_the_browser_of_a_chat_the_words_are_copied_and_their_link_leads_to_a_seat(
    browser: Browser, site: str, session: Session, kosuke: Member, club: Club, settings: Any
) -> None:
    phone = browser.new_context(
        base_url=site, locale="ja-JP", user_agent=IN_LINE, viewport={"width": 390, "height": 844}, has_touch=True
    )
    phone.add_init_script(LACKS)
    client = Client()
    client.force_login(kosuke)
    phone.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])
    page = phone.new_page()
    page.goto(f"/sessions/{session.code}/words/")
    page.get_by_role("button", name="コピーする").click()
    expect(page.get_by_role("main")).to_contain_text("コピーしました。")
    link = re.search(r"/sessions/\S+openExternalBrowser=1", page.get_by_label("知らせる文").input_value())
    assert link
    phone.clear_cookies()
    page.goto(link[0])
    page.get_by_role("link", name="参加する").click()
    page.get_by_label("お名前").fill("冬木 雪")
    page.get_by_label("メールアドレス").fill("yuki@example.com")
    page.get_by_role("button", name="確認のメールを受けとる").click()
    code = re.search(r"^ {4}([A-Z0-9]{6})$", newest_mail(settings), re.MULTILINE)
    assert code
    page.get_by_label("メールにある番号").fill(code[1])
    page.get_by_role("button", name="確認する").click()
    expect(page.get_by_text("席をおとりしました。")).to_be_visible()
    page.goto("/accounts/login/")
    expect(page.get_by_label("メールアドレス")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("パスキー"))).to_have_count(0)
    phone.close()
