"""A host's whole month walked on a phone, in both languages: what each step costs in taps, fields, swipes and seconds.

`make drills DRILL=month`; PICTURES=folder keeps what the phone showed, and the table. A real browser on a real server,
with a clock that is moved on; the worker's ticks are called, mails are read where they were put. Guests and members act
by their own doors and are not counted. It fails where a step takes more taps than stand beside it in TAPS.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

import events.tasks
import introductions.tasks
import invitations.tasks
from events import roster
from events.models import HostMessage, Rsvp, Session
from invitations.models import Invitation
from members.models import Club, Member
from outbox.models import MailboxMessage
from outbox.sending import send_due
from purse.models import Bill, Payment, Receipt
from records.models import Report
from tests.drills.thumb import HEIGHT, WIDTH, Phone, table
from tests.drills.web import Web, cookies
from tests.e2e.conftest import browser, site

__all__ = ["browser", "site"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

TOKYO = ZoneInfo("Asia/Tokyo")
PEOPLE, SEATS = 27, 24
# The most a step may take: what is to be decided, and not a tap more.
TAPS = {
    "a new series": 2,
    "its restaurant": 1,
    "a guest is invited": 3,
    "another is invited": 3,
    "published": 2,
    "the morning, for the guest": 2,
    "the call to the restaurant": 2,
    "the call after the friend": 2,
    "tables": 2,
    "the door": 3,
    "the bill": 3,
    "who paid": 1,
    "receipts": 2,
    "those who are new": 2,
    "the report": 2,
    "shown to the guest": 1,
    "published after the guest": 2,
    "the thank-you": 2,
}  # fmt: skip


@dataclass
class Others:
    """Everybody but the host."""

    web: Web
    browser: Browser
    site: str
    people: list[Member]

    def answer(self, session: Session, people: list[Member]) -> None:
        for member in people:
            assert self.web.answer(session, cookies(member)).status in {200, 302}

    def guest(self, mail: str) -> Page:
        """The guest's own browser, on the private page of the newest letter."""
        found = re.search(r"https?://\S+?(/letters/\S+)", text_of(mail))
        assert found, text_of(mail)
        context = self.browser.new_context(
            base_url=self.site, locale="ja-JP", viewport={"width": WIDTH, "height": HEIGHT}
        )
        page = context.new_page()
        page.goto(found[1])
        return page


def text_of(address: str) -> str:
    """The newest mail to somebody."""
    send_due()
    mail = MailboxMessage.objects.filter(recipients=[address]).first()
    assert mail, address
    part = message_from_bytes(bytes(mail.raw), policy=policy.default).get_body(("plain",))
    return str(part.get_content()) if part else ""


@pytest.fixture(params=["ja", "en"])
def language(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def clock() -> Iterator[Callable[[str], datetime]]:
    """Move on to an hour in Tokyo; the worker's ticks follow, and what is due is sent."""
    running: list[Any] = []

    def to(when: str) -> datetime:
        if running:
            running.pop().stop()
        at = datetime.fromisoformat(when).replace(tzinfo=TOKYO)
        running.append(time_machine.travel(at))
        running[0].start()
        for tick in (events.tasks.make_ahead, events.tasks.tick, invitations.tasks.tick, introductions.tasks.tick):
            tick()
        send_due()
        return at

    yield to
    for one in running:
        one.stop()


@pytest.fixture
def phone(browser: Browser, site: str, language: str, kosuke: Member, clock: Any) -> Iterator[Phone]:
    clock("2027-02-15T12:30")
    Member.objects.filter(pk=kosuke.pk).update(is_staff=True, language=language)
    context: BrowserContext = browser.new_context(
        base_url=site,
        locale=language,
        viewport={"width": WIDTH, "height": HEIGHT},
        has_touch=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(8_000)
    sign_in(context, kosuke, site)
    yield Phone(context.new_page(), language)
    context.close()


def sign_in(context: BrowserContext, member: Member, site: str) -> None:
    client = Client()
    client.force_login(member)
    context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])


