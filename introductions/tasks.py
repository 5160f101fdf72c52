"""What the worker runs for introductions."""

from celery import shared_task
from django.utils import timezone

from introductions import followups, looking, remembering, rounds


@shared_task(name="introductions.tick")
def tick() -> None:
    """Every minute: closed rosters, proposals that waited too long, mornings ahead, next steps, what came of it."""
    looking.tick(now=timezone.now())
    rounds.tick(now=timezone.now())
    remembering.tick(now=timezone.now())
    followups.tick(now=timezone.now())
