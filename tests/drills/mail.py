"""Mail under kill -9: the worker's whole process tree dies again and again, and not one reminder is lost."""

import asyncio
import contextlib
import email
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import time as clock
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest
import redis
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from events.models import Membership, ReminderRule, Series, Session
from members.models import Member
from outbox.models import Delivery, Lane

SEED = 2026
PEOPLE = 500
KILLS_ANYWHERE = 4
KILLS_AFTER_250 = 3
SECONDS_A_MAIL = 0.02

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Server:
    """A mail server on loopback that takes its time, and remembers when each mail came and what it said."""

    port: int
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    # Asked with the Message-ID once a mail has been taken, before the server says 250.
    before_250: Callable[[str], Any] = lambda _id: None
    stalls_for: set[str] = field(default_factory=set)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        name = str(email.message_from_bytes(envelope.content)["Message-ID"])
        if self.stalls_for & set(envelope.rcpt_tos):
            self.stalls_for.clear()
            await asyncio.sleep(30)
        await asyncio.sleep(SECONDS_A_MAIL)
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


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server(free_port())
    controller = Controller(told, hostname="127.0.0.1", port=told.port)
    controller.start()
    yield told
    controller.stop()


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS.url) as line:
        line.flushall()
        yield line


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
            "worker": [*celery, "worker", "-c", "1", "-l", "WARNING", "--without-gossip", "--without-mingle"],
            "beat": [*celery, "beat", "-l", "WARNING", "-s", str(self.folder / "beat")],
            "web": [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"],
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*commands[name], *options],
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


@pytest.fixture
def crew(tmp_path: Path, server: Server) -> Iterator[Crew]:
    crew = Crew(tmp_path, server)
    yield crew
    for name in list(crew.running):
        crew.kill(name)
    for log in tmp_path.glob("*.log"):
        print(log.name, log.read_text(encoding="utf-8")[-2000:])


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


def where_it_is_noon() -> str:
    """A zone for a session whose reminders go out now, because they keep quiet at night."""
    ahead = 12 - timezone.now().hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@pytest.fixture
def reminders(series: Series, make_session: Callable[..., Session]) -> Callable[[int], list[Delivery]]:
    """Owe so many people a reminder of the same session, as events.reminders does."""
    session = make_session(timezone=where_it_is_noon())
    rule = ReminderRule.objects.create(
        series=series,
        template=ReminderRule.Template.INVITE,
        audience=ReminderRule.Audience.UNANSWERED,
        days_before=7,
        at=clock(12, 10),
    )
    day = session.local_start.date().isoformat()

    def owe(number: int) -> list[Delivery]:
        people = Member.objects.bulk_create(
            Member(email=f"guest{n}@example.com", name=f"客{n}", industry="G", joined_at=timezone.now())
            for n in range(number)
        )
        Membership.objects.bulk_create(Membership(series=series, member=member) for member in people)
        return [
            Delivery(
                kind=f"reminder.{rule.template}",
                key=f"reminder:{rule.pk}:{session.pk}:{member.pk}:{day}",
                to=member.email,
                language="ja",
                context={"rule": rule.pk, "session": session.pk, "member": member.pk, "day": day},
                lane=Lane.BULK,
            )
            for member in people
        ]

    return owe


def owe_each(rows: list[Delivery]) -> None:
    """Each in a transaction of its own, so that each wakes the worker."""
    for row in rows:
        with transaction.atomic():
            Delivery.objects.owe_many([row])


class Ambush:
    """Kill the worker after the server has said 250 and before the row can say so: the row is held until then."""

    def __init__(self, crew: Crew, rows: list[Delivery]) -> None:
        self.crew, self.keys = crew, {row.message_id: row.key for row in rows}
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
        self.crew.kill("worker")
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


def kill_anywhere(crew: Crew, server: Server, dice: random.Random) -> None:
    """After some more mails, at any moment of the next."""
    so_far, more = len(server.taken), dice.randint(15, 45)
    wait_for(lambda: len(server.taken) >= so_far + more, 60)
    time.sleep(dice.uniform(0, 2 * SECONDS_A_MAIL))
    crew.kill("worker")


