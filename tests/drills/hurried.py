"""The worker's application with a soft time limit that a drill can wait for."""

from config.celery import app

__all__ = ["app"]

app.conf.task_soft_time_limit = 3
