"""Looking a book up by its ISBN: off by default; a stand-in answers on loopback, well or badly."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from django.test import Client

from events.models import Series
from members import photos
from members.models import Member
from speakers import openbd
from speakers.models import Book, Speaker
from tests.records.photos import photo

ISBN = "9784000000000"
SUMMARY = {"isbn": ISBN, "title": "夜明けの\n帳場", "volume": "", "publisher": "ひばり書林", "author": "佐藤朝子／著"}
PICTURE = photo("teal", (254, 376)).read()
KNOWN = json.dumps([{"onix": {}, "summary": SUMMARY}]).encode()


class Stand:
    """Answers every request with `body`, or as `say` does it."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.status, self.body = 200, KNOWN
        self.headers: dict[str, str] = {}
        self.cover: tuple[int, bytes] | None = None
        self.say: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.over = Event()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        stand: Stand = self.server.stand
        stand.paths.append(self.path)
        is_cover = self.path.startswith("/covers/")
        if stand.say and (is_cover or not stand.cover):
            stand.say(self)
            return
        status, body = stand.cover if is_cover and stand.cover else (stand.status, stand.body)
        self.send_response(status)
        for name, value in stand.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def stand(settings: Any) -> Iterator[Stand]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.stand = found = Stand()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.BOOK_LOOKUP_URL = settings.BOOK_COVER_URL = f"http://127.0.0.1:{server.server_port}"
    yield found
    found.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_book_is_known_by_its_isbn(stand: Stand) -> None:
    assert openbd.look_up(ISBN) == openbd.Found("夜明けの 帳場", "ひばり書林", "佐藤朝子／著")
    assert stand.paths == [f"/v1/get?isbn={ISBN}"]


def test_a_book_nobody_knows_is_none(stand: Stand) -> None:
    stand.body = b"[null]"
    assert openbd.look_up(ISBN) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"{}",
        b"[]",
        b"[{}]",
        b'[{"summary": []}]',
        b"[" * 100_000,
        b'[{"summary": {"title": "' + b"x" * 300_000 + b'"}}]',
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_not_what_it_should_be_is_silence(stand: Stand, body: bytes) -> None:
    stand.body = body
    with pytest.raises(openbd.Silent):
        openbd.look_up(ISBN)


@pytest.mark.parametrize("status", [301, 302, 307, 404, 500])
def test_no_redirect_is_followed_and_no_error_believed(stand: Stand, status: int) -> None:
    stand.status, stand.headers = status, {"Location": "/v1/get?isbn=elsewhere"}
    with pytest.raises(openbd.Silent):
        openbd.look_up(ISBN)
    assert len(stand.paths) == 1


