"""Web processes on the test database, and browsers that tap all at once."""

import contextlib
import http.client
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from events.links import answer_link, visit_link
from events.models import Session, Visit
from members.models import Member
from tests.drills.crew import database_url, free_port, wait_for

TOKEN = secrets.token_hex(16)
# The mark of what a host is shown before it is done, and how often at most they look once more.
SHOWN, LOOKS = re.compile(r'name="seen" value="(\w+)"'), 100
CSRF = f"{settings.CSRF_COOKIE_NAME}={TOKEN}"


@dataclass
class Told:
    """What one tap was answered, and after how long."""

    status: int
    seconds: float
    body: str
    leads_to: str = ""


@dataclass
class Web:
    """Gunicorn with sync workers, as in production, on a port of its own."""

    port: int

    def post(self, path: str, form: dict[str, Any], cookies: str, *, of: str = "") -> Told:
        """`of`: the address it comes from, as a proxy would say it (with TRUSTED_PROXY_COUNT=1)."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": TOKEN, "Cookie": cookies}
        return self._ask("POST", path, urlencode(form), headers | ({"X-Forwarded-For": of} if of else {}))

    def get(self, path: str, cookies: str) -> Told:
        return self._ask("GET", path, None, {"Cookie": cookies})

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Told:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as web:
            began = time.monotonic()
            web.request(method, path, body, headers)
            response = web.getresponse()
            said = response.read().decode()
            return Told(response.status, time.monotonic() - began, said, response.headers.get("Location", ""))

    def serves(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get("/healthz", "").status == 200
        return False

    # The doors to a seat

    def answer(self, session: Session, cookies: str, partstat: str = "ACCEPTED") -> Told:
        """By the button on the session's page."""
        return self.post(f"/sessions/{session.code}/rsvp/", {"partstat": partstat}, cookies)

    def by_mail(self, session: Session, member: Member, partstat: str = "ACCEPTED") -> Told:
        """By the signed link, without having signed in."""
        return self.post(urlsplit(answer_link(member, session)).path, {"partstat": partstat}, CSRF)

    def bring(self, session: Session, cookies: str, name: str) -> Told:
        """A friend, on the word of who comes."""
        return self.post(f"/sessions/{session.code}/friends/", {"name": name, "yomi": ""}, cookies)

    def visit(self, session: Session, name: str, *, of: str) -> list[Told]:
        """Without an account: name and address, and a yes by the link in the mail."""
        asked = self.post(
            f"/sessions/{session.code}/visit/", {"name": name, "email": f"{name}@example.org"}, CSRF, of=of
        )
        if asked.status != 302:
            return [asked]
        visit = Visit.objects.select_related("session").get(code=asked.leads_to.rstrip("/").rpartition("/")[2])
        return [asked, self.post(urlsplit(visit_link(visit)).path, {}, CSRF, of=of)]

    def edit(self, session: Session, cookies: str, **values: Any) -> Told:
        """The host's form, for this session or for all later ones (scope="later"); what is shown first is agreed to.

        As often as it has changed by the time it is agreed to: then it is shown anew.
        """
        as_it_is = {name: getattr(session, name) for name in ("title", "summary", "programme", "fee_amount")}
        number = {"number": session.number} if session.number is not None else {}
        path, sent = f"/sessions/{session.code}/edit/", as_it_is | number | values
        told = self.post(path, sent, cookies)
        for _look in range(LOOKS):
            shown = SHOWN.search(told.body)
            if shown is None:
                break
            told = self.post(path, sent | {"seen": shown[1]}, cookies)
        return told


@contextlib.contextmanager
def web(app: str = "config.wsgi", workers: int = 4, **environ: str) -> Iterator[Web]:
    """Started, and stopped by its number."""
    here = Web(free_port())
    command = ["gunicorn", "-w", str(workers), "-b", f"127.0.0.1:{here.port}", "--log-level", "warning", app]
    known = os.environ | {"DATABASE_URL": database_url()} | environ
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([sys.executable, "-m", *command], env=known, stdout=log, stderr=log)
        try:
            wait_for(here.serves, 60)
            yield here
        except BaseException:
            log.seek(0)
            print(log.read()[-2000:])
            raise
        finally:
            process.terminate()
            process.wait(timeout=30)


def cookies(member: Member) -> str:
    """A signed-in browser, without the sign-in."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(member.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = member.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}; {CSRF}"


def all_at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Each in a thread of its own, all from the same moment on; what each came back with, in order."""
    results: list[Any] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def work(n: int) -> None:
        gate.wait(timeout=30)
        try:
            results[n] = acts[n]()
        except Exception as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[n]) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    return results


class Deadlocks:
    """How many times PostgreSQL has broken a deadlock since: by its own count, and in its log where we have that."""

    def __init__(self) -> None:
        self.log = Path(os.environ.get("DATA_DIR", "")) / "log/postgresql.log"
        self.before = self._counts()

    def since(self) -> tuple[int, int]:
        """By count and by log."""
        time.sleep(1.2)  # what a connection has seen is counted a second later
        now = self._counts()
        return now[0] - self.before[0], now[1] - self.before[1]

    def _counts(self) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            (counted,) = cursor.fetchone()
        said = self.log.read_text(encoding="utf-8").count("deadlock detected") if self.log.exists() else 0
        return counted, said
