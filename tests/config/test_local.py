"""What the launcher promises and shows in a second; kill -9 and the like are in tests/drills/launcher.py."""

import fcntl
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.local import home, services, supervise
from config.local.home import StartError


def launch(*arguments: str, **environ: str | Path) -> subprocess.CompletedProcess[str]:
    """The launcher in a process of its own, without the servers that this test run was lent."""
    lent = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ASAKAI_MODE", "DATA_DIR", "PORT", "SITE_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in lent}
    return subprocess.run(
        [sys.executable, "-m", "config.local", *arguments],
        env=kept | {name: str(value) for name, value in environ.items()},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_command_gets_servers_of_its_own_in_a_folder_with_any_name(tmp_path: Path) -> None:
    data = tmp_path / "築地 の 朝"
    script = """if True:
        import os, sys, psycopg, redis
        with psycopg.connect(os.environ["DATABASE_URL"]) as line:
            row = line.execute(
                "select current_database(), current_setting('server_encoding'), current_setting('fsync'),"
                " datlocale, current_setting('listen_addresses') from pg_database where datname = 'asakai'"
            ).fetchone()
        broker = redis.Redis.from_url(os.environ["REDIS_URL"])
        kept = [broker.config_get(name)[name] for name in ("appendonly", "maxmemory-policy")]
        print(*row, *kept, os.environ["ASAKAI_MODE"], os.environ["DATA_DIR"], sep="|")
        sys.exit(7)
    """
    done = launch("exec", "--", sys.executable, "-c", script, DATA_DIR=data)
    assert done.stderr == ""
    assert done.stdout == f"asakai|UTF8|off|C.UTF-8||yes|noeviction|test|{data}/test\n"
    assert done.returncode == 7
    assert sorted(path.name for path in data.iterdir()) == ["test"]
    assert not (data / "test/pg/postmaster.pid").exists()


def test_the_servers_keep_what_they_have_unless_told_to_begin_anew(tmp_path: Path) -> None:
    script = """if True:
        import os, psycopg, redis
        with psycopg.connect(os.environ["DATABASE_URL"]) as line:
            line.execute("create table if not exists kept (word text)")
            line.execute("insert into kept values ('x')")
            rows = line.execute("select count(*) from kept").fetchone()[0]
        print(rows, redis.Redis.from_url(os.environ["REDIS_URL"]).incr("kept"))
    """
    ways = [[], [], ["--fresh"]]
    said = [launch("exec", *way, "--", sys.executable, "-c", script, DATA_DIR=tmp_path).stdout for way in ways]
    assert said == ["1 1\n", "2 2\n", "1 1\n"]


def test_servers_that_the_environment_names_are_not_started(tmp_path: Path) -> None:
    script = "import os; print(*(os.environ.get(x) for x in ('DATABASE_URL', 'REDIS_URL', 'REDIS_URL_FILE')))"
    there = {"DATABASE_URL": "postgresql://elsewhere/club", "REDIS_URL_FILE": "/run/secrets/redis"}
    done = launch("exec", "--", sys.executable, "-c", script, DATA_DIR=tmp_path, **there)
    assert done.stdout == "postgresql://elsewhere/club None /run/secrets/redis\n"
    assert sorted(path.name for path in (tmp_path / "test").iterdir()) == ["lock", "secret_key"]


def test_a_second_start_names_the_first_and_touches_nothing(tmp_path: Path) -> None:
    held = home.lock(tmp_path, "http://localhost:8123")
    try:
        began = time.monotonic()
        done = launch("run", DATA_DIR=tmp_path)
        seconds = time.monotonic() - began
    finally:
        os.close(held)
    assert seconds < 8  # it does not wait for one that lives
    assert done.returncode == 1
    assert done.stderr == (
        f"{tmp_path} is in use by process {os.getpid()} (http://localhost:8123). Nothing was touched.\n"
        "Stop that one, or choose another folder: DATA_DIR=/some/folder\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    assert (tmp_path / "lock").read_text(encoding="ascii") == f"{os.getpid()} http://localhost:8123\n"


def test_a_start_waits_for_what_a_killed_one_left_running(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(f"{dead_number()} http://localhost:8000\n", encoding="ascii")
    script = "import fcntl, sys, time; fcntl.flock(0, fcntl.LOCK_EX); print('held', flush=True); time.sleep(0.5)"
    with (tmp_path / "lock").open("rb") as file:
        left = subprocess.Popen([sys.executable, "-c", script], stdin=file, stdout=subprocess.PIPE, text=True)
    assert left.stdout
    with left.stdout:
        assert left.stdout.readline() == "held\n"
    taken = home.lock(tmp_path, "http://localhost:8001")
    assert left.wait(0.5) == 0
    os.close(taken)


def dead_number() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def test_the_lock_outlives_the_parent_as_long_as_a_child_lives(tmp_path: Path) -> None:
    taken = home.lock(tmp_path, "test")
    child = services.children.start("child", ["sleep", "30"], {"PATH": os.defpath}, keeps=taken)
    os.close(taken)
    with (tmp_path / "lock").open("rb") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        services.children.stop([child], within=5)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_child_that_ignores_its_farewell_is_killed_with_its_own_children() -> None:
    script = "trap '' TERM; sleep 30 & echo $!; wait; sleep 30"
    reader, writer = os.pipe()
    child = services.children.start(
        "stubborn", ["bash", "-c", f"exec 1>&{writer}; {script}"], {"PATH": os.defpath}, keeps=writer
    )
    os.close(writer)
    with os.fdopen(reader) as lines:
        lines.readline()
        services.children.stop([child], within=0.2)
        assert lines.read() == ""  # the end of the pipe: no process holds its other side any more
    assert child.process.returncode == -9


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = launch("run", DATA_DIR=tmp_path, PORT=str(port))
    assert done.returncode == 1
    assert done.stderr == f"Port {port} cannot be used (Address already in use). PORT=… chooses another.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_web_process_that_answers_with_an_error_ends_the_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        script = (
            "import socket; line = socket.socket(fileno=0).accept()[0]; line.recv(999);"
            " line.send(b'HTTP/1.1 500 No\\r\\n\\r\\n')"
        )
        web = subprocess.Popen([sys.executable, "-c", script], stdin=listener)
        environ = {"PORT": str(listener.getsockname()[1])}
        club = supervise.Club(tmp_path, environ, services.Servers(tmp_path, lock=-1, durable=True), lock=-1)
        with pytest.raises(StartError, match="The web process answers 500"):
            club.wait_for_web()
    assert web.wait(5) == 0


def test_a_port_that_is_no_number_is_said(tmp_path: Path) -> None:
    done = launch("run", DATA_DIR=tmp_path, PORT="eight")
    assert (done.returncode, done.stderr) == (1, "PORT must be a number from 1 to 65535, not 'eight'.\n")


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_a_port_outside_the_range_is_refused(port: str) -> None:
    with pytest.raises(StartError):
        supervise.port_of({"PORT": port})


def test_the_port_is_8000_unless_told_otherwise() -> None:
    assert [supervise.port_of(environ) for environ in ({}, {"PORT": ""}, {"PORT": "8001"})] == [
        8000,
        8000,
        8001,
    ]


def test_the_secret_is_made_once_and_for_our_eyes(tmp_path: Path) -> None:
    first = home.secret_key(tmp_path)
    assert (home.secret_key(tmp_path), len(first)) == (first, 67)
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "other").mkdir()
    assert home.secret_key(tmp_path / "other") != first


def test_a_socket_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    folder = home.socket_folder(tmp_path)
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) < 104
    folder.chmod(0o755)
    with pytest.raises(StartError):
        home.socket_folder(tmp_path)
    folder.rmdir()


