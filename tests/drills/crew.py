"""Who takes part in a drill of the mails: a slow mail server, processes that can be killed, and an ambush."""

import asyncio
import contextlib
import email
import os
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
from django.db import connection

from outbox.models import Delivery

SECONDS_A_MAIL = 0.02


@dataclass
class Server:
    """A mail server on loopback that takes its time, and remembers when each mail came and what it said."""

    port: int
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    # Asked with the Message-ID once a mail has been taken, before the server says 250.
    before_250: Callable[[str], Any] = lambda _id: None
    stalls_for: set[str] = field(default_factory=set)
    seconds_a_mail: float = SECONDS_A_MAIL

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        name = str(email.message_from_bytes(envelope.content)["Message-ID"])
        if self.stalls_for & set(envelope.rcpt_tos):
            self.stalls_for.clear()
            await asyncio.sleep(30)
        await asyncio.sleep(self.seconds_a_mail)
        self.taken.append((name, envelope.content))
        await asyncio.to_thread(self.before_250, name)
        return "250 OK"

    @property
    def bodies(self) -> dict[str, list[bytes]]:
        """What came under each Message-ID, without the only line that may differ."""
        bodies = defaultdict(list)
        for name, content in list(self.taken):
            bodies[name].append(b"\n".join(line for line in content.splitlines() if not line.startswith(b"Date: ")))
        return bodies


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return int(place.getsockname()[1])


def database_url() -> str:
    """Of the database this test writes to."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


class Crew:
    """Worker, beat and web as processes with sessions of their own, each with its log."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder
        self.environ = os.environ | {
            "DATABASE_URL": database_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "MAIL_LEASE_SECONDS": "5",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *options: str, app: str = "config", **environ: str) -> None:
        celery = [sys.executable, "-m", "celery", "-q", "-A", app]
        commands = {
            "worker": [
                *celery,
                "worker",
                "-Q",
                "ticks,mail",
                "-c",
                "1",
                "-l",
                "WARNING",
                "--without-gossip",
                "--without-mingle",
            ],
            "beat": [*celery, "beat", "-l", "WARNING", "-s", str(self.folder / name)],
            "web": [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"],
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*commands[name.rstrip("0123456789")], *options],
                env=self.environ | environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """The process and all it forked, without a word."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        wait_for(lambda: members_of(process.pid) == [], 5)


def members_of(session: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, _group, of_session = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[:4]
            if int(of_session) == session and state != "Z":
                found.append(int(stat.parent.name))
    return found


def wait_for(what: Callable[[], object], seconds: float) -> float:
    """Seconds until it was so; fails when it never is."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds
        time.sleep(0.01)
    return time.monotonic() - began


class Ambush:
    """Kill the worker after the server has said 250 and before the row can say so: the row is held until then."""

    def __init__(self, rows: list[Delivery], kill: Callable[[], None]) -> None:
        self.keys, self.kill = {row.message_id: row.key for row in rows}, kill
        self.caught: list[str] = []
        self.line = psycopg.connect(database_url())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.line.close()

    def lie_in_wait(self, server: Server) -> None:
        """For the next mail that is taken."""
        caught = len(self.caught)
        server.before_250 = lambda name: self.hold(server, name)
        wait_for(lambda: len(self.caught) > caught, 60)
        time.sleep(0.2)  # 250 has arrived; the worker waits for the row
        self.kill()
        # What the worker has asked of the database already would still be done: it has not asked yet.
        self.line.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        self.line.rollback()

    def hold(self, server: Server, name: str) -> None:
        server.before_250 = lambda _id: None
        query = "SELECT 1 FROM outbox_delivery WHERE key = %s FOR UPDATE"
        assert self.line.execute(query, [self.keys[name]]).fetchone() == (1,)
        self.caught.append(name)
