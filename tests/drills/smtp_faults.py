"""Drill 4, the mail server: it hangs at each stage of a mail, or hangs up; and a mail that kills whoever renders it.

`make drills DRILL=smtp_faults`.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.utils import timezone

from outbox.models import Delivery
from tests.drills.crew import Crew, Server, free_port, wait_for
from tests.drills.figures import Figures
from tests.drills.poisoned import POISON

# The server's replies to one mail: to which of them a fault belongs.
GREETING, EHLO, DATA, TAKEN = 1, 2, 5, 6
OTHERS = 9

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Fault:
    """What happens to one connection: `at` this reply it hangs, or the line is cut."""

    at: int
    cuts: bool = False


@dataclass
class Proxy:
    """Between worker and mail server: the next connections have these faults, all others none."""

    server: Server
    port: int = field(default_factory=free_port)
    faults: list[Fault] = field(default_factory=list)

    def run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self.work())

    async def work(self) -> None:
        self.loop, self.task = asyncio.get_running_loop(), asyncio.current_task()
        async with await asyncio.start_server(self.serve, "127.0.0.1", self.port):
            await asyncio.Event().wait()

    def close(self) -> None:
        """What still hangs is cut off by asyncio.run."""
        self.task.cancel()

    async def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        fault = self.faults.pop(0) if self.faults else Fault(0)
        server, to_server = await asyncio.open_connection("127.0.0.1", self.server.port)
        asks = asyncio.ensure_future(self.pass_on(client, to_server, fault))
        with contextlib.suppress(ConnectionError):
            await self.reply(server, to_client, fault)
        asks.cancel()
        for line in (to_client, to_server):
            line.close()

    async def pass_on(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter, fault: Fault) -> None:
        """What the worker says; of a mail that hangs in the middle, the first bytes."""
        is_data = False
        while part := await client.read(65_536):
            if is_data and fault.at == DATA:
                to_server.write(part[:100])
                await asyncio.sleep(120)
            is_data = part.upper().startswith(b"DATA")
            to_server.write(part)
        to_server.write_eof()

    async def reply(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, fault: Fault) -> None:
        """What the server says, reply by reply (RFC 5321 section 4.2: the last line has a space after its number)."""
        number = 1
        while line := await server.readline():
            if number == fault.at != DATA:
                if fault.cuts:
                    return
                await asyncio.sleep(120)
            to_client.write(line)
            number += line[3:4] == b" "


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    proxy = Proxy(server)
    thread = threading.Thread(target=proxy.run, daemon=True)
    thread.start()
    wait_for(lambda: hasattr(proxy, "task"), 5)
    yield proxy
    proxy.loop.call_soon_threadsafe(proxy.close)
    thread.join(timeout=5)


STAGES = [
    # Name, fault, attempts counted, copies that arrive in the end.
    ("says nothing at all", Fault(GREETING), 0, 1),
    ("hangs after EHLO", Fault(EHLO), 0, 1),
    ("hangs in the middle of the mail", Fault(DATA), 1, 1),
    ("hangs after it has taken the mail", Fault(TAKEN), 1, 2),
    ("hangs up after it has taken the mail", Fault(TAKEN, cuts=True), 1, 2),
]


def test_a_mail_server_that_hangs_holds_up_one_mail_for_as_long_as_we_wait(
    crew: Crew, server: Server, proxy: Proxy, broker: object, reminders: Callable[[int], list[Delivery]]
) -> None:
    rows = iter(reminders(len(STAGES) * (OTHERS + 1)))
    crew.environ |= {"EMAIL_URL": f"smtp://127.0.0.1:{proxy.port}", "MAIL_LEASE_SECONDS": "60"}
    crew.start("worker")
    crew.start("beat")
    for name, fault, attempts, copies in STAGES:
        before = len(server.taken)
        proxy.faults.append(fault)
        Delivery.objects.owe_many([next(rows) for _ in range(OTHERS + 1)])
        others = wait_for(lambda: Delivery.objects.open().count() == 1, 120)
        hung = Delivery.objects.open().get()
        wait = (hung.next_attempt_at - timezone.now()).total_seconds()
        # Its pause is not waited for here.
        Delivery.objects.open().update(next_attempt_at=timezone.now())
        wait_for(lambda: not Delivery.objects.open().exists(), 60)
        bodies = server.bodies[hung.message_id]
        with Figures(f"4. a mail server that {name}") as told:
            told.at_most(f"the {OTHERS} others were out after s", settings.EMAIL_TIMEOUT + 15, others)
            told.equal("attempts counted", attempts, hung.attempts)
            told.at_most("asked again after s", 300, wait)
            told.equal("arrived in all", OTHERS + copies, len(server.taken) - before)
            told.equal("copies of the one that hung, different ones", (copies, 1), (len(bodies), len(set(bodies))))


def test_a_mail_that_hangs_for_longer_is_cut_off_by_the_time_limit_and_the_others_go_out(
    crew: Crew, server: Server, broker: object, reminders: Callable[[int], list[Delivery]]
) -> None:
    rows = reminders(10)
    server.stalls_for = {rows[0].to}
    Delivery.objects.owe_many(rows)
    crew.start("worker", app="tests.drills.hurried")
    crew.start("beat")
    wait_for(lambda: len(server.taken) == 9, 60)
    hung = Delivery.objects.get(key=rows[0].key)
    wait_for(lambda: len(server.taken) == 10, 60)
    with Figures("4. a mail cut off by the soft time limit") as told:
        told.equal("attempts counted", 1, hung.attempts)
        told.equal("its error", "SoftTimeLimitExceeded", hung.last_error.split(":")[0])
        told.equal("arrived in the end", 10, len(server.taken))


def test_a_mail_that_kills_the_worker_stops_by_itself_and_the_others_go_out(
    crew: Crew, server: Server, broker: object, reminders: Callable[[int], list[Delivery]]
) -> None:
    rows = reminders(1000)
    server.seconds_a_mail = 0
    poison = rows[500]
    poison.kind = POISON
    Delivery.objects.owe_many(rows)
    crew.start("worker", app="tests.drills.poisoned")
    crew.start("beat")
    others = wait_for(lambda: len(server.bodies) == 999, 240)
    wait_for(lambda: not Delivery.objects.open().exists(), 300)
    row = Delivery.objects.get(key=poison.key)
    rest = Delivery.objects.exclude(pk=row.pk)
    deaths = (crew.folder / "worker.log").read_text(encoding="utf-8").count("exited with 'signal 9 (SIGKILL)'")
    with Figures("4. one among 1,000 kills whoever renders it") as told:
        told.equal("others sent", 999, rest.exclude(sent_at=None).count())
        told.equal("others sent twice", 0, len(server.taken) - 999)
        told.equal("attempts of others", 999, sum(rest.values_list("attempts", flat=True)))
        told.note("others out after s", f"{others:.1f}")
        told.equal("given up", True, row.failed_at is not None)
        told.at_most("attempts it had", settings.MAIL_ATTEMPTS, row.attempts)
        told.at_most("workers it killed", settings.MAIL_ATTEMPTS, deaths)
