import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from outbox import bounces


class Command(BaseCommand):
    help = "Takes in one mail from standard input: a mail server's report of a mail that did not arrive."

    def handle(self, *_args: Any, **_options: Any) -> None:
        raw = sys.stdin.buffer.read(bounces.LARGEST)
        self.stdout.write(bounces.take(raw, now=timezone.now()))
