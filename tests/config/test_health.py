"""Is it alive: for load balancers and the operator."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from redis.exceptions import ConnectionError as NoRedis

from config import health
from outbox.models import Heartbeat


def ready() -> tuple[int, dict[str, object]]:
    response = Client().get("/readyz")
    return response.status_code, response.json()


def test_the_web_process_says_that_it_lives_and_asks_no_database() -> None:
    """Without the fixture `db`, a query would fail."""
    response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_when_all_four_are_well(db: None, now: datetime) -> None:
    Heartbeat.beat("worker", now=now)
    Heartbeat.beat("scheduler", now=now)
    well = {"ready": True, "database": "ok", "broker": "ok", "worker": "ok", "scheduler": "ok"}
    assert ready() == (200, well)


def test_a_worker_never_seen_and_a_silent_scheduler_are_named(db: None, now: datetime) -> None:
    last = now - health.SILENT_AFTER - timedelta(seconds=1)
    Heartbeat.beat("scheduler", now=last)
    silent = f"silent since {last:%Y-%m-%dT%H:%M:%SZ}"
    said = {"ready": False, "database": "ok", "broker": "ok", "worker": "never seen", "scheduler": silent}
    assert ready() == (503, said)


def test_a_broker_that_is_away_is_named(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_key: str) -> None:
        raise NoRedis

    Heartbeat.beat("worker", now=now)
    Heartbeat.beat("scheduler", now=now)
    monkeypatch.setattr(cache, "get", away)
    said = {"ready": False, "database": "ok", "broker": "unreachable", "worker": "ok", "scheduler": "ok"}
    assert ready() == (503, said)
