"""Two hundred people tap at once for thirty seats: over HTTP, four web processes, five mornings one after the other.

`make drills T=tests/drills/seats_http.py`. Thirty have a seat, a hundred and seventy wait in order, no answer is an
error, and every page that follows tells its reader the truth.
"""

import http.client
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from events.models import Session
from members.models import Member
from outbox.models import Delivery
from tests.events.pages import crowd

PEOPLE, SEATS, ROUNDS, WORKERS = 200, 30, 5, 4
SECONDS = 5.0
TOKEN = secrets.token_hex(16)

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Told:
    """What one person was answered: to the tap, after how long, and on the page it led to."""

    status: int
    seconds: float
    page: str


@pytest.fixture
def port() -> Iterator[int]:
    """Four web processes on the test database."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    name = connection.settings_dict["NAME"]
    environ = os.environ | {"DATABASE_URL": with_name(os.environ["DATABASE_URL"], name)}
    command = ["gunicorn", "-w", str(WORKERS), "-b", f"127.0.0.1:{number}", "--log-level", "warning", "config.wsgi"]
    process = subprocess.Popen([sys.executable, "-m", *command], env=environ)
    try:
        wait_for(number)
        yield number
    finally:
        process.terminate()
        process.wait(timeout=20)


def with_name(url: str, name: str) -> str:
    """The same server, another database."""
    before, mark, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}{mark}{query}"


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as web:
                web.request("GET", "/healthz")
                if web.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("The web processes did not start.")


def cookie(member: Member) -> str:
    """A signed-in browser, without the sign-in."""
    store = SessionStore()
    store[SESSION_KEY] = str(member.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = member.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


def tap(port: int, session: Session, browser: str) -> Told:
    """Post "coming", then look at the page it leads to."""
    page = f"/sessions/{session.code}/"
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": TOKEN, "Cookie": browser}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as web:
        began = time.monotonic()
        web.request("POST", f"{page}rsvp/", urlencode({"partstat": "ACCEPTED"}), form)
        status = web.getresponse().status
        seconds = time.monotonic() - began
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as web:
        web.request("GET", page, headers={"Cookie": browser})
        return Told(status, seconds, web.getresponse().read().decode())


def all_at_once(acts: list[Callable[[], Told]]) -> list[Told]:
    told: list[Told | None] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def work(n: int) -> None:
        gate.wait(timeout=30)
        told[n] = acts[n]()

    threads = [threading.Thread(target=work, args=[n]) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return [one for one in told if one is not None]


def place(page: str) -> int:
    """The place in the queue as the page tells it: 0 for a seat, -1 for neither."""
    if "席をおとりしました。" in page:
        return 0
    found = re.search(r"いま(\d+)番目にお待ちです。", page)
    return int(found[1]) if found else -1


def test_two_hundred_at_once_for_thirty_seats(port: int, make_session: Callable[..., Session]) -> None:
    people = crowd(PEOPLE)
    browsers = [cookie(member) for member in people]
    slowest = []
    for _ in range(ROUNDS):
        session = make_session(capacity=SEATS)
        told = all_at_once([partial(tap, port, session, browser) for browser in browsers])
        answers = {rsvp.member_id: rsvp for rsvp in session.rsvps.all()}
        queue = [answers[member.pk].queue_no or 0 for member in people]
        session.refresh_from_db()
        assert [one.status for one in told] == [302] * PEOPLE
        assert [place(one.page) for one in told] == queue
        assert sorted(queue) == [0] * SEATS + list(range(1, PEOPLE - SEATS + 1))
        assert session.seats_taken == SEATS
        assert Delivery.objects.filter(kind="rsvp.confirmed", created_at__gte=session.created_at).count() == SEATS
        slowest.append(sorted(one.seconds for one in told)[int(PEOPLE * 0.99)])
    print(f"99 of 100 taps answered within: {', '.join(f'{seconds:.2f} s' for seconds in slowest)}")
    assert max(slowest) < SECONDS
