from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from events.models import Session
from members.models import Member

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
