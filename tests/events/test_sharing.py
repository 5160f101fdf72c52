"""What is told about a session outside of its page: structured data, tags for chats, the picture."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from events import schema_org
from events.models import Series, Session, Talk, TalkSpeaker, Venue
from events.pictures import shared
from events.programme import NOTHING
from events.views import sharing
from members.models import Member
from speakers import covers
from speakers.models import Speaker
from tests.records.photos import photo

STARTS = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
SAYS = shared.Shared(("12月", "10", "木", "7:00"), "第132回 朝食会", "値札のない朝", "佐藤 朝子先生", "朝食会")


def linked_data(client: Client, session: Session) -> dict[str, object]:
    page = client.get(session.get_absolute_url()).content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1
    read: dict[str, object] = json.loads(found[0])
    return read


def test_of_an_older_session_without_an_hour_the_day_alone_is_told(
    client: Client, make_session: Callable[..., Session]
) -> None:
    past = make_session(starts_at=STARTS - timedelta(days=700), is_day_only=True)
    told = linked_data(client, past)
    assert (told["startDate"], told["endDate"]) == ("2025-01-09", "2025-01-09")
    assert sharing.said(past).date == ("1月", "9", "木", "")


def test_a_session_is_told_with_every_field_search_engines_ask_for(
    client: Client, make_session: Callable[..., Session], sato: Speaker
) -> None:
    published = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
    session = make_session(starts_at=STARTS, published_at=published, number=132, summary="朝の話。", capacity=24)
    talk = Talk.objects.create(session=session, title="帳場の朝", book=sato.books.get())
    TalkSpeaker.objects.create(talk=talk, speaker=sato)
    here = f"http://localhost:8000/sessions/{session.code}/"
    breakfast = {"name": "朝食会", "url": "http://localhost:8000/series/breakfast/"}
    assert linked_data(client, session) == {
        "@context": "https://schema.org",
        "@type": "EducationEvent",
        "@id": here,
        "url": here,
        "name": "値札のない朝",
        "description": "朝の話。",
        "inLanguage": "ja",
        "startDate": "2026-12-10T07:00+09:00",
        "endDate": "2026-12-10T08:20+09:00",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "eventStatus": "https://schema.org/EventScheduled",
        "image": [f"{here}picture.png"],
        "organizer": {"@type": "Organization"} | breakfast,
        "superEvent": {"@type": "EventSeries"} | breakfast,
        "location": {"@type": "Place", "name": "喫茶みなと", "address": "東京都かもめ区1-2-3"},
        "maximumAttendeeCapacity": 24,
        "offers": {
            "@type": "Offer",
            "url": here,
            "price": "2000",
            "priceCurrency": "JPY",
            "availability": "https://schema.org/InStock",
            "validFrom": "2026-11-01T00:00+00:00",
        },
        "performer": [{"@type": "Person", "name": "佐藤 朝子", "url": f"http://localhost:8000/guests/{sato.code}/"}],
        "workFeatured": {
            "@type": "Book",
            "name": "夜明けの帳場",
            "author": {"@type": "Person", "name": "佐藤 朝子"},
        },
    }


def test_full_and_called_off_are_told(client: Client, make_session: Callable[..., Session], hana: Member) -> None:
    session = make_session(capacity=1)
    session.rsvp(hana, "ACCEPTED", now=timezone.now())
    offer = linked_data(client, session)["offers"]
    assert isinstance(offer, dict)
    assert offer["availability"] == "https://schema.org/SoldOut"
    session.cancelled_at, session.cancel_reason = timezone.now(), "台風"
    session.save()
    assert linked_data(client, session)["eventStatus"] == "https://schema.org/EventCancelled"


def test_a_morning_moved_since_it_was_announced_says_when_it_was_to_be(
    client: Client, make_session: Callable[..., Session]
) -> None:
    now, later = STARTS - timedelta(days=20), STARTS + timedelta(days=1, minutes=30)
    session, draft = make_session(starts_at=STARTS), make_session(starts_at=STARTS, published_at=None)
    session.move(STARTS, venue=Venue.objects.create(name="別の店"), now=now)
    draft.move(later, now=now)
    draft.publish(now=now)
    for one in (session, draft):
        told = linked_data(client, one)
        assert (told["eventStatus"], "previousStartDate" in told) == ("https://schema.org/EventScheduled", False)
    session.move(later, now=now)
    assert [linked_data(client, session)[name] for name in ("eventStatus", "previousStartDate", "startDate")] == [
        "https://schema.org/EventRescheduled",
        "2026-12-10T07:00+09:00",
        "2026-12-11T07:30+09:00",
    ]
    session.cancel("台風", now=now)
    assert linked_data(client, session)["eventStatus"] == "https://schema.org/EventCancelled"


def test_a_past_morning_offers_no_seat_and_one_without_a_place_is_not_told(
    client: Client, make_session: Callable[..., Session], series: Series
) -> None:
    session = make_session(starts_at=timezone.now() - timedelta(days=3))
    told = linked_data(client, session)
    assert ("offers" in told, told["location"]) == (
        False,
        {"@type": "Place", "name": "喫茶みなと", "address": "東京都かもめ区1-2-3"},
    )
    assert session.venue is not None
    session.venue.address = ""
    session.venue.save()
    assert linked_data(client, session)["location"] == {"@type": "Place", "name": "喫茶みなと", "address": "喫茶みなと"}
    session.venue = None
    session.save()
    page = client.get(session.get_absolute_url()).content.decode()
    assert ("ld+json" in page, 'property="og:title"' in page) == (False, True)


def test_cents_are_written_as_a_decimal(make_session: Callable[..., Session]) -> None:
    session = make_session(fee_amount=1250, fee_currency="EUR")
    offer = schema_org.event(session, NOTHING, "x")["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("12.50", "EUR")


def test_no_text_ends_the_element_it_stands_in(client: Client, make_session: Callable[..., Session]) -> None:
    nasty = "</script><script>alert(1)</script><!-- 朝"
    session = make_session(summary=nasty)
    assert linked_data(client, session)["description"] == nasty
    assert "<script>alert" not in client.get(session.get_absolute_url()).content.decode()


def test_what_is_not_for_everyone_is_told_to_nobody(
    client: Client, make_session: Callable[..., Session], series: Series, kosuke: Member, hana: Member
) -> None:
    draft = make_session(published_at=None)
    members_only = make_session()
    series.audience = Series.Audience.MEMBERS
    series.save()
    for session, viewer in [(draft, kosuke), (members_only, hana)]:
        client.force_login(viewer)
        page = client.get(session.get_absolute_url())
        assert page.status_code == 200
        assert b"ld+json" not in page.content
        assert b"og:" not in page.content
        assert client.get(f"/sessions/{session.code}/picture.png").status_code == 404


def test_the_tags_for_chats_name_the_page(client: Client, session: Session) -> None:
    page = client.get(session.get_absolute_url()).content.decode()
    tags = dict(re.findall(r'<meta property="(og:[^"]+)" content="([^"]*)">', page))
    here = f"http://localhost:8000{session.get_absolute_url()}"
    assert tags["og:title"] == "値札のない朝"
    assert (tags["og:locale"], tags["og:locale:alternate"]) == ("ja_JP", "en_US")
    assert (tags["og:url"], tags["og:image"]) == (here, f"{here}picture.png")
    assert f'<link rel="canonical" href="{here}">' in page


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/", "/"),
        ("/?utm=x", "/"),
        ("/books/?page=2", "/books/?page=2"),
        ("/books/?page=1&x=%22", "/books/"),
        ("/archive/?page=%22", "/archive/"),
        ("/archive/figures/", "/archive/figures/"),
        ("/series/breakfast/", "/series/breakfast/"),
        ("/archive/?q=x", ""),
        ("/archive/?year=2020", ""),
    ],
)
def test_a_page_for_everybody_names_its_one_address(client: Client, session: Session, path: str, address: str) -> None:
    page = client.get(path).content.decode()
    found = re.findall(r'<link rel="canonical" href="(.*?)">', page)
    assert found == ([f"http://localhost:8000{address}"] if address else [])
    assert ('content="noindex"' in page) == (not address)


def test_the_picture_is_drawn_once_for_what_it_says(
    client: Client, session: Session, settings: LazySettings, tmp_path: object
) -> None:
    settings.DATA_DIR = tmp_path
    url = f"/sessions/{session.code}/picture.png"
    drawn = client.get(url).content
    with Image.open(BytesIO(drawn)) as image:
        assert (image.format, image.size) == ("PNG", (1200, 630))
    folder = settings.DATA_DIR / "pictures"
    (first,) = folder.iterdir()
    first.write_bytes(b"kept")
    assert client.get(url).content == b"kept"
    session.title = "ほかの朝"
    session.save()
    assert client.get(url).content != b"kept"
    (second,) = folder.iterdir()
    assert second != first


def test_two_requests_that_draw_the_same_picture_leave_it_to_both(
    client: Client, session: Session, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is done between this one's look for the file and its look for older ones."""
    settings.DATA_DIR = tmp_path
    url, make = f"/sessions/{session.code}/picture.png", Path.mkdir

    def meanwhile(folder: Path, **how: bool) -> None:
        monkeypatch.setattr(Path, "mkdir", make)
        assert client.get(url).status_code == 200
        make(folder, **how)

    monkeypatch.setattr(Path, "mkdir", meanwhile)
    drawn = client.get(url).content
    assert [one.read_bytes() for one in (tmp_path / "pictures").iterdir()] == [drawn]


