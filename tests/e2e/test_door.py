"""The list at the door in a real browser: one tap a person, also while the line is down, by two phones at once."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Error, Page, expect

from events import roster
from events.links import door_link
from events.models import Attendance, Membership, Partstat, Session
from members.models import Member

pytestmark = pytest.mark.browser


@pytest.fixture
def session(make_session: Callable[..., Session], hana: Member, ken: Member, mallory: Member) -> Session:
    """A morning that began five minutes ago: hana with a friend, and ken; mallory stands at the door."""
    made, before = make_session(), timezone.now()
    for member in (hana, ken):
        made.rsvp(member, Partstat.ACCEPTED, now=before)
    made.add_friend(hana, "青砥 和馬", yomi="あおと かずま", now=before)
    Membership.objects.create(series=made.series, member=mallory, role=Membership.Role.DOOR)
    start = before - timedelta(minutes=5)
    Session.objects.filter(pk=made.pk).update(starts_at=start, ends_at=start + timedelta(minutes=80))
    made.refresh_from_db()
    return made


def sign_in(page: Page, member: Member, site: str) -> None:
    client = Client()
    client.force_login(member)
    page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])


@pytest.fixture
def at_door(page: Page, site: str, session: Session, mallory: Member) -> Page:
    sign_in(page, mallory, site)
    page.goto(f"/sessions/{session.code}/roster/")
    return page


def here(session: Session) -> list[str]:
    return sorted(place.name for place in roster.places(session) if place.is_here)


def mark(page: Page, name: str) -> None:
    page.locator("[data-tap]").get_by_role("button", name=f"{name}さん").click()


def sent(page: Page) -> None:
    """Until nothing waits in the browser any more."""
    for _tenth in range(300):
        with suppress(Error):  # the page loads itself anew when somebody was written down
            if not page.evaluate("localStorage.length"):
                return
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate("JSON.stringify(localStorage)"))


def count(page: Page) -> str:
    return page.locator("[data-here]").inner_text()


def test_a_tap_shows_at_once_and_is_kept(at_door: Page, session: Session, blameless) -> None:
    blameless(at_door)
    mark(at_door, "hana")
    expect(at_door.locator("[aria-pressed=true]")).to_have_count(1)
    expect(at_door.locator("[data-here]")).to_have_text("1")
    sent(at_door)
    assert here(session) == ["hana"]
    mark(at_door, "hana")
    sent(at_door)
    assert (here(session), count(at_door)) == ([], "0")
    blameless(at_door)


def test_taps_wait_while_the_line_is_down_and_none_counts_twice(
    browser: Browser, site: str, session: Session, mallory: Member
) -> None:
    """Down for a minute, a page loaded anew in between once the line is back, and a request whose answer was lost."""
    context = browser.new_context(base_url=site, locale="ja-JP", viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, mallory, site)
    page.goto(f"/sessions/{session.code}/roster/")
    context.set_offline(True)
    mark(page, "hana")
    mark(page, "青砥 和馬")
    page.locator("#walk-ins summary").click()
    page.locator("#id_name").fill("水無瀬 健吾")
    page.locator("#id_yomi").fill("みなせ けんご")
    page.locator("#walk-ins button").click()
    expect(page.locator(".door__line")).to_have_text(
        "3件がつながるのを待っています。つながりしだい、ひとりでに送られます。"
    )
    expect(page.locator(".roster__row--came")).to_have_count(2)
    assert here(session) == []
    # The first tap reaches us, but its answer never reaches the phone: it is sent once more.
    page.route("**/marks/", lambda route: (route.fetch(), route.abort()), times=1)
    context.set_offline(False)
    sent(page)
    expect(page.locator(".roster__row--came")).to_have_count(3)
    assert here(session) == ["hana", "水無瀬 健吾", "青砥 和馬"]
    assert Attendance.objects.count() == 3
    expect(page.locator(".door__line")).to_be_empty()
    context.close()


def test_what_waited_is_sent_by_the_page_that_is_opened_next(
    browser: Browser, site: str, session: Session, mallory: Member
) -> None:
    context = browser.new_context(base_url=site, locale="ja-JP", viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, mallory, site)
    page.goto(f"/sessions/{session.code}/roster/")
    context.set_offline(True)
    mark(page, "ken")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"/sessions/{session.code}/roster/")
    sent(again)
    assert here(session) == ["ken"]
    context.close()


def test_two_phones_see_each_others_taps(
    browser: Browser, at_door: Page, site: str, session: Session, kosuke: Member
) -> None:
    context = browser.new_context(base_url=site, locale="ja-JP", viewport={"width": 390, "height": 844})
    other = context.new_page()
    sign_in(other, kosuke, site)
    other.goto(f"/sessions/{session.code}/roster/")
    mark(at_door, "hana")
    mark(other, "ken")
    for page in (at_door, other):
        expect(page.locator(".roster__row--came")).to_have_count(2, timeout=15_000)
    assert here(session) == ["hana", "ken"]
    context.close()


def test_people_are_found_while_one_types(at_door: Page) -> None:
    at_door.get_by_label("お名前・よみ").fill("アオト")
    expect(at_door.locator(".roster__row[data-key]:visible")).to_have_count(1)
    at_door.get_by_label("お名前・よみ").fill("")
    expect(at_door.locator(".roster__row[data-key]:visible")).to_have_count(3)


def test_at_the_end_who_was_not_marked_is_closed_as_absent(at_door: Page, session: Session) -> None:
    mark(at_door, "hana")
    sent(at_door)
    at_door.get_by_role("button", name="この方たち以外は来た").click()
    expect(at_door.locator(".roster__row--came")).to_have_count(1)
    assert here(Session.objects.get(pk=session.pk)) == ["hana"]


def test_a_square_is_scanned_by_the_camera_of_the_phone(
    at_door: Page, session: Session, hana: Member, blameless
) -> None:
    at_door.goto(door_link(hana).split("/", 3)[3].join(("/", "")))
    blameless(at_door)
    at_door.get_by_role("button", name="来ました").click()
    expect(at_door.locator("[aria-pressed=true]")).to_have_count(1)
    assert here(session) == ["hana"]
