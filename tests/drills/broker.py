"""Drill 4, the broker: its memory emptied, away for a minute and back with nothing, or silent. Mails wait, pages work.

`make drills DRILL=broker`; FULL=1 keeps it away for sixty seconds.
"""

import contextlib
import http.client
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import redis
from django.conf import settings
from django.db import transaction
from django.test import Client

from config.local.services import valkey_binary
from events.models import Session
from members.models import Member
from outbox.models import Delivery
from tests.drills.crew import Crew, Server, free_port, wait_for
from tests.drills.figures import FULL, Figures
from tests.events.pages import crowd

QUEUED = 1000
AWAY_SECONDS = 60 if FULL else 10
DELIVERED_SECONDS = 180

pytestmark = pytest.mark.django_db(transaction=True)


def owe_each(rows: list[Delivery]) -> None:
    """Each in a transaction of its own, so that each wakes the worker."""
    for row in rows:
        with transaction.atomic():
            Delivery.objects.owe_many([row])


def test_what_was_queued_when_the_broker_lost_its_memory_goes_out_with_the_sweep(
    crew: Crew, server: Server, broker: redis.Redis, reminders: Callable[[int], list[Delivery]]
) -> None:
    rows = reminders(QUEUED)
    server.seconds_a_mail = 0
    owe_each(rows)
    queued = broker.llen("mail")
    broker.flushall()
    began = time.monotonic()
    crew.start("worker")
    crew.start("beat")
    wait_for(lambda: len(server.taken) >= 30, 60)
    broker.flushall()  # once more, under a worker that is at work
    wait_for(lambda: not Delivery.objects.open().exists(), 240)
    seconds = time.monotonic() - began
    copies = [len(one) for one in server.bodies.values()]
    with Figures(f"4. {QUEUED} queued, the broker's memory emptied twice") as told:
        told.equal("in the broker's queue before", QUEUED, queued)
        told.equal("arrived", QUEUED, len(copies))
        told.equal("arrived twice", 0, sum(copies) - len(copies))
        told.at_most("seconds, with the start of worker and beat", DELIVERED_SECONDS, seconds)


class Broker:
    """A broker of this drill's own, that forgets everything when it dies."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [valkey_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
        wait_for(lambda: open_port(self.port), 10)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    yield broker
    broker.kill()


def test_a_broker_that_was_away_and_comes_back_empty_needs_no_restart_of_the_worker(
    crew: Crew, server: Server, own_broker: Broker, session: Session
) -> None:
    people, port = crowd(20), free_port()
    crew.environ["REDIS_URL"] = own_broker.url
    for name in ("worker", "beat"):
        crew.start(name)
    crew.start("web", "--workers", "1", PORT=str(port))
    wait_for(lambda: open_port(port), 30)
    answer(port, session, people[0], "ACCEPTED")
    wait_for(lambda: len(server.taken) == 1, 60)
    own_broker.kill()
    gone, seconds = time.monotonic(), []
    for member in people[1:]:
        seconds.append(answer(port, session, member, "ACCEPTED"))
        time.sleep(max(0, AWAY_SECONDS / len(people) - seconds[-1]))
    time.sleep(max(0, gone + AWAY_SECONDS - time.monotonic()))
    away, back = time.monotonic() - gone, time.monotonic()
    own_broker.start()
    wait_for(lambda: not Delivery.objects.open().exists(), 240)
    delivered = time.monotonic() - back
    # And a new answer wakes the worker as before.
    answer(port, session, people[0], "DECLINED")
    woken = wait_for(lambda: not Delivery.objects.open().exists(), 60)
    copies = [len(one) for one in server.bodies.values()]
    with Figures(f"4. the broker away for {away:.0f} s and back empty") as told:
        told.equal("answers taken meanwhile", len(people) - 1, len(seconds))
        told.at_most("the slowest of them, s", 1.5, max(seconds))
        told.at_most("all mails out, s after its return", DELIVERED_SECONDS, delivered)
        told.at_most("a mail owed then, s", 30, woken)
        told.equal("arrived; twice", (len(people) + 1, 0), (len(copies), sum(copies) - len(copies)))
        told.equal("parts still the same process", 3, sum(one.poll() is None for one in crew.running.values()))


@pytest.mark.parametrize(("way", "bound"), [("refuses", 0.5), ("hangs", 4)])
def test_an_answer_is_taken_while_the_broker_is_away_and_its_mail_goes_later(
    crew: Crew, server: Server, broker: redis.Redis, session: Session, hana: Member, way: str, bound: float
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dead = silent.getsockname()[1] if way == "hangs" else free_port()
        port = free_port()
        crew.start("web", "--workers", "1", PORT=str(port), REDIS_URL=f"redis://127.0.0.1:{dead}")
        wait_for(lambda: open_port(port), 20)
        # The first two make the process load what it needs.
        seconds = [answer(port, session, hana, word) for word in ("ACCEPTED", "DECLINED") * 2][2:]
    owed = list(Delivery.objects.open().order_by("pk").values_list("kind", flat=True))
    crew.start("worker")
    crew.start("beat")
    later = wait_for(lambda: not Delivery.objects.open().exists(), 60)
    with Figures(f"4. answers while the broker {way}") as told:
        told.at_most("the slowest, s", bound, max(seconds))
        told.equal("mails owed", ["rsvp.confirmed", "rsvp.left"] * 2, owed)
        told.note("out with a broker again, s", f"{later:.1f}")


def open_port(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def answer(port: int, session: Session, member: Member, partstat: str) -> float:
    """The form on the session's page; how many seconds it took."""
    client = Client()
    client.force_login(member)
    secret = "a" * 32
    cookies = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}; csrf={secret}"
    headers = {"Host": "localhost", "Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = urlencode({"partstat": partstat, "csrfmiddlewaretoken": secret})
    line.request("POST", f"{session.get_absolute_url()}rsvp/", body, headers)
    response = line.getresponse()
    assert (response.status, response.headers["Location"]) == (302, f"{session.get_absolute_url()}#seat")
    line.close()
    return time.monotonic() - began
