"""The worker's application with ticks every second: what a minute would show in an hour."""

from config.celery import app

__all__ = ["app"]

for name in ("outbox", "clock"):
    app.conf.beat_schedule[name]["schedule"] = 1.0
