"""Gunicorn's settings for one machine: `gunicorn -c python:config.local.web config.wsgi`."""

import os

from config.local.children import die_with_parent

MASTER = os.getpid()

bind = [f"127.0.0.1:{os.environ['PORT']}"]
workers = 1
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 2
keepalive = 5
loglevel = "warning"


def post_fork(_server: object, _worker: object) -> None:
    """Gunicorn's own look at its parent comes only between requests; the kernel's does not wait."""
    die_with_parent(MASTER)
