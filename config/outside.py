"""The one way out of the house by HTTP: to a host that stands in the settings, with an end to time and bytes.

The name is looked up once and the connection goes to the address that was looked at; in production, a name that leads
into the house leads nowhere. No redirect is followed.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Event, Timer
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings


class Unanswered(OSError):  # noqa: N818 - no fault of ours
    """Nobody answered, or not in time, or with what is no HTTP."""


class Answer(NamedTuple):
    """A status, whichever it is, and the body."""

    status: int
    body: bytes


def ask(
    url: str,
    *,
    seconds: float,
    at_most: int,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request. Of a body longer than `at_most` bytes so many and one more are given. Raises `Unanswered`."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    late = Event()
    try:
        connection = _connected(parts.scheme, parts.hostname or "", parts.port, seconds)
        # The time-out of a socket is that of each byte; this is that of the whole.
        deadline = Timer(seconds, _cut, [connection.sock, late])
        deadline.start()
        try:
            connection.request(method, path, body, {"User-Agent": "Asakai", **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.read(at_most + 1))
        finally:
            deadline.cancel()
            connection.close()
    except (OSError, HTTPException, ValueError) as trouble:
        is_late = late.is_set() or isinstance(trouble, TimeoutError)
        raise Unanswered("timed out" if is_late else type(trouble).__name__) from trouble


def _cut(line: socket.socket, late: Event) -> None:
    late.set()
    with suppress(OSError):  # closed by the other side at this moment
        line.shutdown(socket.SHUT_RDWR)


def _connected(scheme: str, host: str, written_port: int | None, seconds: float) -> HTTPConnection:
    port = written_port or (443 if scheme == "https" else 80)
    places = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if settings.PRODUCTION and not all(map(_is_outside, places)):
        raise Unanswered("not outside")
    connection = HTTPConnection(host, port, timeout=seconds)
    # So that the Host header names no port where none was written.
    connection.default_port = 0 if written_port else port
    plain = socket.create_connection((places[0], port), timeout=seconds)
    if scheme == "https":
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    else:
        connection.sock = plain
    return connection


def _is_outside(place: str) -> bool:
    found = ipaddress.ip_address(place.partition("%")[0])
    return found.is_global and not found.is_multicast
