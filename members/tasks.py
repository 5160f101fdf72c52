"""What the worker runs for members."""

from celery import shared_task
from django.utils import timezone

from members import exports, retention


@shared_task(name="members.tick")
def tick() -> None:
    """Every minute: files somebody asked for."""
    exports.tick(now=timezone.now())


@shared_task(name="members.forget")
def forget() -> None:
    """Every hour: what has been kept long enough."""
    retention.forget(now=timezone.now())
