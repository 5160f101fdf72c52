"""A stand-in for LINE's Messaging API on loopback: push with retry keys, quota, and the ways in which it fails."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

TOKEN, SECRET = "a-channel-token", "a-channel-secret"


class Line:
    """What has been asked of it. `answers` are given first, before it behaves as LINE does."""

    def __init__(self) -> None:
        self.limit: int | None = 200
        self.answers: list[int | str] = []
        self.heard: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.accepted: set[str] = set()
        self.paths: list[str] = []
        self.release = Event()

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(one["to"], one["messages"][0]["text"]) for one in self.heard]

    def push(self, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.keys.append(key)
        assert str(uuid.UUID(key)) == key
        if key in self.accepted:
            return 409, {"message": "The retry key is already accepted"}
        if self.limit is not None and len(self.heard) >= self.limit:
            return 429, {"message": "You have reached your monthly limit."}
        self.accepted.add(key)
        self.heard.append(body)
        return 200, {"sentMessages": [{"id": str(len(self.heard)), "quoteToken": "q"}]}

    def quota(self, path: str) -> tuple[int, dict[str, Any]]:
        if path.endswith("/consumption"):
            return 200, {"totalUsage": len(self.heard)}
        return 200, {"type": "none"} if self.limit is None else {"type": "limited", "value": self.limit}


class Handler(BaseHTTPRequestHandler):
    """One request; the server's `line` is what is asked."""

    def log_message(self, *_args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        self._hear({})

    def do_POST(self) -> None:
        self._hear(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _hear(self, body: dict[str, Any]) -> None:
        line: Line = self.server.line
        line.paths.append(self.path)
        told = line.answers.pop(0) if line.answers else None
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(401, {"message": "Authentication failed"})
        elif isinstance(told, str):
            self._break(told, line, body)
        elif told is not None:
            self._answer(told, {"message": "as told"})
        elif self.path == "/v2/bot/message/push":
            self._answer(*line.push(self.headers["X-Line-Retry-Key"], body))
        else:
            self._answer(*line.quota(self.path))

    def _break(self, how: str, line: Line, body: dict[str, Any]) -> None:
        if how == "stall":
            line.release.wait(10)
        elif how == "accept and die":
            line.push(self.headers["X-Line-Retry-Key"], body)
            self.connection.close()
        else:
            self._answer(302, {}, Location=f"http://{self.headers['Host']}/elsewhere")

    def _answer(self, status: int, said: dict[str, Any], **headers: str) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def running(settings: Any) -> Iterator[Line]:
    """The club has an official account, and LINE is this server."""
    line = Line()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.line, server.daemon_threads = line, True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.LINE_API = f"http://127.0.0.1:{server.server_port}"
    settings.LINE_TOKEN, settings.LINE_SECRET = TOKEN, SECRET
    try:
        yield line
    finally:
        line.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
