"""Drill 6: the rush of drill 1 through PgBouncer in transaction mode, four connections for eight web workers.

Needs `pgbouncer` (Debian has the package), on the PATH or as PGBOUNCER=/path/to/it. `make drills DRILL=pooled`.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from django.db import connection

from events.models import Session
from members.models import Member
from outbox.models import Delivery
from tests.drills.crew import database_url, free_port, wait_for
from tests.drills.figures import Figures
from tests.drills.seats_http import HEADS, MEMBERS, SEATS, SEATS_AT_FIRST, Crowd, morning
from tests.drills.web import Deadlocks, Web, cookies, web
from tests.events.pages import crowd

ROUNDS, CONNECTIONS, WORKERS = 3, 4, 8
PGBOUNCER = os.environ.get("PGBOUNCER") or shutil.which("pgbouncer")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[str]:
    """The address of the test database behind a pool of its own; stopped by its number."""
    if PGBOUNCER is None:
        pytest.fail("PgBouncer is not here: apt-get install pgbouncer, or PGBOUNCER=/path/to/it")
    port, name = free_port(), str(connection.settings_dict["NAME"])
    parts = urlsplit(database_url())
    host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
    ini = tmp_path / "pgbouncer.ini"
    ini.write_text(
        f"[databases]\n{name} = host={host} user={parts.username or 'postgres'}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {CONNECTIONS}\nlogfile = {tmp_path / 'pgbouncer.log'}\n"
    )
    # It refuses to run as root: where these are the tests of root, it is nobody in a namespace of its own.
    as_nobody = ["unshare", "--user"] if os.geteuid() == 0 else []
    process = subprocess.Popen([*as_nobody, PGBOUNCER, "--quiet", str(ini)])
    try:
        address = f"postgresql://postgres@127.0.0.1:{port}/{name}"
        wait_for(lambda: _answers(address), 20)
        yield f"{address}?pool=transaction"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(address: str) -> bool:
    try:
        with psycopg.connect(address, connect_timeout=2) as line:
            return line.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_the_rush_through_a_pool(pool: str, make_session: Callable[..., Session], kosuke: Member) -> None:
    members = crowd(MEMBERS)
    people = Crowd(members, {member.pk: cookies(member) for member in members})
    host, deadlocks, mornings = cookies(kosuke), Deadlocks(), []
    with web(workers=WORKERS, DATABASE_URL=pool, TRUSTED_PROXY_COUNT="1") as served:
        for _ in range(ROUNDS):
            Delivery.objects.all().delete()
            mornings.append(morning(served, people, make_session(capacity=SEATS_AT_FIRST), host))
        exported = _export(served, host)
    with Figures(
        f"6. drill 1 through PgBouncer, {CONNECTIONS} connections, {WORKERS} workers, {ROUNDS} rounds"
    ) as told:
        told.equal("heads seated, by round", {SEATS}, {one.seated for one in mornings})
        told.equal("seats taken as the session counts", {SEATS}, {one.taken for one in mornings})
        told.equal(
            "heads waiting or told there is no seat", {HEADS - SEATS}, {o.waiting + o.turned_away for o in mornings}
        )
        told.equal("statuses", {302, 409}, set().union(*(one.statuses for one in mornings)))
        told.equal("rounds in which the order was right", ROUNDS, sum(one.in_order for one in mornings))
        told.equal("deadlocks counted and in the log", (0, 0), deadlocks.since())
        told.equal("a list read in batches", 200, exported)
        told.note("slowest round, s", f"{max(one.slowest for one in mornings):.2f}")


def _export(served: Web, host: str) -> int:
    """A page that reads its rows in batches, as a cursor on the server would."""
    return served.post("/series/breakfast/exports/attendance/", {}, host).status
