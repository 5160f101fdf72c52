"""The worker for one machine: `python -m config.local.worker`.

The same as config.celery, but it ticks by itself, and its child, which does the work, ends with it even when killed.
Started without celery's command line, which would lie in memory (8 MB).
"""

import gc
import os
import sys
import warnings
from typing import Any

from celery.bootsteps import StartStopStep
from celery.exceptions import SecurityWarning
from celery.signals import worker_init, worker_process_init
from django.urls import reverse

from config.celery import TICK_QUEUE, app
from config.local.children import die_with_parent
from outbox.wake import MAIL_QUEUE

MAIN = os.getpid()  # of the process that forks the other

warnings.filterwarnings("ignore", category=SecurityWarning)  # root is welcome here


class Ticks(StartStopStep):
    """Beat's timetable on the timer of the worker's own loop, which saves a process: all once, then each in its time.

    The loop forgets its timers when it loses the broker, and starts this step again when it is back.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, consumer: Any) -> None:
        """Send what is to be looked at, and have it sent again and again."""
        for entry in app.conf.beat_schedule.values():
            task = ((entry["task"],), entry["options"])
            consumer.timer.call_after(1, app.send_task, *task)
            consumer.timer.call_repeatedly(entry["schedule"], app.send_task, *task)


app.steps["consumer"].add(Ticks)


def share_memory(**_sender: object) -> None:
    """Before the fork: load what the child needs, and have the collector never write into those pages (30 MB)."""
    reverse("front")
    gc.collect()
    gc.freeze()


def end_too(**_sender: object) -> None:
    """A prefork child waits for its parent's word for ever."""
    die_with_parent(MAIN)


worker_init.connect(share_memory, weak=False)
worker_process_init.connect(end_too, weak=False)


def main() -> int:
    """Work until a signal; one child does what is due and the mails."""
    worker = app.Worker(
        queues=[TICK_QUEUE, MAIL_QUEUE],
        concurrency=1,
        # A new child every minute or two shares its memory with this process again (16 MB after many mails).
        max_tasks_per_child=50,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return worker.exitcode or 0


if __name__ == "__main__":
    sys.exit(main())
