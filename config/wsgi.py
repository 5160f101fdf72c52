"""The web process. It knows the worker's broker, because what it commits wakes the worker."""

import os

from django.core.wsgi import get_wsgi_application

from config.celery import app as celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

__all__ = ["application", "celery"]
