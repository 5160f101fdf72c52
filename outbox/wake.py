"""Wake the worker after the commit. The broker may be away: the row waits and the next sweep finds it."""

import contextlib
import logging
from functools import lru_cache

from celery import Celery, current_app
from django.db import transaction

log = logging.getLogger(__name__)

MAIL_QUEUE = "mail"

# The worker may wait for its broker; whoever has just committed must not: one try, a second at most.
IMPATIENT = {"max_retries": 0, "retry_on_timeout": False, "socket_timeout": 1, "socket_connect_timeout": 1}


def on_commit() -> None:
    """Ask, once per transaction, for the due mails to be sent as soon as this transaction has committed."""
    connection = transaction.get_connection()
    if any(func is _send for _, func, *_rest in connection.run_on_commit):
        return
    transaction.on_commit(_send)


def _send() -> None:
    with contextlib.suppress(Exception):
        _bell(current_app.conf.broker_url).send_task(
            "outbox.sweep", queue=MAIL_QUEUE, retry=False, ignore_result=True, expires=30
        )
        return
    log.warning("The broker did not take the wake-up; the next sweep sends the mail.")


@lru_cache
def _bell(broker: str) -> Celery:
    """An application that only sends, with connections of its own: Celery's would try for 6 s, or wait for 40."""
    options = current_app.conf.broker_transport_options | IMPATIENT
    return Celery("wake", broker=broker, set_as_current=False, broker_transport_options=options)
