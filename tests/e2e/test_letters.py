"""The monthly letter from desk to page, and the pages about mail that does not arrive, in a browser."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Session
from members.levels import Level
from members.models import Member
from members.news import News
from outbox.models import Delivery
from records.models import Takeaway
from tests.outbox.line_api import Line, running

pytestmark = pytest.mark.browser


@pytest.fixture
def host(page: Page, site: str, kosuke: Member) -> Page:
    Member.objects.filter(pk=kosuke.pk).update(is_staff=True)
    client = Client()
    client.force_login(kosuke)
    page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])
    return page


@pytest.fixture
def api(settings: Any) -> Iterator[Line]:
    with running(settings) as told:
        yield told


def test_a_host_drops_a_line_looks_and_sends_the_letter(
    host: Page,
    make_session: Callable[..., Session],
    hana: Member,
    ken: Member,
    kosuke: Member,
    blameless: Callable[[Page], None],
) -> None:
    now = timezone.now()
    morning = make_session(starts_at=now - timedelta(days=12), number=37)
    Takeaway.objects.create(session=morning, member=hana, text="決めるのは人でした。", audience="public")
    Takeaway.objects.create(session=morning, member=ken, text="帳簿が読めました。", audience="members")
    News.objects.tell(kosuke, "三章まで書けました。", level=Level.MEMBERS, now=now)
    host.goto("/desk/")
    host.get_by_role("link", name="たよりを読む").click()
    host.get_by_label("帳簿が読めました。").uncheck()
    host.get_by_label("ごあいさつ").fill("お元気ですか。")
    blameless(host)
    host.get_by_role("button", name="保存して見る").click()
    mail = host.frame_locator("iframe")
    expect(mail.locator("body")).to_contain_text("お元気ですか。")
    expect(mail.locator("body")).to_contain_text("三章まで書けました。")
    expect(mail.locator("body")).not_to_contain_text("帳簿が読めました。")
    host.get_by_text("LINE用の文").first.click()
    assert "三章まで書けました。" not in host.get_by_label("LINE用の文").input_value()
    blameless(host)
    host.get_by_role("button", name="2人の会員に送る").click()
    expect(host.get_by_role("heading", level=1)).to_contain_text("のたより")
    expect(host.get_by_role("status").first).to_contain_text("たよりを2人の会員に送ります。")
    blameless(host)
    assert Delivery.objects.filter(kind="bulletin").count() == 2
    host.goto("/bulletins/")
    blameless(host)


def test_the_pages_about_news_line_and_mail_are_blameless(
    host: Page, api: Line, blameless: Callable[[Page], None]
) -> None:
    host.goto("/mail-help/")
    blameless(host)
    host.goto("/profile/news/")
    blameless(host)
    host.goto("/operator/line/")
    blameless(host)
    host.goto("/profile/line/")
    blameless(host)
    host.get_by_role("button", name="番号を受け取る").click()
    expect(host.get_by_label("あなたの番号")).to_have_value(re.compile("^[B-Z2-9]{8}$"))
    blameless(host)


def test_a_slip_in_the_address_is_mended_with_one_tap(
    page: Page, hana: Member, blameless: Callable[[Page], None]
) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("メールアドレス").fill("hana@gmial.com")
    page.get_by_role("button", name="番号を受け取る").click()
    expect(page.get_by_role("main")).to_contain_text("hana@gmail.com ではありませんか。")
    blameless(page)
    page.get_by_role("button", name="はい、hana@gmail.com です").click()
    expect(page.get_by_role("main")).to_contain_text("hana@gmail.com")
    blameless(page)
