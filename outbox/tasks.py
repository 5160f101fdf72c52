"""What the worker runs for the outbox."""

from celery import shared_task
from django.utils import timezone

from outbox import by_line, sending
from outbox.by_line import Channel
from outbox.models import Heartbeat


@shared_task(name="outbox.sweep")
def sweep() -> None:
    """Send what is owed. Runs at every tick, and when a committed row wakes it; in a queue of its own.

    A mail server that hangs holds up mails, and nothing else.
    """
    Heartbeat.beat("mailer", now=timezone.now())
    sending.send_due()


@shared_task(name="outbox.line")
def line() -> None:
    """Send what is owed by LINE; apart from the mails, which wait for nobody else's server."""
    if by_line.is_on():
        sending.send_due(channel=Channel.LINE)


@shared_task(name="outbox.tick")
def tick() -> None:
    """The scheduler's sign of life, because only beat sends this, and the worker's, because it runs it."""
    now = timezone.now()
    Heartbeat.beat("scheduler", now=now)
    Heartbeat.beat("worker", now=now)
