"""The worker's application with a kind of mail that kills whoever renders it."""

import os
import signal

from config.celery import app
from outbox import kinds
from outbox.topics import Topic

__all__ = ["app"]

POISON = "drill.poison"


def letter(_delivery: object) -> kinds.Letter:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


kinds.register(kinds.Kind(POISON, letter, Topic.ACCOUNT))
