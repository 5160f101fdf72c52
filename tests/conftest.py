"""The cast: kosuke hosts, hana is a regular, ken a newcomer, sato the guest author, mallory may see nothing."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings

import config.celery
from events.models import Membership, Series, Session, Venue
from members.levels import CONTACT, OF, Level, all_at
from members.models import Club, Member
from speakers.models import Book, Speaker

# Playwright's own loop runs in the thread of a browser test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
assert config.celery.app

# How fast a machine is, is no matter of the suite (tests/bench measures it).
settings.register_profile("asakai", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("asakai")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-browser", action="store_true", help="fail where no Chromium is found")


@pytest.fixture(autouse=True)
def _clean_slate(settings: Any) -> Iterator[None]:
    """Japanese, an empty cache, no redirects to https."""
    cache.clear()
    with translation.override("ja"):
        yield


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """Where uploaded files lie, for this test alone."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    return tmp_path


@pytest.fixture
def by_day() -> Iterator[None]:
    """Noon where they meet: mails that keep the night go at once, whenever the tests run."""
    tokyo = ZoneInfo("Asia/Tokyo")
    noon = datetime.combine(timezone.now().astimezone(tokyo).date(), time(12), tzinfo=tokyo)
    with time_machine.travel(noon, tick=True):
        yield


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def club(db: None) -> Club:
    club = Club(pk=1, name="河口の朝会", name_en="Estuary Breakfast", sentence="月に一度、本を書いた方と朝ごはん。")
    club.save()
    return club


@pytest.fixture
def person(db: None) -> Callable[..., Member]:
    """Make a member: person("hana", industry="I"). The cast tell every member what they do; name and contact stay."""

    def make(name: str, **fields: Any) -> Member:
        told = all_at(Level.MEMBERS) | {line.level: line.default for line in (OF["name"], *CONTACT)}
        values: dict[str, Any] = {"name": name, "industry": "G", "joined_at": timezone.now()} | told | fields
        return Member.objects.create_user(f"{name}@example.com", **values)

    return make


@pytest.fixture
def kosuke(person: Callable[..., Member]) -> Member:
    return person("kosuke", yomi="こうすけ", industry="E", role="商品企画")


@pytest.fixture
def hana(person: Callable[..., Member]) -> Member:
    return person(
        "hana",
        yomi="はな",
        industry="I",
        role="食品の流通",
        ask_me="食品の流通",
        want_to_learn="統計の読み方",
    )


@pytest.fixture
def ken(person: Callable[..., Member]) -> Member:
    return person("ken", yomi="けん", industry="S", role="統計", ask_me="統計の探し方", want_to_learn="食品の流通")


@pytest.fixture
def mallory(person: Callable[..., Member]) -> Member:
    return person("mallory", yomi="まろりー")


@pytest.fixture
def sato(db: None) -> Speaker:
    speaker = Speaker.objects.create(
        name="佐藤 朝子",
        yomi="さとう あさこ",
        romaji="Asako Sato",
        honorific="sensei",
        email="sato@example.com",
    )
    Book.objects.create(speaker=speaker, title="夜明けの帳場", publisher="ひばり書林")
    return speaker


@pytest.fixture
def series(kosuke: Member, hana: Member) -> Series:
    """A public monthly breakfast, second Thursdays 7:00 in Tokyo, 24 seats; kosuke owns it, hana belongs to it."""
    series = Series.objects.create(
        slug="breakfast",
        name="朝食会",
        name_en="Breakfast",
        rule="FREQ=MONTHLY;BYDAY=2TH",
        starts_on=date(2024, 1, 11),
        at=time(7, 0),
        venue=Venue.objects.create(
            name="喫茶みなと", address="東京都かもめ区1-2-3", entrance="横の木戸を二回たたいてください"
        ),
        fee_amount=2000,
    )
    Membership.objects.create(series=series, member=kosuke, role=Membership.Role.OWNER)
    Membership.objects.create(series=series, member=hana)
    return series


@pytest.fixture
def make_session(series: Series) -> Callable[..., Session]:
    """Make a published session of the breakfast, by default in ten days."""

    def make(**fields: Any) -> Session:
        start = datetime.combine(timezone.localdate() + timedelta(days=10), series.at, tzinfo=series.zone)
        values: dict[str, Any] = {
            "series": series,
            "title": "値札のない朝",
            "starts_at": start.astimezone(UTC),
            "venue": series.venue,
            "capacity": series.capacity,
            "fee_amount": series.fee_amount,
            "published_at": timezone.now(),
        } | fields
        return Session.objects.create(**values)

    return make


@pytest.fixture
def session(make_session: Callable[..., Session]) -> Session:
    return make_session()