@pytest.mark.usefixtures("media")
def test_the_cover_of_the_book_goes_along_and_is_told(client: Client, session: Session, sato: Speaker) -> None:
    book = sato.books.get()
    talk = Talk.objects.create(session=session, title="帳場の朝", book=book)
    TalkSpeaker.objects.create(talk=talk, speaker=sato)
    covers.put(book, covers.read(photo("red", (254, 376)).read()))
    assert book.picture is not None
    told = linked_data(client, session)["workFeatured"]
    assert isinstance(told, dict)
    assert told["image"] == f"http://localhost:8000{book.picture.url}"
    at = (shared.WIDTH - shared.EDGE - 20, shared.EDGE + 100)
    for is_there, color in [(True, (254, 0, 0)), (False, (252, 251, 248))]:
        if not is_there:
            book.cover.storage.delete(book.cover.name)
        with Image.open(BytesIO(shared.png(sharing.said(Session.objects.get())))) as image:
            assert image.convert("RGB").getpixel(at) == color


@pytest.mark.usefixtures("media")
def test_no_text_runs_into_the_cover(sato: Speaker) -> None:
    book = sato.books.get()
    covers.put(book, covers.read(photo("red", (376, 376)).read()))
    left = shared.WIDTH - shared.EDGE - shared.COVER[0]
    for title in ("朝" * 300, "word " * 80):
        says = shared.Shared(SAYS.date, "朝" * 90, title, "人" * 200, "会", cover=book.cover.name)
        with Image.open(BytesIO(shared.png(says))) as image:
            beside = image.convert("L").crop((left - shared.BESIDE + 12, shared.EDGE, left - 2, shared.BOTTOM))
            assert beside.getextrema() == (251, 251)


