"""`make run`: servers, then web and worker, until Ctrl-C; whatever happens, nothing is left running."""

import http.client
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from config.local import children, home
from config.local.children import Child
from config.local.home import StartError
from config.local.services import Servers, embedded, given

START_AGAIN = 3  # times within
A_MINUTE = 60.0  # seconds


class Stopped(BaseException):
    """Ctrl-C or TERM; not an Exception, so that nothing on the way takes it for an error."""


def run(data: Path, environ: Mapping[str, str]) -> NoReturn:
    """Run the club on DATA_DIR and PORT until a signal or an end of its own is raised."""
    port = port_of(environ)
    address = f"http://localhost:{port}"
    lock = home.lock(data, address)
    must_be_free(port)
    ours = dict(environ) | {"DATA_DIR": str(data), "PORT": str(port)}
    # Else each process compiles 1,800 modules at every start: seconds, and 10 MB of what that leaves behind.
    ours.pop("PYTHONDONTWRITEBYTECODE", None)
    ours.setdefault("MALLOC_ARENA_MAX", "1")  # threads of one interpreter need no heaps of their own (3 MB)
    for name, value in {
        "ASAKAI_MODE": "local",
        "SITE_URL": address,
        "SECRET_KEY": home.secret_key(data),
    }.items():
        if not given(environ, name):
            ours[name] = value
    with embedded(data, environ, lock=lock, durable=True) as servers:
        Club(data, ours | servers.environ, servers, lock).live()


def stop_on_signal() -> None:
    """The first signal unwinds everything in order; more of them change nothing."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def port_of(environ: Mapping[str, str]) -> int:
    """PORT, else 8000."""
    written = environ.get("PORT") or "8000"
    if not written.isdecimal() or not 1 <= int(written) <= 65535:
        raise StartError(f"PORT must be a number from 1 to 65535, not {written!r}.")
    return int(written)


def must_be_free(port: int) -> None:
    """Say so before anything starts, if another program listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartError(f"Port {port} cannot be used ({error.strerror}). PORT=… chooses another.") from None


@dataclass
class Club:
    """Web and worker beside their servers."""

    data: Path
    environ: Mapping[str, str]
    servers: Servers
    lock: int
    running: list[Child] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)

    def live(self) -> NoReturn:
        """Prepare, start, say that it is ready, and watch until something is raised."""
        try:
            self.running = [self.start("setup")]
            if self.running[0].process.wait():
                raise StartError("Asakai could not be prepared; the reason stands above.")
            self.running = [self.start("web")]
            self.wait_for_web()
            self.running.append(self.start("worker"))  # last: two cores are few, and the page is waited for
            print(f"ready: http://localhost:{self.environ['PORT']}", flush=True)
            while True:
                self.watch()
                time.sleep(0.2)
        finally:
            children.stop(self.running, within=3)

    def start(self, name: str) -> Child:
        """Start one of our own processes."""
        commands = {
            "setup": ["config.local.setup"],
            "web": ["gunicorn", "-c", "python:config.local.web", "config.wsgi"],
            "worker": ["config.local.worker"],
        }
        return children.start(name, [sys.executable, "-m", *commands[name]], self.environ, keeps=self.lock)

    def watch(self) -> None:
        """Start web or worker again when it ends by itself, not for ever; without a server stop all."""
        for server in self.servers.running:
            if server.ended:
                log = self.data / "log"
                raise StartError(f"{server.name} ended by itself, see {log}. The next start recovers it.")
        for place, child in enumerate(self.running):
            if child.ended:
                now = time.monotonic()
                self.ends = [*(end for end in self.ends if end > now - A_MINUTE), now]
                how = f"{child.name} ended by itself (code {child.process.returncode})"
                if len(self.ends) > START_AGAIN:
                    raise StartError(f"{how}, again and again. Everything stops.")
                print(f"{how} and is started again.", file=sys.stderr)
                children.stop([child], within=0)
                self.running[place] = self.start(child.name)

    def wait_for_web(self) -> None:
        """Until the web process serves; not on and on when it is there and cannot, or does not come at all."""
        deadline = time.monotonic() + A_MINUTE
        while (status := self.status()) != http.HTTPStatus.OK:
            self.watch()
            if status is not None or time.monotonic() > deadline:
                answer = f"answers {status}" if status else "does not answer"
                raise StartError(f"The web process {answer}; the reason stands above.")
            time.sleep(0.05)

    def status(self) -> int | None:
        """What the web process answers; nothing while it is not there yet."""
        line = http.client.HTTPConnection("127.0.0.1", int(self.environ["PORT"]), timeout=10)
        try:
            line.request("GET", "/healthz", headers={"Host": "localhost"})
            return line.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            line.close()
