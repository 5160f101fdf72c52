"""What the worker runs for guests."""

from celery import shared_task
from django.utils import timezone

from invitations import details
from invitations.models import Follower, Invitation, follower


@shared_task(name="invitations.tick")
def tick() -> None:
    """Every minute: what guests are told of their morning, readers of a guest newly announced; what is forgotten."""
    now = timezone.now()
    details.tick(now=now)
    follower.tell(now=now)
    Follower.objects.stale(now).delete()
    Invitation.objects.forget(now=now)
