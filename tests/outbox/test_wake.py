"""The wake-up is a courtesy: it must cost whoever commits next to nothing, whatever the broker does."""

import socket
from collections.abc import Iterator

import pytest
import redis
from celery import Celery, current_app
from django.conf import settings

from outbox import wake


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


def test_a_broker_that_refuses_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, refused: int, caplog: pytest.LogCaptureFixture
) -> None:
    use(monkeypatch, refused)
    wake._send()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_broker_that_hangs_is_a_warning_too(
    monkeypatch: pytest.MonkeyPatch, silent: int, caplog: pytest.LogCaptureFixture
) -> None:
    use(monkeypatch, silent)
    wake._send()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_the_worker_s_queue_receives_it(caplog: pytest.LogCaptureFixture) -> None:
    with redis.Redis.from_url(settings.REDIS.url, db=0) as broker:
        before = broker.llen(wake.MAIL_QUEUE)
        wake._send()
        assert (broker.llen(wake.MAIL_QUEUE) - before, caplog.records) == (1, [])
        assert b'"outbox.sweep"' in broker.lrange(wake.MAIL_QUEUE, 0, 0)[0]
