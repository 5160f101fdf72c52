"""Drill 4, the scheduler: three at once, and none for two hours. Each reminder goes once, or says why it did not.

The scheduler remembers nothing: what is due, and what has been carried out, is in PostgreSQL. So a scheduler that comes
back after two hours is one whose first tick finds due times two hours ago, and that is how it is played here: with due
times in the past, not with a clock that was turned. `make drills DRILL=clocks`; FULL=1: two minutes of it.
"""

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import redis
from django.utils import timezone

from events.models import Membership, ReminderRule, ReminderRun, Segment, Series, Session
from outbox.models import Delivery
from tests.drills.conftest import where_it_is_noon
from tests.drills.crew import Crew, Server, wait_for
from tests.drills.figures import FULL, Figures
from tests.events.pages import crowd

WAVES, A_WAVE = (24, 25) if FULL else (6, 25)
SECONDS_BETWEEN = 5
Template = ReminderRule.Template

pytestmark = pytest.mark.django_db(transaction=True)


def invited(series: Series, number: int, name: str, *, since: timedelta, template: str = Template.INVITE) -> Session:
    """A series of its own with so many members, and a session for which a reminder fell due so long ago."""
    zone = ZoneInfo(where_it_is_noon())
    due = timezone.now().astimezone(zone) - since
    own = Series.objects.create(slug=name, name=name, starts_on=series.starts_on, at=series.at, timezone=zone.key)
    Membership.objects.bulk_create(Membership(series=own, member=member) for member in crowd(number))
    days = 1 if template == Template.TOMORROW else 7
    ReminderRule.objects.create(
        series=own, template=template, audience=Segment.UNANSWERED, days_before=days, at=due.time().replace(second=0)
    )
    starts = datetime.combine(due.date() + timedelta(days=days), series.at, tzinfo=zone).astimezone(UTC)
    return Session.objects.create(
        series=own, title=name, starts_at=starts, timezone=zone.key, published_at=timezone.now(), capacity=24
    )


def test_three_schedulers_at_once_send_nothing_twice(
    crew: Crew, server: Server, broker: object, series: Series
) -> None:
    server.seconds_a_mail = 0
    crew.start("worker", "-c", "4", app="tests.drills.ticking")
    for beat in ("beat1", "beat2", "beat3"):
        crew.start(beat, app="tests.drills.ticking")
    for wave in range(WAVES):
        invited(series, A_WAVE, f"wave{wave}", since=timedelta(minutes=5))
        time.sleep(SECONDS_BETWEEN)
    wait_for(lambda: len(server.bodies) == WAVES * A_WAVE, 120)
    time.sleep(5)
    with Figures(f"4. three schedulers, ticks every second, {WAVES * SECONDS_BETWEEN} s") as told:
        told.equal("reminders owed", WAVES * A_WAVE, Delivery.objects.count())
        told.equal("arrived", WAVES * A_WAVE, len(server.bodies))
        told.equal("arrived twice", 0, len(server.taken) - len(server.bodies))
        told.equal("rules carried out", WAVES, ReminderRun.objects.count())
        told.equal("schedulers at work", 3, sum(crew.running[f"beat{n}"].poll() is None for n in (1, 2, 3)))


def test_a_scheduler_that_was_dead_for_two_hours_sends_what_is_still_worth_it_once(
    crew: Crew, server: Server, broker: redis.Redis, series: Series, reminders: Callable[[int], list[Delivery]]
) -> None:
    server.seconds_a_mail = 0
    two_hours, now = timedelta(hours=2), timezone.now()
    invited(series, 40, "still worth it", since=two_hours)
    invited(series, 40, "useless by now", since=two_hours + timedelta(hours=2), template=Template.TOMORROW)
    owed = reminders(20)
    for n, row in enumerate(owed):
        row.created_at = row.next_attempt_at = now - two_hours
        row.useful_until = now - timedelta(minutes=1) if n < 10 else now + two_hours
    Delivery.objects.owe_many(owed)
    broker.flushall()  # the wake-up of these was two hours ago
    crew.start("worker", app="tests.drills.ticking")
    time.sleep(8)
    before = len(server.taken)
    crew.start("beat", app="tests.drills.ticking")
    wait_for(lambda: len(server.taken) >= 50, 120)
    time.sleep(5)
    endings = Counter(Delivery.objects.values_list("drop_reason", flat=True))
    with Figures("4. the scheduler dead for two hours") as told:
        told.equal("sent without a scheduler", 0, before)
        told.equal("sent: 40 due two hours ago, 10 owed", 50, len(server.bodies))
        told.equal("sent twice", 0, len(server.taken) - len(server.bodies))
        told.equal("rows sent; expired", {"": 50, "expired": 10}, dict(endings))
        told.equal("the useless reminder was not even owed", 1, ReminderRun.objects.count())
