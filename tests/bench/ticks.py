"""What a minute with nothing to do costs, a thousand sessions ahead; and what a request pays to wake the worker."""

import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from statistics import median
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from events import reminders
from events.models import Rsvp, Series, Session
from events.models.reminder import MONTHLY, begin_with
from members.models import Member
from outbox import wake
from tests.bench.answering import told
from tests.bench.pages import counted

SESSIONS, ANSWERS, SERIES = 1000, 100, 10
ZONES = ["Asia/Tokyo", "Europe/Berlin", "America/New_York"]
MOST_STATEMENTS, MOST_CPU, MOST_MILLISECONDS, TIMES = 4, 50, 1, 15


def main() -> int:
    """Print the figures; how many limits were missed."""
    few, _ = tick()
    fill()
    statements, cpu = tick()
    print(f"the tick of reminders, {SESSIONS:,} sessions ahead with {ANSWERS} answers each, nothing due\n")
    return sum(
        [
            told(
                f"statements; with {Session.objects.count() - SESSIONS} sessions {few}",
                statements,
                most=MOST_STATEMENTS,
            ),
            told("CPU ms, median", cpu, most=MOST_CPU),
            told("waking the worker from a web request, ms, median", ring(), most=MOST_MILLISECONDS),
        ]
    )


def tick() -> tuple[int, float]:
    """Statements and CPU milliseconds of one that finds nothing due; the first has done what was."""
    reminders.carry_out(now=timezone.now())
    milliseconds = []
    for _ in range(TIMES):
        began = time.process_time()
        with counted() as seen:
            assert reminders.carry_out(now=timezone.now()) == 0
        milliseconds.append((time.process_time() - began) * 1000)
    return len(seen), median(milliseconds)


def fill() -> None:
    """Sessions eight to thirty-one days ahead, in series with the reminders a series begins with: none is due yet."""
    now = timezone.now()
    made = []
    for n in range(SERIES):
        zone = ZONES[n % len(ZONES)]
        series = Series.objects.create(
            slug=f"bench{n}", name=f"bench{n}", starts_on=now.date(), at=clock(7), timezone=zone
        )
        begin_with(series, MONTHLY)
        for m in range(SESSIONS // SERIES):
            day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=8 + m % 22)
            starts = datetime.combine(day, clock(7), tzinfo=ZoneInfo(zone)).astimezone(UTC)
            one = Session(series=series, title=f"{m}", starts_at=starts, timezone=zone, published_at=now)
            one.complete()
            made.append(one)
    Session.objects.bulk_create(made)
    people = Member.objects.bulk_create(
        Member(email=f"tick{n}@example.com", name=f"会員{n}", industry="G", joined_at=now) for n in range(ANSWERS)
    )
    Rsvp.objects.bulk_create(
        [Rsvp(session=one, member=member, partstat="DECLINED") for one in made for member in people], batch_size=5000
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def ring() -> float:
    """Milliseconds of one wake-up, as it runs after the commit of a request."""
    milliseconds = []
    for _ in range(200):
        began = time.perf_counter()
        wake._send()
        milliseconds.append((time.perf_counter() - began) * 1000)
    return median(milliseconds[20:])
