#!/usr/bin/env python
"""Asakai's command line: migrations, the sample club, imports, the first operator."""

import os
import sys
from importlib import import_module

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # What a command commits wakes the worker; without this, celery would look for a broker of its own.
    import_module("config.celery")
    execute_from_command_line(sys.argv)
