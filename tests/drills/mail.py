"""Mail under kill -9: the worker's whole process tree dies again and again, and not one reminder is lost."""

import contextlib
import http.client
import random
import socket
import time
from collections.abc import Callable, Iterator
from datetime import time as clock
from pathlib import Path
from urllib.parse import urlencode

import pytest
import redis
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from events.models import Membership, ReminderRule, Segment, Series, Session
from members.models import Member
from outbox.models import Delivery, Lane
from tests.drills.crew import SECONDS_A_MAIL, Ambush, Crew, Server, free_port, wait_for

SEED = 2026
PEOPLE = 500
KILLS_ANYWHERE = 4
KILLS_AFTER_250 = 3

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.fixture
def crew(tmp_path: Path, server: Server) -> Iterator[Crew]:
    crew = Crew(tmp_path, server)
    yield crew
    for name in list(crew.running):
        crew.kill(name)
    for log in tmp_path.glob("*.log"):
        print(log.name, log.read_text(encoding="utf-8")[-2000:])


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
        audience=Segment.UNANSWERED,
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
    assert broker.llen("mail") == 200
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
