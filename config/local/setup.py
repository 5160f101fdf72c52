"""Before the web process starts: messages, static files, tables, the sample club; one process saves seconds.

It runs at every start, so each step first looks, in a tenth of a second, whether there is anything to do.
"""

import hashlib
import os
from importlib import import_module
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import messages


def main() -> None:
    """Bring the data folder and the database to this version of the code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    messages.compile_all()
    django.setup()
    import_module("config.celery")
    collect_static()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    if os.environ.get("SAMPLE") != "0" and "sample_club" in get_commands():
        call_command("sample_club", if_empty=True)


def collect_static() -> None:
    """Gather, hash and compress the static files, unless the last time was over the very same ones."""
    sources = (Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([]))
    state = "\n".join(sorted(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sources))
    mark = hashlib.sha256(state.encode()).hexdigest()
    note = Path(settings.STATIC_ROOT) / ".collected"
    if not note.exists() or note.read_text(encoding="ascii") != mark:
        call_command("collectstatic", interactive=False, verbosity=0)
        note.write_text(mark, encoding="ascii")


if __name__ == "__main__":
    main()
