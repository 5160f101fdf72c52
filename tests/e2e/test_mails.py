"""Choosing which mails come, from a mail and without signing in, in a browser."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Series
from members.models import Club, Member
from outbox import stops
from outbox.models import Delivery
from outbox.stops import Stop

pytestmark = pytest.mark.browser


def test_from_a_mail_one_kind_is_stopped_another_chosen_and_all_ended(
    page: Page, series: Series, club: Club, hana: Member, blameless: Callable[[Page], None]
) -> None:
    about = f"series:{series.pk}"
    sent = Delivery.objects.create(kind="bulletin", key="e2e", to=hana.email, language="ja", sent_at=timezone.now())
    page.goto(urlsplit(stops.stop_url(sent, [("letter", about)], now=timezone.now())).path)
    blameless(page)
    page.get_by_role("button", name="これを止める").click()
    expect(page.get_by_text("これらは、もう届きません。")).to_be_visible()
    assert Stop.objects.of(hana.email) == {("letter", about)}
    letter = page.get_by_label("月のたより")
    expect(letter).not_to_be_checked()
    letter.check()
    page.get_by_label("次の回").uncheck()
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("保存しました。")).to_be_visible()
    blameless(page)
    assert Stop.objects.of(hana.email) == {("invite", about)}
    page.get_by_role("button", name="上のメールをすべて止める").click()
    expect(page.get_by_label("前の晩の道順")).not_to_be_checked()
    expect(page.get_by_text("いつもお送りするもの")).to_be_visible()
