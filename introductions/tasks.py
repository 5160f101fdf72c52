"""What the worker runs for introductions."""

from celery import shared_task
from django.utils import timezone

from introductions import rounds


@shared_task(name="introductions.tick")
def tick() -> None:
    """Every minute: rosters that were closed, proposals that waited too long."""
    rounds.tick(now=timezone.now())
