"""The wake-up is a courtesy: it must cost whoever commits next to nothing, whatever the broker does."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from celery import current_app
from django.utils import timezone

from config import env
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


def test_a_broker_that_refuses_is_a_warning(settings: Any, refused: int, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS = env.redis(f"redis://127.0.0.1:{refused}")
    wake._send()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_broker_that_hangs_is_a_warning_too(settings: Any, silent: int, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS = env.redis(f"redis://127.0.0.1:{silent}")
    wake._send()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_the_worker_s_queue_receives_it(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    with redis.Redis.from_url(settings.REDIS.url, db=0) as broker:
        before = broker.llen(wake.MAIL_QUEUE)
        wake._send()
        assert (broker.llen(wake.MAIL_QUEUE) - before, caplog.records) == (1, [])
        assert b'"outbox.sweep"' in broker.lrange(wake.MAIL_QUEUE, 0, 0)[0]


def test_it_is_what_celery_itself_would_send(settings: Any) -> None:
    """But for what is each message's own: its numbers, and when it expires."""
    with redis.Redis.from_url(settings.REDIS.url, db=0) as broker:
        current_app.send_task("outbox.sweep", queue=wake.MAIL_QUEUE, ignore_result=True, expires=30)
        by_celery = json.loads(broker.lpop(wake.MAIL_QUEUE))
    first, second = (json.loads(wake._message(now=timezone.now())) for _ in range(2))
    numbers = [{said["headers"]["id"], said["properties"]["delivery_tag"]} for said in (first, second, by_celery)]
    assert len(set.union(*numbers)) == 6
    assert without_its_own(first) == without_its_own(second) == without_its_own(by_celery)


def without_its_own(message: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The number stands in several places, the same in all."""
    headers, properties = message["headers"], message["properties"]
    number = headers.pop("id")
    assert (headers.pop("root_id"), properties.pop("correlation_id")) == (number, number)
    assert len(headers.pop("expires")) == len("2026-11-26T06:14:22.425911+00:00")
    # Filled in once the tasks are registered here, as in a worker, which knows its limits without.
    headers.pop("timelimit")
    # How it went on its way: whose connection, and, for brokers that look at it, when to throw it away.
    for name in ("delivery_tag", "reply_to", "expiration"):
        properties.pop(name, None)
    return message
