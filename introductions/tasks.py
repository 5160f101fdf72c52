"""What the worker runs for introductions."""

from celery import shared_task
from django.utils import timezone

from introductions import remembering, rounds


@shared_task(name="introductions.tick")
def tick() -> None:
    """Every minute: rosters that were closed, proposals that waited too long, next steps whose day has come."""
    rounds.tick(now=timezone.now())
    remembering.tick(now=timezone.now())
