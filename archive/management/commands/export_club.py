"""`manage.py export_club club.zip`, or `-`: the whole club in one archive."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from archive.moving import packing
from archive.progress import shown


class Command(BaseCommand):
    help = (
        "Write everything the club has into one archive, while the site runs, for `import_club` on another machine. "
        "It holds everybody's addresses and private notes: keep it as you keep a backup."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to; - is standard output")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        is_piped = str(path) == "-"
        try:
            with nullcontext(sys.stdout.buffer) if is_piped else packing.private(path) as file:
                manifest = packing.pack(file, now=timezone.now(), shown=lambda rows: shown(rows, "tables"))
        except OSError as error:
            raise CommandError(str(error)) from error
        said = self.stderr if is_piped else self.stdout
        for name in manifest.missing:
            self.stderr.write(f"A row speaks of {name}, but there is no such file.")
        rows = sum(one.count for one in manifest.rows)
        said.write(f"{rows:,} rows of {len(manifest.rows)} tables, {len(manifest.media):,} files.")
        said.write(f"content {manifest.content}")
