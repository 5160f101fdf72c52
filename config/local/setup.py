"""Before the web process starts: messages, tables, the sample club; one process saves seconds.

It runs at every start, so each step first looks, in a tenth of a second, whether there is anything to do.
"""

import os
from importlib import import_module
from pathlib import Path

import django
from django.conf import settings
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
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        load_all()
        call_command("migrate", interactive=False, verbosity=0)
    if os.environ.get("SAMPLE") != "0" and "sample_club" in get_commands():
        call_command("sample_club", if_empty=True)


def load_all() -> None:
    """At the first start: have all there is compiled here, for a process keeps what compiling leaves behind (30 MB)."""
    import_module("config.celery").app.loader.import_default_modules()
    for name in ("config.urls", "gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "config.local.worker"):
        import_module(name)
    for name in ("apps.worker", "concurrency.prefork", "worker.consumer", "worker.components"):
        import_module(f"celery.{name}")


if __name__ == "__main__":
    main()
