"""config.wsgi in which nobody waits for anybody: the control that shows what the row lock is worth."""

from django.db.models import QuerySet

from config.wsgi import application

__all__ = ["application"]

QuerySet.select_for_update = lambda self, *_args, **_kwargs: self
