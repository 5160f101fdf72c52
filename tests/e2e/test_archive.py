"""The past: browse it, search it in Japanese and English, read a morning, write its report, say what one took home."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Attendance, Series, Session
from members.devices import SessionStore
from members.models import Club, Member
from records.models import Report, Takeaway
from search import sources
from speakers.models import Speaker
from tests.events.pages import crowd, talk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Check = Callable[[Page], None]


@pytest.fixture
def mornings(club: Club, series: Series, make_session: Callable[..., Session], sato: Speaker) -> list[Session]:
    """Sixty past mornings; the latest has the guest, a report and a line."""
    made = [
        make_session(title=f"朝 {n}", number=n, starts_at=timezone.now() - timedelta(days=7 * (61 - n)))
        for n in range(1, 61)
    ]
    latest = made[-1]
    talk(latest, sato, "冷凍庫をひらくと、町が見える")
    people = crowd(6)
    Attendance.objects.bulk_create(Attendance(session=latest, member=one) for one in people)
    Report.objects.create(session=latest, body="冷凍食品の流通は夜中の三時間で決まる。", published_at=timezone.now())
    Takeaway.objects.create(session=latest, member=people[0], text="最後の一キロがいちばん高い", audience="public")
    sources.refresh([session.code for session in made])
    return made


def sign_in(page: Page, site: str, member: Member) -> None:
    store = SessionStore()
    store.update(
        {
            SESSION_KEY: str(member.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: member.get_session_auth_hash(),
        }
    )
    store.create()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": str(store.session_key), "url": site}])


def test_a_visitor_browses_and_searches_the_past(page: Page, mornings: list[Session], blameless: Check) -> None:
    page.goto("/archive/")
    expect(page.locator("h1")).to_have_text("これまでの60回")
    expect(page.locator(".result")).to_have_count(20)
    blameless(page)
    page.get_by_role("link", name="次のページ").click()
    expect(page.locator(".result")).to_have_count(20)

    page.wait_for_load_state()
    with page.expect_response("**/archive/suggestions/?q=**"):
        page.get_by_role("combobox", name="ことば、ゲスト、本でさがす").fill("流通")
    page.get_by_role("button", name="さがす").click()
    expect(page.locator("#found")).to_have_text("「流通」は1回の朝に出てきます")
    expect(page.locator(".result mark")).to_have_text(["流通"])
    blameless(page)
    page.locator(".result__found p").click()
    page.wait_for_url("**/#report")
    page.go_back()

    page.get_by_text("本", exact=True).click()
    page.get_by_role("button", name="さがす").click()
    expect(page.get_by_text("「流通」は、ここには見あたりません")).to_be_visible()
    blameless(page)
    page.get_by_role("link", name="すべてからさがす").click()
    page.get_by_role("link", name="朝 60").click()
    expect(page.get_by_text("冷凍食品の流通は夜中の三時間で決まる。")).to_be_visible()
    expect(page.get_by_text("最後の一キロがいちばん高い")).to_be_visible()
    blameless(page)


def test_a_visitor_narrows_the_past_on_a_phone_and_looks_at_the_figures(
    page: Page, mornings: list[Session], blameless: Check
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/archive/?q=朝")
    assert page.locator(".result").first.bounding_box()["y"] < 700  # type: ignore[index] - it is there
    page.get_by_text("しぼりこむ").click()
    page.get_by_label("ゲスト", exact=True).last.fill("佐藤")
    page.get_by_role("button", name="さがす").click()
    expect(page.locator(".result")).to_have_count(1)
    blameless(page)
    page.get_by_role("link", name="「ゲスト: 佐藤」をはずす").click()
    expect(page.locator(".result")).to_have_count(20)
    page.get_by_role("link", name="数字で見る会").click()
    expect(page.locator(".plot figcaption").first).to_have_text("来た人のうつりかわり")
    page.get_by_text("表で見る").first.click()
    expect(page.locator(".plot .table").first.get_by_role("row").nth(1)).to_contain_text("6")
    blameless(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_guest_is_found_by_the_name_in_latin_letters(page: Page, mornings: list[Session]) -> None:
    page.goto("/archive/?q=asako sato")
    expect(page.locator(".result__title")).to_have_text(["朝 60"])
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_host_writes_the_report(
    page: Page, site: str, mornings: list[Session], kosuke: Member, blameless: Check
) -> None:
    sign_in(page, site, kosuke)
    page.goto(f"/sessions/{mornings[0].code}/")
    page.get_by_role("link", name="報告を書く").click()
    page.wait_for_url("**/report/")
    page.get_by_label("どんな話だったか").fill("## 夜\n\n**流通**の話")
    expect(page.locator("#look .prose strong")).to_have_text("流通")  # as it is typed
    page.get_by_label("どんな話だったか").fill("## 夜\n\n**食品の流通**の話")
    expect(page.locator("#look .prose strong")).to_have_text("食品の流通")
    page.get_by_role("button", name="載せる前に見る").click()
    expect(page.locator(".prose strong")).to_have_text("食品の流通")
    blameless(page)
    page.get_by_role("button", name="公開する").click()
    expect(page.get_by_text("報告をページに載せました。")).to_be_visible()
    expect(page.locator(".prose h3")).to_have_text("夜")
    blameless(page)


def test_somebody_who_came_says_what_they_take_home(
    page: Page, site: str, mornings: list[Session], hana: Member, blameless: Check
) -> None:
    Attendance.objects.create(session=mornings[-1], member=hana)
    Session.objects.filter(pk=mornings[-1].pk).update(roster_closed_at=timezone.now())
    sign_in(page, site, hana)
    page.goto(f"/sessions/{mornings[-1].code}/#takeaway")
    blameless(page)
    page.get_by_label("何を持ち帰りますか").fill("返品の箱を見る目が変わった")
    page.get_by_label("だれでも").check()
    page.get_by_label("それで、何をやってみますか").fill("返品の箱をひとつ開けてみる")
    page.get_by_role("button", name="この一行を残す").click()
    expect(page.locator(".takeaway")).to_have_count(2)
    expect(page.get_by_text("ありがとうございます。一行を残しました。")).to_be_visible()
    blameless(page)
    page.goto("/mornings/")
    blameless(page)
    page.get_by_role("button", name="できました").click()
    expect(page.locator(".result .chip")).to_have_text(["できました"])
