"""What the worker runs for guests."""

from celery import shared_task
from django.utils import timezone

from invitations import details


@shared_task(name="invitations.tick")
def tick() -> None:
    """Every minute: what guests who have accepted are told of their morning."""
    details.tick(now=timezone.now())