def test_a_month(phone: Phone, clock: Any, site: str, browser: Browser, person: Any, club: Club, settings: Any) -> None:
    settings.EMAIL_BACKEND = "outbox.mailbox.Backend"
    people = [person(f"m{n:02}", industry="EIGSJ"[n % 5]) for n in range(PEOPLE)]
    others = Others(Web(urlsplit(site).port or 0), browser, site, people)
    session = before(phone, others, clock)
    that_morning(phone, others, clock, session)
    afterwards(phone, others, clock, session)
    table(phone, TAPS)


def before(phone: Phone, others: Others, clock: Any) -> Session:
    phone.begin("a new series")
    phone.tap('a[href$="/series/new/"]')
    phone.type("#id_name", "水曜の朝食会" if phone.language == "ja" else "Harbour breakfast")
    phone.type("#id_venue_name", "喫茶みなと")
    phone.type("#id_venue_address", "東京都かもめ区1-2-3")
    phone.type("#id_fee_amount", "2000")
    phone.tap("form[method=post] button.button--act")
    session = Session.objects.order_by("starts_at")[0]
    assert session.local_start.isoformat() == "2027-03-11T07:00:00+09:00"

    phone.begin("its restaurant", goes_on=True)
    phone.type("#id_contact_phone", "03-0000-0000")
    phone.type("#id_final_days", "1")
    phone.type("#id_spare_covers", "2")
    phone.tap("form[method=post] button.button--solid, form[method=post] button.button--act")

    invite(phone, "a guest is invited", "安曇 貴子", "あずみ たかこ", "azumi@example.com")
    guest = others.guest("azumi@example.com")
    guest.locator("button[name=answer][value=decline]").click()
    guest.context.close()
    clock("2027-02-17T12:30")
    invite(phone, "another is invited", "篠目 ふさ江", "ささめ ふさえ", "sasame@example.com")
    guest = others.guest("sasame@example.com")
    guest.locator("button[name=answer][value=accept]").click()
    guest.context.close()
    assert Invitation.objects.accepted().count() == 1

    clock("2027-02-18T12:30")
    phone.begin("published")
    phone.tap(f'.step a[href$="/sessions/{session.code}/edit/"]')
    phone.tap("button[name=publish]")
    session.refresh_from_db()
    assert session.number == 1

    others.answer(session, others.people[:26])
    assert (Rsvp.objects.seated().count(), Rsvp.objects.waiting().count()) == (24, 2)
    clock("2027-03-01T12:30")
    phone.begin("the morning, for the guest")
    phone.tap('.step a[href$="/morning/"]')
    phone.type("#id_phone", "090-0000-0000")
    phone.tap("form[method=post] button[type=submit].button--solid, form[method=post] button.button--act")
    phone.page.goto("/desk/")
    assert phone.page.locator('.step a[href$="/morning/"]').count() == 0
    for day in ("2027-03-04T12:10", "2027-03-06T12:10", "2027-03-08T12:10"):
        clock(day)
    assert Rsvp.objects.seated().count() == 24

    clock("2027-03-10T12:30")
    phone.begin("the call to the restaurant")
    phone.tap(f'.step a[href$="/sessions/{session.code}/restaurant/"]')
    phone.tap("form[method=post] button.button--act")
    return session


def invite(phone: Phone, step: str, name: str, yomi: str, mail: str) -> None:
    phone.begin(step)
    phone.tap('.step a[href*="/invitations/new/"]')
    phone.type("#id_name", name)
    phone.type("#id_yomi", yomi)
    phone.type("#id_email", mail)
    phone.type("#id_book_title", "四時起きの帳場")
    phone.tap("form[method=post] button[type=submit]")
    phone.tap('form[action$="/sending/"] button')


