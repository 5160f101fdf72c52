"""`manage.py play_season [--sessions 12] [--mails DIR]`: a season played through on the sample club."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from archive import season
from events.models import Membership, Series
from members.models import Member
from outbox.models import Delivery

ROW = "{:>7} {:>5} {:>10} {:>7} {:>10} {:>10} {:>9} {:>5}"

HEADS = ("morning", "came", "every time", "tables", "new pairs", "met again", "proposed", "made")


class Command(BaseCommand):
    help = "Play a season on the sample club: arrivals, tables, lists, introductions, yes and no, what came of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sessions", type=int, default=12)
        parser.add_argument("--mails", type=Path, help="write every mail it sent there, as text")

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("A season is played on a sample club, not where people are.")
        if Series.objects.filter(slug=season.SLUG).exists():
            raise CommandError("A season was played here already.")
        host = Membership.objects.filter(role=Membership.Role.OWNER).order_by("pk")[0].member
        people = list(Member.objects.joined().exclude(pk=host.pk).order_by("pk"))
        played = season.play(options["sessions"], host=host, people=people, now=timezone.now())
        self.stdout.write(ROW.format(*HEADS))
        for one in played.mornings:
            self.stdout.write(ROW.format(*vars(one).values()))
        found = played.numbers
        self.stdout.write(f"{found.made} introductions made, {found.met} led to a meeting, {found.useful} were useful")
        kinds = Counter(Delivery.objects.filter(sent_at__isnull=False).values_list("kind", flat=True))
        self.stdout.write(
            f"{played.mails} mails sent: " + ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
        )
        if options["mails"]:
            self.stdout.write(f"{_write(options['mails'])} mails in {options['mails']}")


def _write(folder: Path) -> int:
    """The mails as they went, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = Delivery.objects.filter(sent_at__isnull=False).order_by("pk")
    for number, row in enumerate(rows, start=1):
        words = row.rendered or {}
        text = f"To: {row.to}\nSubject: {words.get('subject')}\n\n{words.get('text')}"
        (folder / f"{number:04}-{row.kind}.txt").write_text(text, encoding="utf-8")
    return len(rows)
