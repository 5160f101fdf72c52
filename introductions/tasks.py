"""What the worker runs for introductions."""

from celery import shared_task
from django.utils import timezone

from introductions import followups, remembering, rounds


@shared_task(name="introductions.tick")
def tick() -> None:
    """Every minute: closed rosters, proposals that waited too long, next steps whose day has come, what came of it."""
    rounds.tick(now=timezone.now())
    remembering.tick(now=timezone.now())
    followups.tick(now=timezone.now())
