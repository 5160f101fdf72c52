"""Answering on one hot session over HTTP: beside the empty page, and beside what PostgreSQL does with one hot row.

Every request is another member's first answer, with session, CSRF token, seat or place in the queue, and mail. The
three take turns of a second, so that what else the machine does falls on all.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import repeat

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.local.services import postgresql_binaries
from events.models import Partstat, Series, Session
from events.models.series import Joining
from members.devices import SessionStore
from members.models import Member
from tests.bench import load, site
from tests.bench.pages import coming, counted
from tests.bench.site import HEADERS, HOST

AT_ONCE, TURNS, SEATS, PEOPLE = 16, 6, 100, 6000
LEAST, MOST_STATEMENTS, MOST_SPREAD = 0.08, 9, 3
TOKEN = "t" * 32
HOT_ROW = """
WITH event AS (UPDATE bench_event SET taken = taken + 1 WHERE id = 1 RETURNING taken)
INSERT INTO bench_rsvp (event, place) SELECT 1, taken FROM event
"""
ROW = "{:58} {:>10} {:>10}  {}"


def main() -> int:
    """Print the figures; how many limits were missed."""
    session, requests = prepare()
    statements = counted_answer(session)
    answers, hello, tps = load.Result(), load.Result(), []
    hello_request = load.request("/bench/hello/", HEADERS)
    with site.web() as address:
        load.turn(address, requests, load.Result(), seconds=0.5, at_once=AT_ONCE)
        load.turn(address, repeat(hello_request), load.Result(), seconds=0.3, at_once=AT_ONCE)
        for _ in range(TURNS):
            load.turn(address, requests, answers, seconds=1, at_once=AT_ONCE)
            load.turn(address, repeat(hello_request), hello, seconds=1, at_once=AT_ONCE)
            tps.append(hot_row())
    assert set(answers.statuses) == {302}, answers.statuses
    session.refresh_from_db()
    overbooked = max(session.rsvps.seated().count(), session.seats_taken) - SEATS
    pg = sum(tps) / len(tps)
    print(f"answering on one hot session: {AT_ONCE} at once, {answers.statuses.total()} members, {SEATS} seats\n")
    print(ROW.format("", "seen", "limit", ""))
    p50, p99 = answers.within(0.5), answers.within(0.99)
    return sum(
        [
            told("answers a second", answers.per_second),
            told(f"p50, p99 {p99:.0f} ms; p99 in p50", p99 / p50, most=MOST_SPREAD),
            told(
                "hello a second; of which answers are",
                answers.per_second / hello.per_second,
                least=LEAST,
                beside=hello.per_second,
            ),
            told("pgbench, one hot row, one statement; of which", answers.per_second / pg, least=LEAST, beside=pg),
            told("statements an answer", statements, most=MOST_STATEMENTS),
            told("overbooked", overbooked, most=0),
        ]
    )


def told(what: str, seen: float, *, least: float | None = None, most: float | None = None, beside: float = 0) -> bool:
    """Print a row; whether it missed its limit."""
    missed = (least is not None and seen < least) or (most is not None and seen > most)
    limit = f">= {least}" if least is not None else f"<= {most}" if most is not None else ""
    name = f"{what} ({beside:,.0f})" if beside else what
    print(
        ROW.format(name, f"{seen:,.3g}" if seen < 100 else f"{seen:,.0f}", limit, "MISSED" if missed else "").rstrip(),
        flush=True,
    )
    return missed


def prepare() -> tuple[Session, Iterator[bytes]]:
    """A session of its own with SEATS in a series everybody joins, and one request each of PEOPLE who are signed in."""
    now = timezone.now()
    session = coming()
    Series.objects.filter(pk=session.series_id).update(joining=Joining.OPEN)
    session.set_capacity(SEATS, now=now)
    session.rsvps.all().delete()
    Session.objects.filter(pk=session.pk).update(seats_taken=0, last_queue_no=0)
    people = Member.objects.bulk_create(
        Member(email=f"hot{n}@example.com", name=f"会員{n}", industry="G", joined_at=now) for n in range(PEOPLE)
    )
    path, body = reverse("session_rsvp", args=[session.code]), "partstat=ACCEPTED"
    headers = HEADERS | {"Origin": f"https://{HOST}", "X-CSRFToken": TOKEN}
    return session, iter([load.request(path, headers | {"Cookie": signed_in(member)}, body) for member in people])


def signed_in(member: Member) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(member.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = member.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


def counted_answer(session: Session) -> int:
    """Statements of an answer, the mail owed included: the most that coming or not coming needs."""
    client = Client(headers=HEADERS)
    client.force_login(Member.objects.joined().exclude(rsvps__session=session).order_by("pk")[0])
    most = 0
    for partstat in (Partstat.ACCEPTED, Partstat.DECLINED) * 2:
        with counted() as seen:
            response = client.post(reverse("session_rsvp", args=[session.code]), {"partstat": partstat})
        assert response.status_code == 302
        most = max(most, len(seen))
    return most


def hot_row() -> float:
    """What PostgreSQL itself does a second, at as many clients: one statement counts up a row and adds another."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_event (id int PRIMARY KEY, taken int NOT NULL)")
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_rsvp (id bigserial PRIMARY KEY, event int, place int)")
        cursor.execute("INSERT INTO bench_event VALUES (1, 0) ON CONFLICT DO NOTHING")
    pgbench = shutil.which("pgbench", path=f"{postgresql_binaries()[0]}{os.pathsep}{os.environ['PATH']}")
    options = ["-n", "-c", str(AT_ONCE), "-j", "1", "-T", "1", "-f", "/dev/stdin", os.environ["DATABASE_URL"]]
    done = subprocess.run(
        [str(pgbench), *options], input=HOT_ROW.replace("\n", " ") + ";", capture_output=True, text=True, check=True
    )
    return float(re.search(r"tps = ([\d.]+) \(without", done.stdout)[1])
