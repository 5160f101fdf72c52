from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Series, Session
from members.models import Member

pytestmark = pytest.mark.browser


@pytest.fixture
def host(page: Page, site: str, kosuke: Member) -> Page:
    """A page of an operator who is signed in."""
    Member.objects.filter(pk=kosuke.pk).update(is_staff=True)
    client = Client()
    client.force_login(kosuke)
    page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])
    return page


def test_a_host_makes_a_series_sees_its_dates_live_and_takes_a_session_through_its_life(
    host: Page, blameless: Callable[[Page], None]
) -> None:
    host.goto("/series/new/")
    host.get_by_label("会の名前").fill("夕凪の読書会")
    host.get_by_label("英語での名前").fill("Evening Calm")
    host.get_by_label("はじまりの日").fill(timezone.localdate().isoformat())
    preview = host.locator("#preview")
    expect(preview.locator("li")).to_have_count(6)
    expect(preview).to_contain_text("毎月第2木曜日 7:00")
    host.get_by_label("第4", exact=True).check()
    expect(preview).to_contain_text("毎月第2・第4木曜日 7:00")
    blameless(host)
    host.get_by_role("button", name="保存する").click()
    expect(host.get_by_role("heading", level=1)).to_contain_text("すること")
    expect(host.get_by_role("link", name="夕凪の読書会", exact=True)).to_be_visible()
    blameless(host)
    host.get_by_role("link", name="見て公開する").first.click()
    host.get_by_label("題名").fill("値札のない朝")
    blameless(host)
    host.get_by_role("button", name="保存して公開する").click()
    expect(host.get_by_role("heading", level=1)).to_have_text("値札のない朝")

    session = Session.objects.get(title="値札のない朝")
    blameless(host)
    host.get_by_role("link", name="日時・会場").click()
    day = session.local_start.date() + timedelta(days=1)
    host.locator("#id_on").fill(day.isoformat())
    blameless(host)
    host.get_by_role("button", name="変更する").click()
    session.refresh_from_db()
    assert session.local_start.date() == day

    host.get_by_role("link", name="中止にする").click()
    host.get_by_label("理由").fill("台風のため")
    blameless(host)
    host.get_by_role("button", name="中止にする").click()
    expect(host.get_by_role("main")).to_contain_text("台風のため")
    host.goto(f"/sessions/{session.code}/edit/")
    host.get_by_role("button", name="中止を取り消す").click()
    session.refresh_from_db()
    assert (session.cancelled_at, session.number) == (None, 1)


def test_the_calendar_page_shows_the_secret_address(
    host: Page, series: Series, blameless: Callable[[Page], None]
) -> None:
    host.goto("/calendar/")
    old = host.get_by_label("あなただけのアドレス").input_value()
    blameless(host)
    host.get_by_role("button", name="新しいアドレスにする").click()
    assert host.get_by_label("あなただけのアドレス").input_value() != old