def test_kill_9_of_the_worker_loses_no_reminder_and_doubles_only_what_was_on_its_way(
    crew: Crew, server: Server, broker: redis.Redis, reminders: Callable[[int], list[Delivery]]
) -> None:
    dice, began = random.Random(SEED), time.monotonic()
    rows = reminders(PEOPLE)
    Delivery.objects.owe_many(rows)
    ways = ["anywhere"] * KILLS_ANYWHERE + ["after 250"] * KILLS_AFTER_250
    dice.shuffle(ways)
    crew.start("beat")
    crew.start("worker")
    with Ambush(crew, rows) as ambush:
        for way in ways:
            if way == "anywhere":
                kill_anywhere(crew, server, dice)
            else:
                ambush.lie_in_wait(server)
            crew.start("worker")
    wait_for(lambda: not Delivery.objects.open().exists(), 120)
    bodies = server.bodies
    doubled = {name: len(copies) - 1 for name, copies in bodies.items() if len(copies) > 1}
    attempts = sum(Delivery.objects.values_list("attempts", flat=True))
    print(
        f"{PEOPLE} reminders, {len(ways)} times kill -9 ({KILLS_AFTER_250} between 250 and the record), lost"
        f" {len({row.message_id for row in rows} - set(bodies))}, doubled {sum(doubled.values())},"
        f" attempts {attempts}, {time.monotonic() - began:.0f} s"
    )
    assert set(bodies) == {row.message_id for row in rows}
    assert Delivery.objects.exclude(sent_at=None).count() == PEOPLE
    assert [name for name, copies in bodies.items() if len(set(copies)) > 1] == []
    assert set(ambush.caught) <= set(doubled)
    assert sum(doubled.values()) <= len(ways)
    assert attempts <= PEOPLE + len(ways)


def test_what_was_queued_when_the_broker_lost_its_memory_goes_out_with_the_sweep(
    crew: Crew, server: Server, broker: redis.Redis, reminders: Callable[[int], list[Delivery]]
) -> None:
    rows = reminders(250)
    owe_each(rows[:200])
    assert broker.llen("celery") == 200
    broker.flushall()
    began = time.monotonic()
    crew.start("worker")
    crew.start("beat")
    wait_for(lambda: len(server.taken) >= 30, 30)
    broker.flushall()  # once more, under a worker that is at work
    wait_for(lambda: len(server.taken) == 200, 60)
    print(f"200 mails after FLUSHALL: {time.monotonic() - began:.0f} s with the start of worker and beat")
    owe_each(rows[200:])
    seconds = wait_for(lambda: len(server.taken) == 250, 30)
    print(f"50 more: {seconds:.1f} s")
    assert {name: len(copies) for name, copies in server.bodies.items()} == {row.message_id: 1 for row in rows}
    wait_for(lambda: not Delivery.objects.open().exists(), 5)


@pytest.mark.parametrize(("way", "bound"), [("refuses", 0.5), ("hangs", 4)])
def test_an_answer_is_taken_while_the_broker_is_away_and_its_mail_goes_later(
    crew: Crew, server: Server, broker: redis.Redis, session: Session, hana: Member, way: str, bound: float
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dead = silent.getsockname()[1] if way == "hangs" else free_port()
        port = free_port()
        crew.start("web", "--workers", "1", PORT=str(port), REDIS_URL=f"redis://127.0.0.1:{dead}")
        wait_for(lambda: serves(port), 20)
        # The first two make the process load what it needs.
        seconds = [answer(port, session, hana, word) for word in ("ACCEPTED", "DECLINED") * 2][2:]
    print(f"an answer while the broker {way}: {max(seconds):.2f} s")
    assert max(seconds) < bound
    owed = Delivery.objects.open().order_by("pk").values_list("kind", flat=True)
    assert list(owed) == ["rsvp.confirmed", "rsvp.left"] * 2
    crew.start("worker")
    crew.start("beat")
    wait_for(lambda: not Delivery.objects.open().exists(), 30)


def test_a_mail_that_hangs_is_cut_off_and_the_others_go_out(
    crew: Crew, server: Server, broker: redis.Redis, reminders: Callable[[int], list[Delivery]]
) -> None:
    rows = reminders(10)
    server.stalls_for = {rows[0].to}
    Delivery.objects.owe_many(rows)
    crew.start("worker", app="tests.drills.hurried")
    crew.start("beat")
    wait_for(lambda: len(server.taken) == 9, 30)
    hung = Delivery.objects.get(key=rows[0].key)
    assert (hung.attempts, hung.last_error.split(":")[0]) == (1, "SoftTimeLimitExceeded")
    wait_for(lambda: len(server.taken) == 10, 40)


def serves(port: int) -> bool:
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
