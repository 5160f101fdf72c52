"""A load of requests from one process that costs little itself: raw sockets, one selector, of the answer the status.

Gunicorn's sync workers close the line after each answer, so that every request is a connection of its own.
"""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat

AT_ONCE = 8
TURNS = 6
SECONDS_A_TURN = 0.5


@dataclass
class Result:
    """Answers by status in so many seconds, and how long each took."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.statuses.total() / self.seconds

    def within(self, share: float) -> float:
        """Milliseconds in which this share of the requests was answered."""
        return sorted(self.milliseconds)[int(len(self.milliseconds) * share)]


class Line:
    """One request at a time: connect, send, read to the end."""

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self.began, self.answer = time.perf_counter(), b""
        self.socket = socket.create_connection(address, timeout=20)
        self.socket.sendall(request)
        self.socket.setblocking(False)

    def read(self) -> int | None:
        """The status once the server has closed the line."""
        part = self.socket.recv(262_144)
        if part:
            self.answer = self.answer or part[:32]
            return None
        return int(self.answer.split(b" ", 2)[1])


def request(path: str, headers: dict[str, str], body: str | None = None) -> bytes:
    """A GET, or with a body a POST of a form, as it goes over the line."""
    if body is not None:
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    verb = "GET" if body is None else "POST"
    return f"{verb} {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n{body or ''}".encode()


def in_turn(address: tuple[str, int], requests: list[bytes]) -> list[Result]:
    """Ask for several pages, TURNS times each for SECONDS_A_TURN, after a short turn of each that does not count."""
    for one in requests:
        turn(address, repeat(one), Result(), seconds=0.3)
    results = [Result() for _ in requests]
    for _ in range(TURNS):
        for one, result in zip(requests, results, strict=True):
            turn(address, repeat(one), result)
    return results


def turn(
    address: tuple[str, int],
    requests: Iterator[bytes],
    result: Result,
    *,
    seconds: float = SECONDS_A_TURN,
    at_once: int = AT_ONCE,
) -> None:
    """One request after the other, so many at a time, until so many seconds are over and all have been answered."""
    began = time.perf_counter()
    with selectors.DefaultSelector() as waiting:
        for _ in range(at_once):
            _ask(waiting, address, next(requests))
        while waiting.get_map():
            for key, _events in waiting.select(20):
                status = key.data.read()
                if status is None:
                    continue
                waiting.unregister(key.fileobj)
                key.data.socket.close()
                now = time.perf_counter()
                result.statuses[status] += 1
                result.milliseconds.append((now - key.data.began) * 1000)
                if now - began < seconds:
                    _ask(waiting, address, next(requests))
    result.seconds += time.perf_counter() - began


def _ask(waiting: selectors.BaseSelector, address: tuple[str, int], request: bytes) -> None:
    line = Line(address, request)
    waiting.register(line.socket, selectors.EVENT_READ, line)
