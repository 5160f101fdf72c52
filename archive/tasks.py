"""What the worker runs for the archive."""

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from archive import club_exports, intakes

SECONDS = 30.0
# Below the broker's visibility timeout, or it would be made twice (config/celery.py).
PACKING_SECONDS = 270


@shared_task(name="archive.tick")
def tick() -> None:
    """Every five seconds: go on with files that are read or taken in."""
    intakes.tick(now=timezone.now(), seconds=SECONDS)


@shared_task(name="archive.pack", soft_time_limit=PACKING_SECONDS, time_limit=PACKING_SECONDS + 20)
def pack() -> None:
    """Every ten seconds: the whole club as a file, where an operator has asked for one."""
    try:
        club_exports.tick(now=timezone.now())
    except SoftTimeLimitExceeded:
        club_exports.give_up()
