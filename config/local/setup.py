"""Before web and worker start: messages, tables, static files, the sample club; one process saves seconds."""

import os

import django
from django.conf import settings
from django.core.management import call_command, get_commands

from config import messages


def main() -> None:
    """Safe to run at every start: each step does only what is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    messages.compile_all()
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    if not settings.WHITENOISE_USE_FINDERS:
        call_command("collectstatic", interactive=False, verbosity=0)
    if os.environ.get("SAMPLE") != "0" and "sample_club" in get_commands():
        call_command("sample_club", if_empty=True)


if __name__ == "__main__":
    main()
