"""Gunicorn's settings in production: `gunicorn --config python:config.gunicorn config.wsgi`.

Sync workers, because a proxy stands in front and holds slow readers off (docs/operating.md).
"""

import gc
from typing import Any

from config import env

# Of its container; the compose file lets nobody but the machine itself in.
bind = [f"0.0.0.0:{env.number('PORT', 8000)}"]
workers = 2
timeout = 60
graceful_timeout = 20
# Against whatever may leak in a worker: a new one after so many requests, not all in the same moment.
max_requests = 20_000
max_requests_jitter = 2_000
loglevel = "warning"
# Nobody steers it from a shell, and its place would be a home that is not there.
control_socket_disable = True


def post_worker_init(_worker: Any) -> None:
    """What has been loaded by now stays for good: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()
