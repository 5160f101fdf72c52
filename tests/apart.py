"""What each process of pytest-xdist has for itself: a Valkey and a folder. It is loaded before settings are read.

PostgreSQL is shared; pytest-django gives each process a database of its own there.
"""

import atexit
import os
from contextlib import ExitStack
from pathlib import Path

from config.local import home
from config.local.services import embedded

if number := os.environ.get("PYTEST_XDIST_WORKER"):
    data = Path(os.environ["DATA_DIR"]) / number
    opened = ExitStack()
    servers = opened.enter_context(
        embedded(data, {"DATABASE_URL": os.environ["DATABASE_URL"]}, lock=home.lock(data, "tests"), durable=False)
    )
    atexit.register(opened.close)
    os.environ |= servers.environ | {"DATA_DIR": str(data)}
