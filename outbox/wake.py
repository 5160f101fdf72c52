"""Wake the worker after the commit. The broker may be away: the row waits and the next sweep finds it."""

import contextlib
import json
import logging
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from celery import Celery
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

MAIL_QUEUE = "mail"
# A worker that comes later than this has a sweep of its own.
EXPIRES = timedelta(seconds=30)


def on_commit() -> None:
    """Ask, once per transaction, for the due mails to be sent as soon as this transaction has committed."""
    connection = transaction.get_connection()
    if any(func is _send for _, func, *_rest in connection.run_on_commit):
        return
    transaction.on_commit(_send)


def _send() -> None:
    with contextlib.suppress(Exception):
        _broker(settings.REDIS.url).lpush(MAIL_QUEUE, _message(now=timezone.now()))
        return
    log.warning("The broker did not take the wake-up; the next sweep sends the mail.")


@cache
def _broker(url: str) -> Redis:
    """The worker may wait for its broker; whoever has just committed must not: one try, a second at most."""
    return Redis.from_url(url, db=0, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))


def _message(*, now: datetime) -> str:
    """Celery's message, with what is its own in each. To have Celery make and send it takes seven times as long."""
    said, number = _like(), str(uuid4())
    own = {"id": number, "root_id": number, "expires": (now + EXPIRES).isoformat()}
    properties = {"correlation_id": number, "delivery_tag": str(uuid4())}
    return json.dumps(said | {"headers": said["headers"] | own, "properties": said["properties"] | properties})


@cache
def _like() -> dict[str, Any]:
    """A message as Celery makes it: sent once to a broker that is nowhere but in this process."""
    app = Celery("wake", broker="memory://localhost", set_as_current=False)
    app.send_task("outbox.sweep", queue=MAIL_QUEUE, ignore_result=True)
    with app.connection_for_read() as connection, connection.SimpleQueue(MAIL_QUEUE) as queue:
        said: dict[str, Any] = queue.get(block=False).serializable()  # type: ignore[attr-defined]
    return said
