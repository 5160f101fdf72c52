"""Three pages nobody else has: the morning itself, the table plan, my circle; by day and night, narrow and wide."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Attendance, Rsvp, Session
from introductions.table_seats import TableSeat
from members.levels import Level
from members.models import Member
from tests.events.pages import crowd, seat

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 1280)


@pytest.fixture
def session(make_session: Callable[..., Session]) -> Session:
    """A morning that begins in half an hour."""
    session = make_session(starts_at=timezone.now() + timedelta(minutes=30), programme="6:40 開場\n7:00 朝ごはん")
    session.venue.map_url, session.venue.phone = "https://example.com/map", "090-0000-0000"
    session.venue.save()
    return session


@pytest.fixture
def sign_in(page: Page, site: str) -> Callable[[Member], Page]:
    def sign_in(member: Member) -> Page:
        client = Client()
        client.force_login(member)
        page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": site}])
        return page

    return sign_in


@pytest.fixture
def fits(blameless: Callable[[Page], None]) -> Callable[[Page], None]:
    """axe finds nothing and nothing scrolls sideways, on a small phone, on a phone and on a desk."""

    def check(page: Page) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            assert (width, page.evaluate("document.documentElement.scrollWidth")) == (width, width)
            blameless(page)
        page.set_viewport_size({"width": 390, "height": 844})

    return check


def test_in_the_station_two_taps_say_that_one_is_late(session, hana, sign_in, fits) -> None:
    seat(session, [hana, *crowd(6)])
    page = sign_in(hana)
    page.goto(session.get_absolute_url())
    page.get_by_role("link", name="当日の案内をひらく").click()
    expect(page.get_by_role("heading", name="喫茶みなと")).to_be_in_viewport()
    expect(page.get_by_role("link", name="地図")).to_be_in_viewport()
    fits(page)
    page.get_by_role("button", name="20分").click()
    expect(page.get_by_role("status")).to_contain_text("20分おくれると伝えました。")
    assert Rsvp.objects.get(member=hana).late_minutes == 20
    fits(page)
    page.get_by_role("button", name="やはり間に合います").click()
    expect(page.get_by_role("status")).to_have_count(0)
    page.get_by_role("button", name="参加を取りやめる").click()
    expect(page.get_by_text("お知らせくださり、ありがとうございます。")).to_be_visible()
    assert Rsvp.objects.get(member=hana).seated_at is None


def test_the_host_plans_the_tables_moves_somebody_and_everybody_finds_their_own(
    session, kosuke, hana, sign_in, fits
) -> None:
    seat(session, [kosuke, hana, *crowd(10)])
    page = sign_in(kosuke)
    page.goto("/desk/")
    expect(page.get_by_role("heading", name="12人の席割りを決める")).to_be_visible()
    page.get_by_role("link", name="席割りを決める").first.click()
    expect(page.get_by_role("button", name="席割りを決める")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="席割りを決める").click()
    expect(page.locator(".table-plan__table")).to_have_count(2)
    fits(page)
    page.get_by_role("link", name="移す hanaさん").click()
    expect(page.get_by_label("どなたを")).to_have_value(f"r{Rsvp.objects.get(member=hana).pk}")
    page.get_by_label("どの卓へ").select_option("3")
    page.get_by_role("button", name="移す").click()
    expect(page.get_by_text("手で決めた席")).to_be_visible()
    assert TableSeat.objects.get(rsvp__member=hana).table_no == 3
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="決めなおす")).to_be_hidden()
    expect(page.locator(".table-plan__name").first).to_be_visible()
    page.emulate_media(media="screen")
    sign_in(hana).goto(f"{session.get_absolute_url()}morning/")
    expect(page.locator("#table")).to_contain_text("卓 3")


def test_sixty_people_stand_around_me(make_session, hana, sign_in, fits) -> None:
    people = crowd(60)
    Member.objects.filter(pk__in=[one.pk for one in people]).update(listed_at=timezone.now(), name_level=Level.MORNING)
    for days in range(6):
        start = timezone.now() - timedelta(days=7 + days)
        past = make_session(starts_at=start, roster_closed_at=start)
        there = [hana, *people[: 60 // (days + 1)]]
        Attendance.objects.bulk_create([Attendance(session=past, member=one) for one in there])
    page = sign_in(hana)
    page.goto("/circle/")
    expect(page.locator(".circle__seal")).to_have_count(60)
    expect(page.locator(".people__name")).to_have_count(60)
    fits(page)
