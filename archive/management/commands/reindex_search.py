"""`manage.py reindex_search`: the search index, made anew."""

from typing import Any

from django.core.management.base import BaseCommand

from archive import indexing
from archive.progress import shown


class Command(BaseCommand):
    help = "Make the search index anew from the sessions, while the site runs. Running it twice changes nothing."

    def handle(self, *_args: Any, **_options: Any) -> None:
        count = indexing.everything(lambda batches: shown(batches, "index"))
        self.stdout.write(f"{count:,} documents can be found.")
