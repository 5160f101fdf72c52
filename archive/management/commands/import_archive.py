"""`manage.py import_archive FILE [--dry-run] [--owner MAIL]`: past talks from a file of JSON lines."""

from collections.abc import Sized
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations
from django.db import connection, transaction
from django.utils import timezone

from archive import indexing
from archive.importing import plan as plans
from archive.importing import rows, writing
from archive.importing.plan import Plan
from archive.importing.writing import Missing
from archive.progress import shown
from members.models import Member
from search import sources


class Command(BaseCommand):
    help = (
        "Take in past talks: JSON lines, plain or gzipped, with group, title, held_on and perhaps speakers, "
        "description, language, tags, recording. What is there already stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")
        parser.add_argument("--owner", metavar="MAIL", help="whose the new series are; without it the operator's")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        owner = _owner(options["owner"])
        try:
            lines = rows.lines(options["file"])
        except rows.Unreadable as error:
            raise CommandError(str(error)) from error
        numbered = shown(list(enumerate(lines, start=1)), "read")
        plan = plans.make(numbered, today=timezone.localdate())
        missing = writing.missing(plan, writing.known(plan), now=now)
        if not options["dry_run"]:
            # One transaction: a run that is stopped half-way has written nothing.
            with transaction.atomic():
                writing.write(missing, owner=owner, now=now)
                for batch in shown(indexing.batches(missing.touched), "index"):
                    sources.refresh(batch)
            # Until the next autovacuum the planner would take the tables for as small as they were.
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        self._report(plan, missing, dry_run=options["dry_run"])

    def _report(self, plan: Plan, missing: Missing, *, dry_run: bool) -> None:
        for number, reason in plan.refused:
            self.stdout.write(f"line {number}: not taken: {reason}")
        for number, what in plan.left_out:
            self.stdout.write(f"line {number}: {what}")
        taken = plan.read - len(plan.refused)
        self.stdout.write(f"{plan.read:,} talks read, {taken:,} taken, {len(plan.refused):,} not taken.")
        counts: dict[str, Sized] = {
            "series": missing.series,
            "sessions": missing.sessions,
            "talks": missing.talks,
            "guests": missing.speakers,
        }
        added = ", ".join(f"{len(rows):,} {what}" for what, rows in counts.items())
        self.stdout.write(f"{'Would be new' if dry_run else 'New'}: {added}.")


def _owner(mail: str | None) -> Member | None:
    """Whose the new series are: the one named, else the operator there has been longest, else nobody's."""
    if mail is None:
        return Member.objects.filter(is_staff=True, is_active=True).order_by("pk").first()
    try:
        return Member.objects.get(email=mail.lower())
    except Member.DoesNotExist:
        raise CommandError(f"Nobody here has the address {mail}.") from None