def test_no_line_begins_with_a_comma_or_ends_with_an_opening_bracket() -> None:
    draw = ImageDraw.Draw(Image.new("RGB", (10, 10)))
    font = ImageFont.truetype(str(shared.FONT_PATH), 68)
    for text in ("あ" * 10 + "、" + "い" * 5, "あ" * 9 + "「い」" + "う" * 9, "あ" * 10 + "ー、。" + "う" * 9):
        lines = shared.broken(draw, text, font, 5)
        assert "".join(lines) == text
        assert len(lines) > 1
        assert not [line for line in lines if line[0] in shared.NOT_FIRST or line[-1] in shared.NOT_LAST]
    assert shared.broken(draw, "Deciding who reads before anything is sold", font, 5) == [
        "Deciding who reads",
        "before anything is sold",
    ]


def test_what_is_too_long_ends_with_an_ellipsis_within_the_width() -> None:
    draw = ImageDraw.Draw(Image.new("RGB", (10, 10)))
    font = ImageFont.truetype(str(shared.FONT_PATH), 50)
    lines = shared.broken(draw, "朝" * 200, font, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(draw.textlength(line, font=font) <= shared.TEXT_WIDTH for line in lines)


@pytest.mark.parametrize("name", ["髙", "齋", "𠮷", "槻", "é"])
def test_names_have_their_glyphs(name: str) -> None:
    font = ImageFont.truetype(str(shared.FONT_PATH), 40)
    assert bytes(font.getmask(name)) != bytes(font.getmask("\U0010ffff"))


def test_letters_the_japanese_font_has_not_are_drawn_too() -> None:
    """Without them both pictures would be the same: what is missing leaves nothing, or the same box."""
    drawn = {
        shared.png(shared.Shared(SAYS.date, "会", "朝", name, "会"))
        for name in ("Łukaszさん", "Żukaszさん", "Ωukaszさん")
    }
    assert len(drawn) == 3


def test_every_title_leaves_room_for_the_mark() -> None:
    for title in ("", "朝", "朝" * 300, "word " * 80, "x" * 300):
        with Image.open(
            BytesIO(shared.png(shared.Shared(SAYS.date, "朝" * 90, title, "人" * 200, "会" * 80)))
        ) as image:
            free = image.convert("L").crop((shared.TEXT_LEFT, shared.BOTTOM + 8, shared.WIDTH, shared.BOTTOM + 20))
            assert free.getextrema() == (251, 251)


def test_the_hour_of_another_zone_is_the_one_on_its_wall(client: Client, make_session: Callable[..., Session]) -> None:
    session = make_session(starts_at=STARTS, timezone="Europe/Berlin", published_at=STARTS - timedelta(days=9))
    assert linked_data(client, session)["startDate"] == "2026-12-09T23:00+01:00"
