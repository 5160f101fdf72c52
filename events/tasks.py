"""What the worker runs for sessions."""

from celery import shared_task
from django.utils import timezone

from events import making, reminders


@shared_task(name="events.tick")
def tick() -> None:
    """Every minute: reminders whose time has come."""
    reminders.carry_out(now=timezone.now())


@shared_task(name="events.make_ahead")
def make_ahead() -> None:
    """Every hour: sessions up to the horizon of their series."""
    making.make_all_ahead(now=timezone.now())
