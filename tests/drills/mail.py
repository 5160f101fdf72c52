"""Drill 3: the worker's whole process tree dies again and again, and not one reminder is lost.

`make drills DRILL=mail`; FULL=1 is five thousand reminders and twenty kills, with the lease of production.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.utils import timezone

from outbox.models import Delivery
from tests.drills.crew import SECONDS_A_MAIL, Ambush, Crew, Server, wait_for
from tests.drills.figures import FULL, Figures

SEED = 2026
PEOPLE = 5000 if FULL else 500
KILLS_ANYWHERE, KILLS_AFTER_250 = (10, 10) if FULL else (4, 3)
LEASE_SECONDS = settings.MAIL_LEASE_SECONDS if FULL else 5
PROCESSES = 2
RECOVERED_SECONDS = 300

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Kills:
    """The worker killed and begun anew; when, and which mails it left claimed."""

    crew: Crew
    at: list[float] = field(default_factory=list)
    orphans: dict[int, float] = field(default_factory=dict)

    def start(self) -> None:
        self.crew.start("worker", "-c", str(PROCESSES), MAIL_LEASE_SECONDS=str(LEASE_SECONDS))

    def kill(self) -> None:
        self.crew.kill("worker")
        now = timezone.now()
        for pk in Delivery.objects.open().filter(next_attempt_at__gt=now).values_list("pk", flat=True):
            self.orphans[pk] = now.timestamp()

    def slowest_recovery(self) -> float:
        """Seconds from a kill to the record of the last mail that was left by it, and by no later one again."""
        sent = Delivery.objects.filter(pk__in=self.orphans).values_list("pk", "sent_at")
        return max(at.timestamp() - self.orphans[pk] for pk, at in sent)


def anywhere(kills: Kills, server: Server, dice: random.Random) -> None:
    """After some more mails, at any moment of the next."""
    so_far, more = len(server.taken), dice.randint(15, 45)
    wait_for(lambda: len(server.taken) >= so_far + more, 60)
    time.sleep(dice.uniform(0, 2 * SECONDS_A_MAIL))
    kills.kill()


def test_kill_9_of_the_worker_loses_no_reminder_and_doubles_only_what_was_on_its_way(
    crew: Crew, server: Server, broker: object, reminders: Callable[[int], list[Delivery]]
) -> None:
    dice, began, kills = random.Random(SEED), time.monotonic(), Kills(crew)
    rows = reminders(PEOPLE)
    Delivery.objects.owe_many(rows)
    ways = ["anywhere"] * KILLS_ANYWHERE + ["after 250"] * KILLS_AFTER_250
    dice.shuffle(ways)
    crew.start("beat")
    kills.start()
    with Ambush(rows, kills.kill) as ambush:
        for way in ways:
            if way == "anywhere":
                anywhere(kills, server, dice)
            else:
                ambush.lie_in_wait(server)
            kills.start()
    wait_for(lambda: not Delivery.objects.open().exists(), 560)
    bodies = server.bodies
    doubled = {name: len(copies) - 1 for name, copies in bodies.items() if len(copies) > 1}
    attempts = sum(Delivery.objects.values_list("attempts", flat=True))
    with Figures(f"3. {PEOPLE} reminders, {len(ways)} times kill -9, {KILLS_AFTER_250} between 250 and record") as told:
        told.equal("lost", 0, len({row.message_id for row in rows} - set(bodies)))
        told.equal("recorded as sent", PEOPLE, Delivery.objects.exclude(sent_at=None).count())
        told.at_most("sent twice: what was in flight", len(ways) * PROCESSES, sum(doubled.values()))
        told.at_least("sent twice: those killed between 250 and record", len(set(ambush.caught)), len(doubled))
        told.equal("caught there and not sent again", set(), set(ambush.caught) - set(doubled))
        told.equal("of which not byte for byte the same", 0, sum(len(set(c)) > 1 for c in bodies.values()))
        told.at_most("attempts", PEOPLE + len(ways) * PROCESSES, attempts)
        told.note("left claimed by the kills", f"{len(kills.orphans)}, lease {LEASE_SECONDS} s")
        told.at_most("the last of those sent, s after its kill", RECOVERED_SECONDS, kills.slowest_recovery())
        told.at_most("seconds", 600, time.monotonic() - began)
