"""The wake-up is a courtesy: it must cost whoever commits next to nothing, whatever the broker does."""

import socket
import time
from collections.abc import Iterator

import pytest
import redis
from celery import Celery, current_app
from django.conf import settings

from outbox import wake


def seconds() -> float:
    began = time.perf_counter()
    wake._send()
    return time.perf_counter() - began


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def refused() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def use(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    broker = f"redis://127.0.0.1:{port}/0"
    options = current_app.conf.broker_transport_options
    app = Celery("elsewhere", broker=broker, set_as_current=False, broker_transport_options=options)
    monkeypatch.setattr(wake, "current_app", app)


def test_a_broker_that_refuses_costs_less_than_fifty_milliseconds(
    monkeypatch: pytest.MonkeyPatch, refused: int, caplog: pytest.LogCaptureFixture
) -> None:
    use(monkeypatch, refused)
    seconds()  # the first of a process loads what it needs
    assert max(seconds() for _ in range(5)) < 0.05
    assert len(caplog.records) == 6


def test_a_broker_that_hangs_costs_a_second(
    monkeypatch: pytest.MonkeyPatch, silent: int, caplog: pytest.LogCaptureFixture
) -> None:
    use(monkeypatch, silent)
    assert 0.9 < seconds() < 1.5
    assert len(caplog.records) == 1


def test_the_worker_s_queue_receives_it(caplog: pytest.LogCaptureFixture) -> None:
    with redis.Redis.from_url(settings.REDIS.url, db=0) as broker:
        before = broker.llen("celery")
        wake._send()
        assert (broker.llen("celery") - before, caplog.records) == (1, [])
        assert b'"outbox.sweep"' in broker.lrange("celery", 0, 0)[0]