def that_morning(phone: Phone, others: Others, clock: Any, session: Session) -> None:
    clock("2027-03-10T18:00")
    clock("2027-03-10T22:00")
    told = others.web.bring(session, cookies(others.people[0]), "青砥 和馬")
    assert told.status in {200, 302}, told.body
    phone.begin("the call after the friend")
    phone.tap(f'.step a[href$="/sessions/{session.code}/restaurant/"]')
    phone.tap("form[method=post] button.button--act")
    phone.begin("tables")
    phone.tap('.step a[href$="/tables/"]')
    phone.tap("form[method=post] button.button--act")

    clock("2027-03-11T06:15")
    seated = [rsvp.member for rsvp in Rsvp.objects.seated().select_related("member").order_by("pk") if rsvp.member]
    for late in seated[1:3]:
        others.web.post(f"/sessions/{session.code}/lateness/", {"minutes": 10}, cookies(late))
    assert Rsvp.objects.filter(late_minutes=10).count() == 2
    clock("2027-03-11T07:20")
    absent = next(place for place in roster.places(session) if place.name == seated[5].name)
    phone.begin("the door")
    phone.tap('.step a[href$="/roster/"]')
    phone.tap(f'[data-missing="{absent.key}"] .roster__mark', leads=False)
    phone.tap('form[action$="/closing/"] button.button--act')
    session.refresh_from_db()
    assert session.roster_closed_at


def afterwards(phone: Phone, others: Others, clock: Any, session: Session) -> None:
    clock("2027-03-11T08:25")
    phone.begin("the bill")
    phone.tap('.step a[href$="/fees/"]')
    phone.type("#id_total", "52300")
    phone.tap("label:has(#id_is_split), #id_is_split", leads=False)
    phone.tap("form:has(#id_total) button[type=submit]")
    phone.begin("who paid", goes_on=True)
    phone.tap('form[action$="/rest/"] button')
    assert (Bill.objects.get().total, Payment.objects.count()) == (52_300, SEATS)
    phone.begin("receipts", goes_on=True)
    phone.tap('a[href$="/receipts/"]')
    phone.type("#id_name", "みなとの会")
    phone.tap("form:has(#id_name) button[type=submit]")
    payer = Payment.objects.filter(member__in=others.people)[0].member
    assert payer
    draws = {"addressee": "みなと商店", "suffix": "御中", "purpose": "会費"}
    assert others.web.post(f"/sessions/{session.code}/receipt/", draws, cookies(payer)).status == 302
    assert Receipt.objects.get().number == 1

    phone.begin("those who are new")
    phone.tap('.step a[href*="/messages/"]')
    phone.tap("button[name=send]")
    assert HostMessage.objects.get().people == SEATS - 1

    clock("2027-03-11T20:00")
    phone.begin("the report")
    phone.tap('.step a[href$="/report/"]')
    phone.tap("button[name=keep]")
    phone.begin("shown to the guest", goes_on=True)
    phone.tap('form[action$="/showing/"] button')
    clock("2027-03-12T12:10")
    guest = others.guest("sasame@example.com")
    guest.locator("button[name=verdict][value=right]").click()
    guest.context.close()
    phone.begin("published after the guest")
    phone.tap('.step a[href$="/report/"]')
    phone.tap("button[name=publish]")
    assert Report.objects.published().count() == 1
    phone.begin("the thank-you")
    phone.tap('.step a[href*="/invitations/"][href$="#after"]')
    phone.tap('form[action$="/thanks/"] button.button--act')
    clock("2027-03-12T12:30")
    assert MailboxMessage.objects.filter(recipients=["sasame@example.com"]).latest("pk")
    phone.begin("nothing is left")
    left = {link.get_attribute("href") for link in phone.page.locator(".step a.button").all()}
    following = Session.objects.filter(starts_at__gt=session.starts_at).earliest("starts_at").code
    assert left == {f"/sessions/{following}/invitations/new/", f"/sessions/{following}/edit/"}
