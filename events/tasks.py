"""What the worker runs for sessions."""

from celery import shared_task
from django.utils import timezone

from events import reminders


@shared_task(name="events.tick")
def tick() -> None:
    """Every minute: reminders whose time has come."""
    reminders.carry_out(now=timezone.now())
