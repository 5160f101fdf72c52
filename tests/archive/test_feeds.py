"""The Atom feeds, the map for search engines and what they are asked not to try."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive import feeds
from events.models import Series, Session, Talk, TalkSpeaker
from members.models import Member
from records.models import Report
from speakers.models import Speaker

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
WHEN = datetime(2026, 3, 11, 22, 0, tzinfo=UTC)


def read(xml: bytes) -> ET.Element:
    """XML of our own making."""
    return ET.fromstring(xml)  # noqa: S314


def entries(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return [
        {child.tag.removeprefix(ATOM): child.text or child.get("href", "") for child in entry}
        for entry in read(response.content).findall(f"{ATOM}entry")
    ]


def test_a_morning_is_told_when_it_is_announced_and_again_with_its_report(
    client: Client, make_session: Callable[..., Session], kosuke: Member
) -> None:
    first = make_session(number=1, starts_at=WHEN, published_at=WHEN - timedelta(days=20), summary="<b>朝</b>の話。")
    second = make_session(number=2, starts_at=WHEN + timedelta(28), published_at=WHEN - timedelta(9), title="次の朝")
    assert [entry["title"] for entry in entries(client, "/feed.atom")] == [
        "第2回 朝食会 次の朝",
        "第1回 朝食会 値札のない朝",
    ]
    report = Report(session=first, body="**値札**の話。", author=kosuke, published_at=WHEN + timedelta(days=2))
    report.save()
    told, other = entries(client, "/feed.atom")
    address = f"http://localhost:8000/sessions/{first.code}/"
    assert told == {
        "title": "第1回 朝食会 値札のない朝",
        "link": address,
        "id": address,
        "published": "2026-02-19T22:00:00+00:00",
        "updated": "2026-03-13T22:00:00+00:00",
        "summary": "<p>2026年3月12日(木) 7:00</p><p>喫茶みなと</p><p><strong>値札</strong>の話。</p>\n",
    }
    assert other["id"].endswith(f"/{second.code}/")
    report.published_at = None
    report.save()
    assert entries(client, "/feed.atom")[1]["summary"] == (
        "<p>2026年3月12日(木) 7:00</p><p>喫茶みなと</p><p>&lt;b&gt;朝&lt;/b&gt;の話。</p>"
    )


def test_a_morning_called_off_is_news(client: Client, make_session: Callable[..., Session]) -> None:
    gone = make_session(starts_at=WHEN, published_at=WHEN - timedelta(20), cancelled_at=WHEN, cancel_reason="台風")
    make_session(starts_at=WHEN + timedelta(28), published_at=WHEN - timedelta(9))
    first = entries(client, "/feed.atom")[0]
    assert first["id"].endswith(f"/{gone.code}/")
    assert first["summary"].startswith("<p>この回は開かれません。</p>")


def test_feeds_and_map_hold_what_strangers_may_see(
    client: Client, make_session: Callable[..., Session], series: Series, sato: Speaker, hana: Member
) -> None:
    draft = make_session(published_at=None)
    seen = make_session()
    talk = Talk.objects.create(session=draft, title="まだ")
    TalkSpeaker.objects.create(talk=talk, speaker=sato)
    client.force_login(hana)
    assert [entry["id"] for entry in entries(client, "/series/breakfast/feed.atom")] == [
        f"http://localhost:8000/sessions/{seen.code}/"
    ]
    assert sato.code not in client.get("/sitemap.xml").content.decode()
    talk.session = seen
    talk.save()
    locations = [found.text for found in read(client.get("/sitemap.xml").content).iter(f"{MAP}loc")]
    assert locations == [
        f"http://testserver{path}"
        for path in (
            *("/", "/about/", "/books/", "/archive/", "/archive/figures/", "/series/breakfast/"),
            *(f"/sessions/{seen.code}/", f"/guests/{sato.code}/"),
        )
    ]
    series.audience = Series.Audience.MEMBERS
    series.save()
    assert client.get("/series/breakfast/feed.atom").status_code == 404
    assert entries(client, "/feed.atom") == []
    assert seen.code not in client.get("/sitemap.xml").content.decode()


def test_a_reader_who_asks_again_is_told_that_nothing_changed(client: Client, session: Session) -> None:
    etag = client.get("/feed.atom")["ETag"]
    assert client.get("/feed.atom", headers={"If-None-Match": etag}).status_code == 304
    session.title = "ほかの朝"
    session.save()
    assert client.get("/feed.atom", headers={"If-None-Match": etag}).status_code == 200


def test_feeds_and_map_cost_the_same_with_thirty_mornings(client: Client, make_session: Callable[..., Session]) -> None:
    for expected_entries in (1, feeds.ENTRIES):
        while Session.objects.count() < expected_entries:
            make_session()
        for path, queries in (("/feed.atom", 2), ("/sitemap.xml", 5)):
            client.get(path)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(path)
            assert len(asked) == queries, path
    assert len(entries(client, "/feed.atom")) == feeds.ENTRIES
    make_session()
    assert len(entries(client, "/feed.atom")) == feeds.ENTRIES


def test_the_feed_speaks_the_readers_language(client: Client, make_session: Callable[..., Session]) -> None:
    make_session(number=7, starts_at=WHEN)
    feed = client.get("/feed.atom", headers={"Accept-Language": "en"}).content.decode()
    assert "No. 7 Breakfast 値札のない朝" in feed
    assert re.search(r"Thu 12 Mar 2026, 7:00", feed)


def test_search_engines_are_told_where_the_map_is_and_what_not_to_try(client: Client) -> None:
    assert client.get("/robots.txt").content.decode() == (
        "User-agent: *\nDisallow: /answer/\nDisallow: /calendar/\nDisallow: /desk/\nDisallow: /m/\nDisallow: /mail/\n"
        "Disallow: /members/\nDisallow: /operator/\n\nSitemap: http://localhost:8000/sitemap.xml\n"
    )
