"""Reminders by the outbox beside a bare loop over the same mail server, in turns; and whether memory stays flat.

The bare loop is Django's own backend over one connection, with the same text and HTML in every mail. Ours claims, asks
each mail whether it is wanted still, renders it, stores what it has rendered, sends and records. FULL=1: 50,000.
"""

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time as clock
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from events.models import Partstat, ReminderRule, Rsvp, Segment, Series, Session, Venue
from members.models import Member
from outbox import sending
from outbox.models import Delivery, Lane
from tests.bench.answering import told

MAILS = 50_000 if os.environ.get("FULL") else 5_000
TURNS, A_TURN = 8, 250
LEAST, MOST_GROWTH = 0.4, 1.0


def main() -> int:
    """Print the figures; how many limits were missed."""
    Delivery.objects.all().delete()
    rows = reminders(max(MAILS, (TURNS + 1) * A_TURN))
    with sink():
        ours, bare, cpu, bare_cpu = in_turns(rows)
        print(f"reminders to one mail server, {TURNS} turns of {A_TURN}\n")
        missed = told("a second; of a bare loop", ours / bare, least=LEAST, beside=bare)
        told("mails a second", ours)
        told("CPU ms a mail, without PostgreSQL", cpu)
        told("CPU ms a mail of the bare loop", bare_cpu)
        missed += told(*memory(rows[(TURNS + 1) * A_TURN :]), most=MOST_GROWTH)
    assert Delivery.objects.exclude(sent_at=None).count() == len(rows)
    return missed


def in_turns(rows: list[Delivery]) -> tuple[float, float, float, float]:
    """Ours and the bare loop a second, and CPU milliseconds a mail of both; the first turn does not count."""
    ours, bare, cpu, bare_cpu = [], [], [], []
    for turn in range(TURNS + 1):
        Delivery.objects.owe_many(rows[turn * A_TURN : (turn + 1) * A_TURN])
        began, began_cpu = time.perf_counter(), time.process_time()
        assert sending.send_due() == A_TURN
        ours.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
        like, began_cpu = Delivery.objects.get(key=rows[0].key), time.process_time()
        bare.append(bare_loop(like))
        bare_cpu.append(time.process_time() - began_cpu)
    counted = TURNS * A_TURN
    a_mail = [1000 * sum(seconds[1:]) / counted for seconds in (cpu, bare_cpu)]
    return counted / sum(ours[1:]), counted / sum(bare[1:]), a_mail[0], a_mail[1]


def bare_loop(like: Delivery) -> float:
    """Seconds for A_TURN mails with the text of this one."""
    said = like.rendered
    began = time.perf_counter()
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend")
    connection.open()
    for n in range(A_TURN):
        to = [f"bare{n}@example.com"]
        mail = EmailMultiAlternatives(said["subject"], said["text"], said["from"], to, connection=connection)
        mail.attach_alternative(said["html"], "text/html")
        mail.send()
    connection.close()
    return time.perf_counter() - began


def memory(rows: list[Delivery]) -> tuple[str, float]:
    """By how many MB this process grows a thousand mails, over the last half."""
    half = len(rows) // 2
    sizes = []
    for part in (rows[:half], rows[half:]):
        Delivery.objects.owe_many(part)
        while sending.send_due():
            pass
        sizes.append(resident())
    name = f"MB more a thousand, the last {len(rows) - half:,} of {len(rows):,} ({sizes[1]:.0f} MB)"
    return name, (sizes[1] - sizes[0]) / (len(rows) - half) * 1000


def resident() -> float:
    """MB of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1_048_576


def reminders(number: int) -> list[Delivery]:
    """So many members with a seat at one session where it is noon, each owed the question whether they still come."""
    now = timezone.now()
    ahead = 12 - now.hour
    zone = f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
    own = Series.objects.create(
        slug="bench-mails", name="朝食会", starts_on=now.date(), at=clock(7), venue=Venue.objects.first(), timezone=zone
    )
    session = Session.objects.create(
        series=own, title="値札のない朝", starts_at=now + timedelta(days=10), timezone=zone, published_at=now,
        capacity=24, venue=own.venue,
    )  # fmt: skip
    rule = ReminderRule.objects.create(
        series=own,
        template=ReminderRule.Template.STILL_COMING,
        audience=Segment.COMING,
        days_before=3,
        at=clock(12, 10),
    )
    people = Member.objects.bulk_create(
        [Member(email=f"mail{n}@example.com", name=f"会員{n}", industry="G", joined_at=now) for n in range(number)],
        batch_size=1000,
    )
    Rsvp.objects.bulk_create(
        [Rsvp(session=session, member=member, partstat=Partstat.ACCEPTED, seated_at=now) for member in people],
        batch_size=1000,
    )
    day = session.local_start.date().isoformat()
    return [
        Delivery(
            kind=f"reminder.{rule.template}",
            key=f"reminder:{session.pk}:{day}:{member.pk}:{rule.template}",
            to=member.email,
            language="ja",
            context={"rule": rule.pk, "session": session.pk, "day": day, "member": member.pk},
            lane=Lane.BULK,
        )
        for member in people
    ]


@contextmanager
def sink() -> Iterator[None]:
    """The mail server in a process of its own, and this process's settings pointing to it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.sink", str(port)])
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)