def test_the_number_of_a_dead_server_is_forgotten_when_another_program_has_it(tmp_path: Path) -> None:
    note = tmp_path / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{tmp_path}\n", encoding="utf-8")
    services.forget_the_dead(tmp_path, tmp_path)
    assert not note.exists()


def test_the_number_of_a_server_that_is_dead_but_unburied_is_forgotten(tmp_path: Path) -> None:
    program, note = tmp_path / "postgres", tmp_path / "postmaster.pid"
    program.symlink_to("/bin/true")
    dead = subprocess.Popen([program])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    note.write_text(f"{dead.pid}\n{tmp_path}\n", encoding="utf-8")
    services.forget_the_dead(tmp_path, tmp_path)
    assert not note.exists()
    assert not home.is_running(str(dead.pid))
    dead.wait()


def test_a_number_that_no_process_has_is_left_to_postgresql(tmp_path: Path) -> None:
    note = tmp_path / "postmaster.pid"
    note.write_text(f"{dead_number()}\n{tmp_path}\n", encoding="utf-8")
    services.forget_the_dead(tmp_path, tmp_path)
    assert note.exists()


def test_a_log_moves_aside_when_it_has_grown(tmp_path: Path) -> None:
    servers = services.Servers(tmp_path, lock=-1, durable=True)
    servers.log("valkey").write_bytes(b"x" * 1_000_001)
    assert not servers.log("valkey").exists()
    assert (tmp_path / "log/valkey.log.1").stat().st_size == 1_000_001
