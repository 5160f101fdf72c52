"""The site under the bench: sample club, production mode, two gunicorn sync workers on loopback."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

HOST = "bench.example"
AS_IN_PRODUCTION = {
    "ASAKAI_MODE": "production",
    "SITE_URL": f"https://{HOST}",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "MAIL_FROM": f"bench@{HOST}",
    "TRUSTED_PROXY_COUNT": "1",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
# What the proxy in front says, and a visitor who reads Japanese.
HEADERS = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "Accept-Language": "ja"}


def manage(*arguments: str, mode: str = "production") -> float:
    """One management command in a process of its own; how many seconds it took."""
    began = time.perf_counter()
    environ = os.environ | AS_IN_PRODUCTION | {"ASAKAI_MODE": mode}
    subprocess.run([sys.executable, "manage.py", *arguments], env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def prepare() -> None:
    """Messages, tables, the sample club (which production refuses), static files; then this process joins in."""
    import_module("config.messages").compile_all()
    manage("migrate", "--no-input")
    manage("sample_club", "--if-empty", mode="test")
    manage("collectstatic", "--no-input", "--verbosity", "0")
    os.environ.update(AS_IN_PRODUCTION)
    import_module("tests.bench.wsgi")


@contextmanager
def web() -> Iterator[tuple[str, int]]:
    """As the compose file starts it, but for the page that says hello."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address: tuple[str, int] = free.getsockname()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "tests.bench.wsgi"]
    process = subprocess.Popen(command, env=os.environ | {"PORT": str(address[1])})
    try:
        deadline = time.monotonic() + 30
        while not _listens(address):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _listens(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True
