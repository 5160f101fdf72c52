"""What openBD (https://openbd.jp) knows of a book by its ISBN. Off unless the operator names its address.

One host, from settings; no redirect is followed (http.client follows none); an answer that is late, too long, or not
what it should be is no answer.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from members.names import clean_line

SECONDS = 4.0  # in all; a host waits for it
ANSWER_AT_MOST = 200_000  # bytes; a record with its ONIX has some thousands


class Silent(Exception):  # noqa: N818
    """openBD does not answer, or not with what it should."""


@dataclass(frozen=True)
class Found:
    """A book as its publisher announced it."""

    title: str
    publisher: str
    author: str


def is_on() -> bool:
    """Whether the operator lets ISBNs go there."""
    return bool(settings.BOOK_LOOKUP_URL)


def look_up(isbn: str) -> Found | None:
    """The book of these thirteen digits, or None where openBD knows none. Raises `Silent`."""
    try:
        record = json.loads(_read(f"/v1/get?isbn={isbn}"))[0]
        if record is None:
            return None
        summary = record["summary"]
        title, volume = _text(summary, "title"), _text(summary, "volume")
        name = f"{title} {volume}".strip()[:200]
        found = Found(name, _text(summary, "publisher")[:120], _text(summary, "author")[:200])
    except (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError, RecursionError) as trouble:
        raise Silent(type(trouble).__name__) from trouble
    return found if found.title else None


def _text(summary: dict[str, Any], name: str) -> str:
    value = summary.get(name)
    return clean_line(value) if isinstance(value, str) else ""


def _read(path: str) -> bytes:
    """The body of a 200. Raises OSError or HTTPException for all else, and when it takes too long."""
    address = urlsplit(settings.BOOK_LOOKUP_URL)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=SECONDS)
    connection.connect()
    # The timeout above is that of each byte; this is that of the whole.
    deadline = Timer(SECONDS, connection.sock.shutdown, [socket.SHUT_RDWR])
    deadline.start()
    try:
        connection.request("GET", address.path.rstrip("/") + path, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(ANSWER_AT_MOST + 1)
        if answer.status != HTTPStatus.OK or len(body) > ANSWER_AT_MOST:
            raise HTTPException(str(answer.status))
    finally:
        deadline.cancel()
        connection.close()
    return body
