"""The worker's application for one machine: `celery -A config.local.worker worker -B`.

The same as config.celery, but its children (one worker, beat) end with it even when it is killed.
"""

import gc
import os
import warnings

from celery.exceptions import SecurityWarning
from celery.signals import beat_embedded_init, worker_init, worker_process_init

from config.celery import app
from config.local.children import die_with_parent

__all__ = ["app"]

MAIN = os.getpid()  # of the process that forks the others

warnings.filterwarnings("ignore", category=SecurityWarning)  # root is welcome here


def share_memory(**_sender: object) -> None:
    """Before the fork: what is loaded is never collected, so the collector must not write into its pages (30 MB)."""
    gc.freeze()


def end_too(**_sender: object) -> None:
    """Prefork children wait for their parent's word for ever, and beat would go on ticking."""
    die_with_parent(MAIN)


worker_init.connect(share_memory, weak=False)
worker_process_init.connect(end_too, weak=False)
beat_embedded_init.connect(end_too, weak=False)
