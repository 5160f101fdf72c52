"""After the morning: the list closed in one tap, the host's look, two yeses, and a mail to each of the two."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
import time_machine
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from events.models import Attendance, Partstat, Session
from introductions.tasks import tick
from members.models import Member
from outbox.models import Delivery, MailboxMessage
from outbox.sending import send_due

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Check = Callable[[Page], None]


def sign_in(page: Page, member: Member) -> None:
    client = Client()
    client.force_login(member)
    name = configured.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}])


def begun(session: Session, *members: Member) -> Session:
    """These have a seat, and the morning began an hour ago."""
    for member in members:
        session.rsvp(member, Partstat.ACCEPTED, now=timezone.now())
    start = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(minutes=80))
    return session


def newest(member: Member) -> MailboxMessage:
    """What the worker sends when it is day, as it came."""
    Delivery.objects.open().update(next_attempt_at=timezone.now())
    with time_machine.travel(timezone.now().replace(hour=3), tick=False):  # noon in Tokyo
        Delivery.objects.open().update(next_attempt_at=timezone.now())
        send_due()
    found = MailboxMessage.objects.filter(recipients=[member.email]).first()
    assert found
    return found


def words(mail: MailboxMessage) -> str:
    body = message_from_bytes(bytes(mail.raw), policy=default).get_body(("plain",))
    assert body
    return str(body.get_content())


def fits(page: Page, blameless: Check) -> None:
    """Nothing runs over the edge, on a phone and on a desk, and axe finds nothing."""
    for width in (1280, 320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    blameless(page)


def test_from_one_tap_at_the_door_to_the_mail_after_two_yeses(
    page: Page, session: Session, kosuke: Member, hana: Member, ken: Member, blameless: Check, settings
) -> None:
    settings.EMAIL_BACKEND = "outbox.mailbox.Backend"
    begun(session, hana, ken)
    page.goto("/about/")

    for member in (hana, ken):
        sign_in(page, member)
        page.goto("/introductions/")
        fits(page, blameless)
        page.get_by_role("button", name="はい、お願いします").click()
        expect(page.get_by_text("いまお返事いただくことはありません")).to_be_visible()

    sign_in(page, kosuke)
    page.goto("/desk/")
    page.locator(f'main a[href="/sessions/{session.code}/roster/"]').click()
    fits(page, blameless)
    page.get_by_role("button", name="全員来た").click()
    expect(page.get_by_role("heading", name="お越しになった方")).to_be_visible()
    fits(page, blameless)
    assert Attendance.objects.came().count() == 2

    tick()
    page.goto("/desk/")
    page.locator(f'main a[href="/sessions/{session.code}/introductions/"]').click()
    expect(page.get_by_text("kenさんは「食品の流通」を知りたい。hanaさんは「食品の流通」にくわしい。")).to_be_visible()
    fits(page, blameless)
    page.get_by_role("button", name="お送りする").click()
    fits(page, blameless)

    sign_in(page, hana)
    page.goto("/introductions/")
    fits(page, blameless)
    page.get_by_role("button", name="会ってみたい").click()
    expect(page.get_by_text("お相手の返事を待っています")).to_be_visible()

    question = newest(ken)
    assert question.subject == "hanaさんをご紹介しましょうか"
    link = re.search(r"http://localhost:8000(/introductions/answer/\S+)", words(question))
    assert link
    page.context.clear_cookies()
    page.goto(link[1])
    fits(page, blameless)
    page.get_by_role("button", name="会ってみたい").click()
    expect(page.get_by_text("お二人とも「はい」でした")).to_be_visible()

    made = newest(hana)
    assert made.subject == "hanaさんとkenさんをおつなぎします"
    assert "kenさん <ken@example.com>" in words(made)
    assert newest(ken).subject == "kenさんとhanaさんをおつなぎします"
    sign_in(page, hana)
    page.goto("/introductions/")
    expect(page.get_by_role("link", name="kenさんに書く")).to_have_attribute("href", "mailto:ken@example.com")
    fits(page, blameless)


def test_the_door_ticks_off_and_writes_down_without_script(
    browser: Browser, site: str, session: Session, kosuke: Member, hana: Member, ken: Member, blameless: Check
) -> None:
    begun(session, hana, ken)
    plain = browser.new_context(base_url=site, locale="ja-JP", viewport={"width": 390, "height": 844},
                                java_script_enabled=False).new_page()  # fmt: skip
    plain.goto("/about/")
    sign_in(plain, kosuke)
    plain.goto(f"/sessions/{session.code}/roster/")
    expect(plain.get_by_role("button", name="全員来た")).to_be_visible()
    plain.locator("#walk-ins summary").click()
    plain.locator("#walk-ins [name$=name]").fill("水無瀬 健吾")
    plain.locator("#walk-ins [name$=yomi]").fill("みなせ けんご")
    plain.locator("#walk-ins button[type=submit]").click()
    # Once somebody is marked, who is not is taken as absent.
    plain.get_by_text("来なかった hanaさん").click()
    plain.get_by_role("button", name="この方たち以外は来た").click()
    rows = {(row.member.name if row.member else row.name): row.status for row in Attendance.objects.all()}
    assert rows == {"hana": "came", "ken": "absent", "水無瀬 健吾": "came"}
    plain.context.close()


def test_a_ticked_list_and_an_english_page_have_no_faults(
    page: Page, session: Session, kosuke: Member, hana: Member, ken: Member, blameless: Check
) -> None:
    begun(session, hana, ken)
    page.goto("/about/")
    page.context.add_cookies(
        [{"name": configured.LANGUAGE_COOKIE_NAME, "value": "en", "domain": "localhost", "path": "/"}]
    )
    sign_in(page, kosuke)
    page.goto(f"/sessions/{session.code}/roster/")
    page.get_by_text("did not come ken").click()
    expect(page.get_by_role("button", name="All came but these")).to_be_visible()
    fits(page, blameless)
