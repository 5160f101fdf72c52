"""What the worker runs for what remains of a session."""

from celery import shared_task
from django.utils import timezone

from records import intentions


@shared_task(name="records.tick")
def tick() -> None:
    """Every minute: who comes to a morning of the next day is asked what became of their own line."""
    intentions.tick(now=timezone.now())
