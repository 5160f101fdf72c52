"""`manage.py import_club club.zip [--without-mails]`: a whole club taken in by an installation that is fresh."""

from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from archive import indexing
from archive.moving import unpacking
from archive.moving.manifest import Refused
from archive.progress import shown
from outbox.models import Delivery

GIGABYTE = 1_000_000_000


class Command(BaseCommand):
    help = "Take in the archive that `export_club` wrote: all of it or nothing, where nobody and nothing is yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--gigabytes", type=int, default=20, help="how big it may be unpacked (20)")
        parser.add_argument(
            "--without-mails", action="store_true", help="mails still owed do not go out from here: a rehearsal"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        at_most = options["gigabytes"] * GIGABYTE
        finish = self._close_mails if options["without_mails"] else lambda: None
        try:
            manifest = unpacking.unpack(
                options["file"], at_most=at_most, finish=finish, shown=lambda parts: shown(parts, "taken in")
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        for name in manifest.missing:
            self.stderr.write(f"A row speaks of {name}; the file was not there when the archive was made.")
        for one in manifest.rows:
            self.stdout.write(f"{one.count:>9,}  {one.model}")
        self.stdout.write(f"{len(manifest.media):>9,}  files")
        self.stdout.write(f"content {manifest.content}")
        cache.clear()
        indexing.everything(lambda batches: shown(batches, "index"))
        # Until the next autovacuum the planner would take the tables for as small as they were.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _close_mails(self) -> None:
        owed = list(Delivery.objects.open())
        for delivery in owed:
            delivery.drop("taken in without mails", now=timezone.now())
        self.stdout.write(f"{len(owed):,} mails that were owed do not go out from here.")
