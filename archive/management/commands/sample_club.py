"""`manage.py sample_club [--if-empty]`: a club to look around in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from archive.sample import build, portraits
from members.models import Member


class Command(BaseCommand):
    help = "Fill an empty database with the sample club, its past and its coming mornings."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are members already")

    def handle(self, *_args: Any, **options: Any) -> None:
        if Member.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There are members already; the sample club wants an empty database.")
        if settings.PRODUCTION:
            raise CommandError("The sample club has an operator whom anybody may know: it is not for production.")
        build(timezone.now())
        portraits.hang()
