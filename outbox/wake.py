"""Wake the worker after the commit. The broker may be away: the row waits and the next sweep finds it."""

import contextlib
import logging

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def on_commit() -> None:
    """Ask, once per transaction, for the due mails to be sent as soon as this transaction has committed."""
    connection = transaction.get_connection()
    if any(func is _send for _, func, *_rest in connection.run_on_commit):
        return
    transaction.on_commit(_send)


def _send() -> None:
    with contextlib.suppress(Exception):
        current_app.send_task("outbox.sweep", retry=False, ignore_result=True)
        return
    log.warning("The broker did not take the wake-up; the next sweep sends the mail.")
