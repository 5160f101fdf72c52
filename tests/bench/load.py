"""A load of GETs from one process that costs little itself: raw sockets, one selector, no parsing but of the status.

Gunicorn's sync workers close the line after each answer, so that every request is a connection of its own.
"""

import selectors
import socket
import time
from collections import Counter
from dataclasses import dataclass, field

AT_ONCE = 8
SECONDS = 3.0


@dataclass
class Result:
    """Answers by status in so many seconds, and how long each took."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.statuses.total() / self.seconds

    @property
    def p95(self) -> float:
        return sorted(self.milliseconds)[int(len(self.milliseconds) * 0.95)]


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


def get(address: tuple[str, int], path: str, headers: dict[str, str], *, seconds: float = SECONDS) -> Result:
    """Ask for one page over and over, AT_ONCE at a time; the answers of so many seconds."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode()
    result, began = Result(), time.perf_counter()
    with selectors.DefaultSelector() as waiting:
        for _ in range(AT_ONCE):
            _ask(waiting, address, request)
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
                    _ask(waiting, address, request)
    result.seconds = time.perf_counter() - began
    return result


def _ask(waiting: selectors.BaseSelector, address: tuple[str, int], request: bytes) -> None:
    line = Line(address, request)
    waiting.register(line.socket, selectors.EVENT_READ, line)
