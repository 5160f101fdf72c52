"""What the worker runs for sessions."""

from celery import shared_task
from django.utils import timezone

from events import becoming, check_in, erasure, every_time, making, passing_on, reminders, visiting


@shared_task(name="events.tick")
def tick() -> None:
    """Every minute: reminders whose time has come, seats nobody took in time, and who is asked whether they come."""
    now = timezone.now()
    passing_on.carry_on(now=now)
    every_time.carry_on(now=now)
    check_in.close_left_open(now=now)
    reminders.carry_out(now=now)


@shared_task(name="events.make_ahead")
def make_ahead() -> None:
    """Every hour: sessions up to the horizon of their series; absences of who comes every time; visitors forgotten.

    And friends and walk-ins who have become members find their mornings.
    """
    now = timezone.now()
    becoming.join_known(now=now)
    making.make_all_ahead(now=now)
    every_time.count_absences(now=now)
    visiting.forget(now=now)


@shared_task(name="events.erase")
def erase() -> None:
    """Every hour: what was asked for one morning and has served."""
    erasure.erase(now=timezone.now())