def _drip(stand: Stand, handler: BaseHTTPRequestHandler, start: bytes) -> None:
    """A byte now and then, for ever: no single read is late."""
    try:
        handler.wfile.write(start)
        while not stand.over.wait(0.05):
            handler.wfile.write(b"x")
    except OSError:
        """The other side has gone."""


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\n\r\n["])
def test_whoever_never_ends_is_left(stand: Stand, monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
    monkeypatch.setattr(openbd, "SECONDS", 0.3)
    stand.say = lambda handler: _drip(stand, handler, start)
    with pytest.raises(openbd.Silent):
        openbd.look_up(ISBN)


def test_nobody_there_is_silence(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.BOOK_LOOKUP_URL = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(openbd.Silent):
        openbd.look_up(ISBN)


def with_cover(stand: Stand, settings: Any, at: str = "") -> None:
    """openBD names a cover of this book, at the place the operator lets it be fetched from unless told otherwise."""
    summary = SUMMARY | {"cover": at or f"{settings.BOOK_COVER_URL}/covers/{ISBN}.jpg"}
    stand.body = json.dumps([{"summary": summary}]).encode()
    stand.cover = stand.cover or (200, PICTURE)


def test_the_cover_comes_along_written_anew(stand: Stand, settings: Any) -> None:
    with_cover(stand, settings)
    found = openbd.look_up(ISBN)
    assert found is not None
    assert found.cover is not None
    assert (photos.size(found.cover), b"A camera of Ken" in found.cover.open().read()) == ((254, 376), False)
    assert stand.paths == [f"/v1/get?isbn={ISBN}", f"/covers/{ISBN}.jpg"]


def no_cover(isbn: str = ISBN) -> bool:
    """Whether the book is known all the same."""
    return openbd.look_up(isbn) == openbd.Found("夜明けの 帳場", "ひばり書林", "佐藤朝子／著")


@pytest.mark.parametrize(
    "cover",
    [
        (404, PICTURE),
        (500, PICTURE),
        (302, PICTURE),
        (200, PICTURE + b"\0" * 4_000_000),
        (200, b""),
        (200, b"<html>no picture</html>"),
        (200, b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        (200, b"\xff\xd8\xff" + b"x" * 4_000_000),
        (200, photo("white", (1, 1)).read()),
    ],
)
def test_a_cover_that_is_none_leaves_the_book_known(stand: Stand, settings: Any, cover: tuple[int, bytes]) -> None:
    stand.cover = cover
    stand.headers = {"Location": "/covers/elsewhere.jpg", "Content-Type": "image/jpeg"}
    with_cover(stand, settings)
    assert (no_cover(), len(stand.paths)) == (True, 2)


def test_a_cover_that_never_ends_is_left(stand: Stand, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openbd, "COVER_SECONDS", 0.3)
    with_cover(stand, settings)
    stand.say = lambda handler: _drip(stand, handler, b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8\xff")
    assert no_cover()


@pytest.mark.parametrize(
    "elsewhere",
    ["http://localhost:{port}/covers/x.jpg", "https://127.0.0.1:{port}/covers/x.jpg", "http://127.0.0.1:1/covers/x.jpg",
     "file:///etc/hostname", "//127.0.0.1:{port}/covers/x.jpg", "http://127.0.0.1:port/x.jpg", "http://[/x.jpg"],
)  # fmt: skip
def test_a_cover_from_anywhere_else_is_not_asked_for(stand: Stand, settings: Any, elsewhere: str) -> None:
    with_cover(stand, settings, elsewhere.format(port=settings.BOOK_COVER_URL.rpartition(":")[2]))
    assert (no_cover(), len(stand.paths)) == (True, 1)


def test_covers_are_off_for_themselves(stand: Stand, settings: Any) -> None:
    with_cover(stand, settings)
    settings.BOOK_COVER_URL = ""
    assert (no_cover(), len(stand.paths)) == (True, 1)


@pytest.mark.usefixtures("media")
def test_a_found_cover_is_shown_beside_the_form_and_kept_with_the_book(
    client: Client, stand: Stand, series: Series, kosuke: Member, sato: Speaker, settings: Any
) -> None:
    with_cover(stand, settings)
    client.force_login(kosuke)
    page = typed(client, sato, isbn=ISBN, look="1")
    held = re.findall(r'name="cover_held" value="([^"]+)"', page)
    assert (len(held), page.count('src="data:image/jpeg;base64,'), Book.objects.exclude(cover="").count()) == (1, 1, 0)
    typed(client, sato, title="夜明けの 帳場", publisher="ひばり書林", isbn=ISBN, cover_held=held[0])
    picture = Book.objects.get(isbn=ISBN).picture
    assert picture is not None
    assert (picture.width, picture.height) == (254, 376)


def typed(client: Client, speaker: Speaker, **fields: str) -> str:
    answer = client.post(f"/guests/{speaker.code}/books/", fields)
    return answer.content.decode()


def test_a_host_has_title_and_publisher_filled_in_and_keeps_nothing_yet(
    client: Client, stand: Stand, series: Series, kosuke: Member, sato: Speaker
) -> None:
    client.force_login(kosuke)
    page = typed(client, sato, isbn="978-4-00-000000-0", look="1")
    shown = dict(re.findall(r'name="(title|publisher|isbn)" value="([^"]*)"', page))
    assert shown == {"title": "夜明けの 帳場", "publisher": "ひばり書林", "isbn": ISBN}
    assert ("佐藤朝子／著 の本として" in page, Book.objects.count()) == (True, 1)


@pytest.mark.parametrize(
    ("body", "isbn", "says"),
    [
        (b"[null]", ISBN, "openBDに見つかりませんでした"),
        (b"", ISBN, "openBDから返事がありません"),
        (KNOWN, "", "先にISBNをお書きください"),
        (KNOWN, "9784000000001", "ISBNとして読めません"),
    ],
)
def test_where_it_cannot_be_looked_up_it_is_said_and_what_was_typed_stays(
    client: Client, stand: Stand, series: Series, kosuke: Member, sato: Speaker, body: bytes, isbn: str, says: str
) -> None:
    stand.body = body
    client.force_login(kosuke)
    page = typed(client, sato, isbn=isbn, title="書きかけの題", look="1")
    assert (says in page, 'value="書きかけの題"' in page) == (True, True)


def test_off_by_default_nothing_is_asked_and_no_button_is_shown(
    client: Client, series: Series, kosuke: Member, sato: Speaker, settings: Any
) -> None:
    assert settings.BOOK_LOOKUP_URL == ""
    client.force_login(kosuke)
    assert "ISBNから書名を探す" not in client.get(f"/guests/{sato.code}/edit/").content.decode()
    typed(client, sato, isbn=ISBN, look="1")
    assert Book.objects.count() == 1
