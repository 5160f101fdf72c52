"""Fetching from connpass and Doorkeeper: by a local stand-in that can also misbehave."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from archive import intakes
from archive.importing import fetching
from archive.importing.fetching import NotFetched
from archive.intakes import Intake
from config import outside
from events.models import Series, Talk
from members.models import Member


class StandIn:
    """A service with 130 events; `trouble` says how it misbehaves."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.trouble = ""
        stand_in = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stand_in.answer(self)

            def log_message(self, *_arguments: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.daemon_threads = True
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        key = request.headers.get("X-API-Key") or request.headers.get("Authorization") or ""
        self.asked.append((request.path, key))
        body = json.dumps(self._events(request.path)).encode()
        request.send_response({"away": 302, "no": 404}.get(self.trouble, 200))
        if self.trouble == "away":
            request.send_header("Location", f"{self.url}/elsewhere")
        request.end_headers()
        if self.trouble == "slow":
            time.sleep(4)
        if self.trouble == "big":
            body = b"[" + b" " * 3000
        if self.trouble == "strange":
            body = b'{"events": 5}'
        request.wfile.write(body)

    @staticmethod
    def _events(path: str) -> Any:
        query = parse_qs(urlsplit(path).query)
        if path.startswith("/api/v2/"):
            start = int(query["start"][0])
            numbers = range(start, min(start + 100, 131))
            return {
                "events": [{"id": n, "title": f"回 {n}", "started_at": "2019-05-09T07:00:00+09:00"} for n in numbers]
            }
        page = int(query["page"][0])
        numbers = range(1, 4) if page == 1 else range(0)
        return [{"event": {"id": n, "title": f"回 {n}", "starts_at": "2019-05-08T22:00:00Z"}} for n in numbers]


@pytest.fixture
def stand_in(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    service = StandIn()
    settings.CONNPASS_URL = settings.DOORKEEPER_URL = service.url
    settings.CONNPASS_KEY, settings.DOORKEEPER_TOKEN = "key-c", "key-d"
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}
    monkeypatch.setattr(fetching, "PAUSE", 0)
    yield service
    service.server.shutdown()
    service.server.server_close()


def test_all_pages_are_fetched_with_the_key(stand_in: StandIn) -> None:
    assert [event["id"] for event in json.loads(fetching.fetch("connpass", "asa"))["events"]] == list(range(1, 131))
    assert [event["event"]["id"] for event in json.loads(fetching.fetch("doorkeeper", "asa"))] == [1, 2, 3]
    assert stand_in.asked == [
        ("/api/v2/events/?subdomain=asa&order=2&count=100&start=1", "key-c"),
        ("/api/v2/events/?subdomain=asa&order=2&count=100&start=101", "key-c"),
        ("/groups/asa/events?since=2000-01-01&sort=starts_at&page=1", "Bearer key-d"),
        ("/groups/asa/events?since=2000-01-01&sort=starts_at&page=2", "Bearer key-d"),
    ]


@pytest.mark.parametrize("trouble", ["away", "no", "slow", "big", "strange"])
def test_a_service_that_misbehaves_is_no_service(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """A redirect is not followed, a late or endless answer is cut off, and nothing but events are events."""
    stand_in.trouble = trouble
    monkeypatch.setattr(fetching, "SECONDS", 1.5)
    monkeypatch.setattr(fetching, "MOST_BYTES", 2000)
    with pytest.raises(NotFetched):
        fetching.fetch("doorkeeper", "asa")
    assert len(stand_in.asked) == 1


@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "0.0.0.0",  # noqa: S104 - a name may say so
        "224.0.0.1",
    ],
)
def test_in_production_a_name_that_leads_into_the_house_leads_nowhere(
    stand_in: StandIn, settings: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Also where only one of its addresses does."""
    settings.PRODUCTION = True
    port = stand_in.server.server_port
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("93.184.216.34", place)]
    connected: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    monkeypatch.setattr(socket, "create_connection", lambda *a, **_k: connected.append(a))
    with pytest.raises(NotFetched):
        fetching.fetch("connpass", "asa")
    assert (connected, stand_in.asked) == ([], [])


def test_the_connection_goes_to_the_address_that_was_looked_at(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that says something else a moment later changes nothing (DNS rebinding)."""
    port = stand_in.server.server_port
    looked: list[Any] = []
    real = socket.getaddrinfo

    def once(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "localhost":
            looked.append(host)
        return real("127.0.0.1" if len(looked) == 1 else "127.0.0.2", port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    fetching._page(fetching.services()["doorkeeper"], "/groups/asa/events?page=2")
    assert looked == ["localhost"]


@pytest.fixture
def browser(kosuke: Member, series: Series, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("archive.views_intakes.SECONDS_HERE", 60)
    client = Client()
    client.force_login(kosuke)
    return client


def test_a_host_fetches_and_takes_in(stand_in: StandIn, browser: Client) -> None:
    assert "ここから取り寄せる" in browser.get("/series/breakfast/imports/").content.decode()
    url = browser.post("/series/breakfast/imports/fetching/", {"fetch-kind": "connpass", "fetch-group": "asa"})[
        "Location"
    ]
    assert stand_in.asked == []  # the worker asks, not the page
    intakes.tick(now=timezone.now(), seconds=60)
    assert "130件の話題が入ります。" in browser.get(url).content.decode()
    browser.post(f"{url}taking/")
    intakes.tick(now=timezone.now(), seconds=60)
    assert Talk.objects.count() == 130


def test_what_went_wrong_stands_on_the_page(stand_in: StandIn, browser: Client) -> None:
    stand_in.trouble = "no"
    url = browser.post("/series/breakfast/imports/fetching/", {"fetch-kind": "connpass", "fetch-group": "asa"})[
        "Location"
    ]
    intakes.tick(now=timezone.now(), seconds=60)
    assert "取り寄せ先に断られました (404)" in browser.get(url).content.decode()


@pytest.mark.parametrize("group", ["", "a/b", "a?b", "a b", "-a", "a" * 61, "ａ", "..", "a@b"])
def test_a_group_is_a_name_and_no_address(stand_in: StandIn, browser: Client, group: str) -> None:
    answer = browser.post(
        "/series/breakfast/imports/fetching/",
        {"fetch-kind": "connpass", "fetch-group": group},
    )
    assert (answer.status_code, Intake.objects.count()) == (422, 0)


def test_without_a_key_there_is_nothing_to_fetch(browser: Client) -> None:
    assert "ここから取り寄せる" not in browser.get("/series/breakfast/imports/").content.decode()
    posted = browser.post("/series/breakfast/imports/fetching/", {"fetch-kind": "connpass", "fetch-group": "asa"})
    assert (posted.status_code, Intake.objects.count()) == (422, 0)
    with pytest.raises(NotFetched):
        fetching.fetch("connpass", "asa")


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::]", "localhost"]
)
def test_in_production_no_way_of_writing_an_address_leads_into_the_house(host: str, settings: Any) -> None:
    """Looked up for real: what the system makes of it is looked at, not how it is written."""
    settings.PRODUCTION = True
    with pytest.raises(outside.Unanswered, match=r"^Unanswered$"):
        outside.ask(f"http://{host}:1/", seconds=1, at_most=10)
