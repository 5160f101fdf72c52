"""Every page a host works on, on a phone: axe finds nothing by day or night, and nothing scrolls sideways."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from events import roster
from events.models import Idea, Series, Session
from invitations.models import Invitation
from members.models import Club, Member
from purse import collecting
from purse.models import Bill, Issuer
from records.models import Report
from speakers.models import Speaker
from tests.events.pages import crowd, seat, talk

pytestmark = pytest.mark.browser

OF_CLUB = ("desk/", "series/new/", "talks/", "wishes/", "places/", "places/new/", "places/me/", "desk/told/")
OF_SERIES = (
    *("", "edit/", "joining/", "reminders/", "answers/", "seats/", "hosts/", "every-time/", "gatherings/", "purse/"),
    *("receipts/", "activity/", "introductions/", "sessions/new/", "first/"),
)
BEFORE = (
    *("", "edit/", "move/", "cancellation/", "invitations/new/", "host/", "restaurant/", "roster/", "asking/"),
    *("reminders/", "answers/", "seats/", "tables/", "papers/", "messages/", "words/", "questions/", "clock/"),
)
AFTER = ("", "roster/", "fees/", "report/", "introductions/", "pictures/kept/", "handouts/kept/", "words/")


@pytest.fixture
def pages(
    series: Series, make_session: Callable[..., Session], kosuke: Member, hana: Member, ken: Member, sato: Speaker
) -> list[str]:
    """The addresses, with something on each of them."""
    now = timezone.now()
    Member.objects.filter(pk=kosuke.pk).update(is_staff=True)
    idea = Idea.propose(hana, title="卸の一日", about="朝三時から", offers=True, now=now)
    Idea.propose(ken, title="値段は誰が決めているのか", about="", offers=False, now=now)
    ahead = make_session(starts_at=now + timedelta(minutes=50), number=9, programme="6:40 開場\n7:00 朝ごはん")
    talk(ahead, sato, "夜明けの帳場")
    idea.put_into(ahead, minutes=15, now=now, actor=kosuke)
    seat(ahead, [kosuke, hana, ken, *crowd(8)])
    past = make_session(starts_at=now - timedelta(days=2), number=8)
    seat(past, [kosuke, hana, ken])
    talk(past, sato, "値札のない朝")
    roster.close(past, now=now, actor=kosuke)
    Bill.objects.create(session=past, total=6300, is_split=True)
    collecting.pay(past, f"m{hana.pk}", "cash", now=now, actor=kosuke)
    Issuer.objects.create(series=series, name="みなとの会")
    guest = Invitation.objects.create(session=past, speaker=sato, host=kosuke, state="accepted", asked_at=now)
    Report.objects.create(session=past, body="## 帳場\n\n長い話", author=kosuke, shown_at=now, remark="二十九年です")
    assert series.venue
    return [
        *(f"/{page}" for page in OF_CLUB),
        series.venue.get_absolute_url(),
        f"{series.venue.get_absolute_url()}moving/",
        *(f"/series/{series.slug}/{page}" for page in OF_SERIES),
        *(f"/sessions/{ahead.code}/{page}" for page in BEFORE),
        *(f"/sessions/{past.code}/{page}" for page in AFTER),
        guest.get_absolute_url(),
        f"{guest.get_absolute_url()}edit/",
        f"{guest.get_absolute_url()}morning/",
    ]


def test_the_pages_of_a_host_fit_a_phone_and_axe_finds_nothing(
    page: Page, site: str, pages: list[str], kosuke: Member, club: Club
) -> None:
    client, found = Client(), []
    client.force_login(kosuke)
    page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])
    for address in pages:
        answered = page.goto(address)
        assert (address, answered and answered.status) == (address, 200)
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            found.append((address, "too wide"))
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            wrong = Axe().run(page).response["violations"]
            found += [(address, scheme, one["id"], [node["html"] for node in one["nodes"]]) for one in wrong]
    assert found == []
