"""What the worker runs for the archive."""

from celery import shared_task
from django.utils import timezone

from archive import intakes

SECONDS = 30.0


@shared_task(name="archive.tick")
def tick() -> None:
    """Every five seconds: go on with files that are read or taken in."""
    intakes.tick(now=timezone.now(), seconds=SECONDS)
