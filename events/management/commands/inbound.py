import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import inbound
from outbox.bounces import LARGEST


class Command(BaseCommand):
    help = "Takes in one mail from standard input: a report of a mail that did not arrive, or an answer by a calendar."

    def handle(self, *_args: Any, **_options: Any) -> None:
        raw = sys.stdin.buffer.read(LARGEST)
        self.stdout.write(inbound.take(raw, now=timezone.now()))
