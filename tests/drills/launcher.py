"""`make run` under kill -9: nothing is left running, nothing is lost, the next start works."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
import redis

LENT = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ASAKAI_MODE", "DATA_DIR", "PORT", "SITE_URL", "CI"}


class Club:
    """One run of the launcher on a folder, and all processes it has brought about."""

    def __init__(self, data: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        environ = {name: value for name, value in os.environ.items() if name not in LENT}
        self.began = time.monotonic()
        self.output = (data.parent / f"output-{self.port}").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.local", "--with-parent", "run"],
            env=environ | {"DATA_DIR": str(data), "PORT": str(self.port), "SAMPLE": "0"},
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def said(self) -> str:
        return Path(self.output.name).read_text(encoding="utf-8")

    def ready(self) -> "Club":
        wait_for(lambda: "ready: " in self.said or self.process.poll() is not None, 60)
        assert f"ready: http://localhost:{self.port}\n" in self.said, self.said
        wait_for(lambda: len(self.find("local.worker")) == 2, 20)  # the worker and its child
        return self

    def everyone(self) -> dict[int, str]:
        """Number and command line of every descendant."""
        parents = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                state = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                parents[int(folder.name)] = (int(state[1]), state[0])
        family = {self.process.pid}
        while more := {pid for pid, (parent, _) in parents.items() if parent in family} - family:
            family |= more
        living = {pid for pid in family - {self.process.pid} if parents[pid][1] != "Z"}
        commands = {}
        for pid in living:
            with contextlib.suppress(OSError):
                commands[pid] = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
        return commands

    def find(self, word: str) -> list[int]:
        return sorted(pid for pid, command in self.everyone().items() if word in command)

    def child(self, word: str) -> int:
        """The launcher's own child of that name."""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        children = {int(pid) for pid in Path(path).read_text(encoding="ascii").split()}
        (found,) = children & set(self.find(word))
        return found

    def environ(self) -> dict[str, str]:
        """What web and worker were told."""
        raw = Path(f"/proc/{self.child('gunicorn')}/environ").read_text(encoding="utf-8")
        return dict(pair.split("=", 1) for pair in raw.split("\0") if "=" in pair)

    def database(self) -> psycopg.Connection:
        return psycopg.connect(self.environ()["DATABASE_URL"], autocommit=True)

    def broker(self) -> redis.Redis:
        return redis.Redis.from_url(self.environ()["REDIS_URL"])

    def serves(self) -> bool:
        line = http.client.HTTPConnection("localhost", self.port, timeout=1)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == 200
        except OSError:
            return False
        finally:
            line.close()


