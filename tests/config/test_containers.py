"""Each container's command and health check as they stand, in production mode, from what the image would hold."""

import http.client
import os
import re
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from aiosmtpd.controller import Controller

from config.local.services import postgresql_binaries, valkey_binary
from tests.config.containers import ROOT, Machine, wait_for, written

HOST = "club.example"
FROM_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
# redis-cli is not among the wheels: this says PING to the port of the test.
REDIS_CLI = """#!/usr/bin/env python
import os, redis, sys
assert sys.argv[1:] == ["ping"]
print("PONG" if redis.Redis(port=int(os.environ["REDIS_PORT"])).ping() else "")
"""


class Mails:
    """A mail server that takes everything."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken += envelope.rcpt_tos
        return "250 OK"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return int(place.getsockname()[1])


@pytest.fixture(scope="module")
def mails() -> Iterator[tuple[Mails, int]]:
    server, port = Mails(), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    yield server, port
    controller.stop()


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """An empty database of its own on the lent server."""
    lent = os.environ["DATABASE_URL"]
    with psycopg.connect(lent, autocommit=True) as line:
        line.execute("DROP DATABASE IF EXISTS asakai_containers WITH (FORCE)")
        line.execute("CREATE DATABASE asakai_containers")
    yield urlsplit(lent)._replace(path="/asakai_containers").geturl()
    with psycopg.connect(lent, autocommit=True) as line:
        line.execute("DROP DATABASE asakai_containers WITH (FORCE)")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, database_url: str, mails: tuple[Mails, int]) -> Machine:
    """Set up as docs/operating.md says, but for the addresses of the servers; no other variable comes in."""
    redis_port = str(free_port())
    sockets = parse_qs(urlsplit(database_url).query)["host"][0]
    folder = tmp_path_factory.mktemp("machine")
    machine = Machine(folder, env_file(), PORT=str(free_port()), REDIS_PORT=redis_port, PGHOST=sockets)
    machine.build()
    set_up(folder)
    (folder / "secrets/database_url").write_text(database_url, encoding="utf-8")
    (folder / "secrets/email_url").write_text(f"smtp://127.0.0.1:{mails[1]}\n", encoding="utf-8")
    (folder / "bin/redis-server").symlink_to(valkey_binary())
    (folder / "bin/pg_isready").symlink_to(postgresql_binaries()[0] / "pg_isready")
    (folder / "bin/redis-cli").write_text(REDIS_CLI, encoding="utf-8")
    (folder / "bin/redis-cli").chmod(0o755)
    return machine


def blocks() -> list[str]:
    """What docs/operating.md tells the operator to type before the first start."""
    return re.findall(
        r"^```sh\n(.*?)^```", (ROOT / "docs/operating.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def set_up(folder: Path) -> None:
    (folder / "secrets").rmdir()
    for block in blocks():
        subprocess.run(["sh", "-e", "-c", block], cwd=folder, check=True, timeout=10)


def env_file() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", blocks()[1], re.MULTILINE))


def ask(machine: Machine, path: str, **headers: str) -> tuple[int, str]:
    line = http.client.HTTPConnection("127.0.0.1", int(machine.places["PORT"]), timeout=10)
    try:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode() or str(answer.headers["Location"])
    finally:
        line.close()


def from_proxy(machine: Machine, path: str) -> tuple[int, str]:
    return ask(machine, path, **FROM_PROXY)


def test_the_words_for_the_operator_make_closed_secrets(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    set_up(tmp_path)
    secrets = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "secrets").iterdir()}
    assert sorted(secrets) == ["database_url", "email_url", "link_keys", "postgres_password", "secret_key"]
    assert secrets["database_url"] == f"postgresql://asakai:{secrets['postgres_password']}@postgres:5432/asakai"
    assert [len(secrets[name]) for name in ("secret_key", "link_keys", "postgres_password")] == [64, 64, 64]
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()} == {0o644}


def test_the_whole_club_runs_as_the_compose_file_says(machine: Machine, mails: tuple[Mails, int]) -> None:
    image = written(machine.folder / "app") | written(machine.folder / "data")
    parts = ["web", "worker", "mailer", "beat", "redis"]
    assert machine.healthy("postgres")
    assert [part for part in parts if machine.healthy(part)] == []
    with ExitStack() as running:
        redis = ["--port", machine.places["REDIS_PORT"], "--bind", "127.0.0.1", "--dir", str(machine.folder / "redis")]
        running.enter_context(machine.up("redis", *redis))
        wait_for(lambda: machine.healthy("redis"))
        migrated = machine.run(machine.command("migrate"), machine.environ("migrate"))
        assert (migrated.returncode, migrated.stderr) == (0, "")
        for part in ("worker", "mailer", "beat", "web"):
            running.enter_context(machine.up(part))
        answers_as_in_production(machine)
        operator = machine.run(["python", "manage.py", "operator", "you@example.com"], machine.environ("web"))
        assert (operator.returncode, operator.stderr) == (0, "")
        wait_for(lambda: mails[0].taken == ["you@example.com"])
        wait_for(lambda: all(machine.healthy(part) for part in ("worker", "mailer", "beat")))
        assert [part for part in parts if not machine.healthy(part)] == []
        assert from_proxy(machine, "/readyz") == (
            200,
            '{"ready": true, "database": "ok", "broker": "ok", "worker": "ok", "mailer": "ok", "scheduler": "ok"}',
        )
    assert written(machine.folder / "app") | written(machine.folder / "data") == image


def answers_as_in_production(machine: Machine) -> None:
    wait_for(lambda: machine.healthy("web"))
    assert ask(machine, "/healthz", Host=HOST) == (200, "ok\n")
    assert ask(machine, "/", Host=HOST) == (301, f"https://{HOST}/")
    assert ask(machine, "/", Host="evil.test")[0] == 400
    status, front = from_proxy(machine, "/")
    assert status == 200
    stylesheet = re.findall(r'<link rel="stylesheet" href="([^"]+)"', front)
    assert [from_proxy(machine, path)[0] for path in stylesheet] == [200]
    assert [from_proxy(machine, path)[0] for path in ("/mailbox/", "/styleguide/")] == [404, 404]
