"""Is it alive: for load balancers and the operator."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from redis.exceptions import ConnectionError as NoRedis

from outbox.health import PARTS, SILENT_AFTER
from outbox.models import Heartbeat


def ready() -> tuple[int, dict[str, object]]:
    response = Client().get("/readyz")
    return response.status_code, response.json()


def everybody_seen(at: datetime) -> None:
    for part in PARTS:
        Heartbeat.beat(part, now=at)


def test_the_web_process_says_that_it_lives_and_asks_no_database() -> None:
    """Without the fixture `db`, a query would fail."""
    response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_when_all_five_are_well(db: None, now: datetime) -> None:
    everybody_seen(now)
    well = {"ready": True, "database": "ok", "broker": "ok", "worker": "ok", "mailer": "ok", "scheduler": "ok"}
    assert ready() == (200, well)


def test_a_worker_never_seen_and_a_silent_scheduler_are_named(db: None, now: datetime) -> None:
    last = now - SILENT_AFTER - timedelta(seconds=1)
    Heartbeat.beat("scheduler", now=last)
    silent = f"silent since {last:%Y-%m-%dT%H:%M:%SZ}"
    said = {
        "ready": False,
        "database": "ok",
        "broker": "ok",
        "worker": "never seen",
        "mailer": "never seen",
        "scheduler": silent,
    }
    assert ready() == (503, said)


def test_an_isolation_level_under_which_seats_are_not_safe_is_named(db: None, now: datetime) -> None:
    everybody_seen(now)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_transaction_isolation = 'repeatable read'")
    code, said = ready()
    assert (code, said["database"]) == (503, "isolation level is repeatable read")


def test_whoever_stands_still_is_red_within_three_minutes(db: None, now: datetime) -> None:
    everybody_seen(now)
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        assert ready()[0] == 200
    with time_machine.travel(now + timedelta(minutes=3), tick=False):
        code, said = ready()
    silent = f"silent since {now:%Y-%m-%dT%H:%M:%SZ}"
    assert (code, {part: said[part] for part in PARTS}) == (503, dict.fromkeys(PARTS, silent))


def test_a_broker_that_is_away_is_named(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_key: str) -> None:
        raise NoRedis

    everybody_seen(now)
    monkeypatch.setattr(cache, "get", away)
    said = {
        "ready": False,
        "database": "ok",
        "broker": "unreachable",
        "worker": "ok",
        "mailer": "ok",
        "scheduler": "ok",
    }
    assert ready() == (503, said)