def wait_for(what: Callable[[], object], seconds: float) -> float:
    """Seconds until it was so; fails when it never is."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def alive(pids: dict[int, str]) -> dict[int, str]:
    """Those of the processes that still run."""
    left = {}
    for pid, command in pids.items():
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z":
                left[pid] = command
    return left


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "かもめ橋 club"


@pytest.fixture
def start(data: Path) -> Iterator[Callable[[], Club]]:
    """Starts clubs on the same folder and ends what a failed drill left."""
    clubs: list[Club] = []

    def begin() -> Club:
        clubs.append(Club(data))
        return clubs[-1]

    yield begin
    for club in clubs:
        if club.process.poll() is None:
            club.process.send_signal(signal.SIGTERM)
        club.process.wait(30)
        club.output.close()


def remember(club: Club) -> None:
    """A row and a key that must come back."""
    with club.database() as line:
        line.execute("create table if not exists drill (word text)")
        line.execute("insert into drill values ('朝食')")
    club.broker().lpush("drill", "kept")
    time.sleep(1.2)  # the broker writes its file to disk once a second


def recall(club: Club) -> tuple[list[tuple[str]], list[bytes]]:
    with club.database() as line:
        rows = line.execute("select word from drill").fetchall()
    return rows, club.broker().lrange("drill", 0, -1)


@contextlib.contextmanager
def a_request_under_way(club: Club) -> Iterator[None]:
    """A client that has sent half of a request and holds its thread of the web process."""
    with socket.create_connection(("127.0.0.1", club.port)) as line:
        line.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf")
        yield


def test_after_kill_9_nothing_runs_and_the_next_start_has_all_data(start: Callable[[], Club]) -> None:
    first = start().ready()
    remember(first)
    family = first.everyone()
    assert len(family) >= 10
    with a_request_under_way(first):
        first.process.kill()
        seconds = wait_for(lambda: not alive(family), 5)
    print(f"kill -9 of the launcher: {len(family)} processes gone after {seconds:.1f} s")
    second = start().ready()
    assert recall(second) == ([("朝食",)], [b"kept"])


def test_a_start_in_the_same_moment_as_kill_9_waits_and_works(start: Callable[[], Club]) -> None:
    first = start().ready()
    remember(first)
    first.process.kill()
    first.process.wait()
    assert recall(start().ready()) == ([("朝食",)], [b"kept"])


def test_when_everything_is_killed_at_once_the_next_start_recovers(start: Callable[[], Club]) -> None:
    first = start().ready()
    remember(first)
    family = [first.process.pid, *first.everyone()]
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    first.process.wait()
    second = start().ready()
    print(f"start with recovery: {time.monotonic() - second.began:.1f} s")
    assert recall(second) == ([("朝食",)], [b"kept"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_in_order_within_five_seconds(
    start: Callable[[], Club], data: Path, number: signal.Signals
) -> None:
    club = start().ready()
    family = club.everyone()
    with a_request_under_way(club):
        began = time.monotonic()
        os.killpg(club.process.pid, number)  # as a terminal does
        assert club.process.wait(5) == 0
    print(f"{number.name}: stopped in {time.monotonic() - began:.1f} s")
    assert alive(family) == {}
    log = (data / "log/postgresql.log").read_text(encoding="utf-8")
    assert log.rstrip().endswith("database system is shut down")
    assert "received fast shutdown request" in log


@pytest.mark.parametrize("name", ["gunicorn", "local.worker"])
def test_web_or_worker_killed_is_started_again_without_a_leftover(start: Callable[[], Club], name: str) -> None:
    club = start().ready()
    before, count = club.find(name), len(club.find(name))
    os.kill(club.child(name), signal.SIGKILL)
    wait_for(lambda: not set(before) & set(club.find(name)), 5)
    wait_for(lambda: len(club.find(name)) == count, 20)
    wait_for(club.serves, 10)
    assert alive(dict.fromkeys(before, name)) == {}
    assert f"{'web' if name == 'gunicorn' else 'worker'} ended by itself (code -9) and is started again.\n" in club.said


@pytest.mark.parametrize("name", ["gunicorn", "local.worker"])
def test_children_of_web_or_worker_do_not_outlive_both_it_and_the_launcher(
    start: Callable[[], Club], name: str
) -> None:
    club = start().ready()
    family = club.everyone()
    mine = {pid: command for pid, command in family.items() if name in command}
    os.kill(club.process.pid, signal.SIGSTOP)  # so that nobody is there to sweep up
    os.kill(club.child(name), signal.SIGKILL)
    wait_for(lambda: not alive(mine), 5)
    club.process.kill()
    wait_for(lambda: not alive(family), 5)


def test_a_worker_that_ends_again_and_again_stops_all_with_a_word(start: Callable[[], Club]) -> None:
    club = start().ready()
    family = club.everyone()
    while club.process.poll() is None:
        with contextlib.suppress(ValueError, OSError):
            os.kill(club.child("local.worker"), signal.SIGKILL)
        time.sleep(0.3)
    assert club.process.returncode == 1
    assert club.said.rstrip().endswith("worker ended by itself (code -9), again and again. Everything stops.")
    assert alive(family) == {}


@pytest.mark.parametrize(("name", "word"), [("PostgreSQL", "bin/postgres"), ("Valkey", "valkey-server")])
def test_a_server_that_is_killed_stops_all_and_the_next_start_recovers(
    start: Callable[[], Club], data: Path, name: str, word: str
) -> None:
    first = start().ready()
    remember(first)
    family = first.everyone()
    os.kill(first.child(word), signal.SIGKILL)
    assert first.process.wait(10) == 1
    said = f"{name} ended by itself, see {data / 'log'}. The next start recovers it."
    assert said in first.said
    wait_for(lambda: not alive(family), 5)
    assert recall(start().ready()) == ([("朝食",)], [b"kept"])


def test_the_number_of_a_killed_server_in_other_hands_does_not_hinder_the_start(
    start: Callable[[], Club], data: Path
) -> None:
    first = start().ready()
    remember(first)
    folder = Path(unquote(urlsplit(first.environ()["DATABASE_URL"]).query.removeprefix("host=")))
    family = first.everyone()
    os.kill(first.child("bin/postgres"), signal.SIGKILL)
    wait_for(lambda: not alive(family), 10)
    first.process.wait()
    note = data / "pg/postmaster.pid"
    for path in (note, folder / ".s.PGSQL.5432.lock"):  # as after a reboot: we bear that number now
        _, _, rest = path.read_text(encoding="utf-8").partition("\n")
        path.write_text(f"{os.getpid()}\n{rest}", encoding="utf-8")
    assert recall(start().ready()) == ([("朝食",)], [b"kept"])


def test_kill_9_of_make_ends_the_launcher_too(data: Path) -> None:
    script = f"exec {sys.executable} -m config.local --with-parent exec -- sleep 60"
    environ = {name: value for name, value in os.environ.items() if name not in LENT} | {"DATA_DIR": str(data)}
    outer = subprocess.Popen(["bash", "-c", f"({script}) & echo $!; wait"], env=environ, stdout=subprocess.PIPE)
    assert outer.stdout
    with outer.stdout:
        pid = int(outer.stdout.readline())
    wait_for((data / "test/redis").exists, 20)
    outer.kill()
    outer.wait()
    wait_for(lambda: not alive({pid: "launcher"}), 5)
