"""Behind PgBouncer in transaction mode a connection is somebody else's after each transaction: nothing may stay on it.

tests/drills/pooled.py runs the rush for seats through a real one; here stands what keeps it so.
"""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from config import env, health
from tests.events.test_seats_one_door import program

# What outlives a transaction. A lock on rows, and pg_advisory_xact_lock, end with it.
STAYS = re.compile(
    r"pg_(try_)?advisory_lock|\bLISTEN\s+\w|\bUNLISTEN\b|\bPREPARE\s+\w|\bDECLARE\s+\w+.*\bCURSOR\b|"
    r"\bCREATE\s+TEMP|\bSET\s+(SESSION|ROLE)\b|set_config\([^)]*,\s*false\)|WITH HOLD|cursor\(name=",
)


def kept_on_the_connection(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text("utf-8").splitlines() if STAYS.search(line)]


def test_no_module_leaves_anything_on_its_connection() -> None:
    found = {str(path): kept_on_the_connection(path) for path in program()}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ('cursor.execute("SELECT pg_advisory_lock(1)")', True),
        ('cursor.execute("SELECT pg_advisory_xact_lock(1)")', False),
        ('cursor.execute("LISTEN mails")', True),
        ('cursor.execute("SET SESSION lock_timeout = 1")', True),
        ('cursor.execute("SET LOCAL lock_timeout = 1")', False),
        ('cursor.execute("CREATE TEMPORARY TABLE t (n int)")', True),
        ('connection.cursor(name="rows")', True),
        ("rows.select_for_update()", False),
    ],
)
def test_what_would_stay_is_seen(line: str, stays: bool) -> None:
    assert bool(STAYS.search(line)) is stays


def test_the_address_says_that_a_pool_is_in_between() -> None:
    pooled = env.database("postgresql://asakai:x@pool:6432/asakai?pool=transaction")
    direct = env.database("postgresql://asakai:x@db:5432/asakai")
    assert (pooled["OPTIONS"], pooled["DISABLE_SERVER_SIDE_CURSORS"]) == ({}, True)
    assert ("lock_timeout" in direct["OPTIONS"]["options"], direct["DISABLE_SERVER_SIDE_CURSORS"]) == (True, False)
    with pytest.raises(env.ImproperlyConfigured, match="pool=transaction"):
        env.database("postgresql://asakai:x@pool/asakai?pool=statement")


def test_no_statement_is_prepared_on_the_server() -> None:
    """psycopg would prepare what is asked five times, on a connection that is another's by then."""
    settings = env.database("postgresql://asakai:x@pool:6432/asakai?pool=transaction")
    defaults = {"AUTOCOMMIT": True, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "TIME_ZONE": None, "TEST": {}}
    parameters = DatabaseWrapper(defaults | settings, "pooled").get_connection_params()
    assert (parameters["prepare_threshold"], "options" in parameters) == (None, False)


def test_a_role_without_patience_is_not_ready(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
    assert health._database() == "no lock_timeout"
