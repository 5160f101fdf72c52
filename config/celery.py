"""The worker and its ticks. Beat only ticks: what is due, and when, is in PostgreSQL."""

import os

from celery import Celery
from django.conf import settings

from outbox.wake import MAIL_QUEUE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TICK_QUEUE = "ticks"

app = Celery("asakai")
app.set_default()
app.config_from_object(
    {
        "broker_url": settings.REDIS.broker,
        "timezone": "UTC",
        "enable_utc": True,
        "task_ignore_result": True,
        "task_acks_late": True,
        # Safe only because attempts are counted in the outbox row, before the attempt: a poison mail stops by itself.
        "task_reject_on_worker_lost": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_time_limit": 90,
        "task_soft_time_limit": 60,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": 500,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            # The hard time limit stays below this, or a long task runs twice.
            "visibility_timeout": 300,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_timeout": 10,
            "socket_connect_timeout": 1,
            "socket_keepalive": True,
            "health_check_interval": 30,
            "retry_on_timeout": True,
        },
        "task_publish_retry": False,
        # What goes out waits for servers that are not ours, and packing takes minutes; ticks must not wait. Each queue
        # may have a worker of its own.
        "task_routes": {name: {"queue": MAIL_QUEUE} for name in ("outbox.sweep", "outbox.line", "archive.pack")},
        "task_default_queue": TICK_QUEUE,
        "beat_schedule": {
            "outbox": {"task": "outbox.sweep", "schedule": 10.0, "options": {"expires": 30}},
            "scheduler": {"task": "outbox.tick", "schedule": 10.0, "options": {"expires": 30}},
            "line": {"task": "outbox.line", "schedule": 20.0, "options": {"expires": 60}},
            "clock": {"task": "events.tick", "schedule": 60.0, "options": {"expires": 120}},
            "horizon": {"task": "events.make_ahead", "schedule": 3600.0, "options": {"expires": 3000}},
            "invitations": {"task": "invitations.tick", "schedule": 60.0, "options": {"expires": 120}},
            "erasure": {"task": "events.erase", "schedule": 3600.0, "options": {"expires": 3000}},
            "files": {"task": "members.tick", "schedule": 60.0, "options": {"expires": 120}},
            "retention": {"task": "members.forget", "schedule": 3600.0, "options": {"expires": 3000}},
            "imports": {"task": "archive.tick", "schedule": 5.0, "options": {"expires": 15}},
            "packing": {"task": "archive.pack", "schedule": 10.0, "options": {"expires": 15}},
            "intentions": {"task": "records.tick", "schedule": 60.0, "options": {"expires": 120}},
            "introductions": {"task": "introductions.tick", "schedule": 60.0, "options": {"expires": 120}},
        },
    }
)
app.autodiscover_tasks(["outbox", "members", "events", "records", "introductions", "invitations", "archive"])
