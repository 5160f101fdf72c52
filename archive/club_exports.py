"""The whole club as one file, asked for by an operator: made by the worker, there for a day, then thrown away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _t
from redis.exceptions import RedisError

from archive.moving import packing
from archive.moving.inventory import Table
from archive.moving.manifest import Manifest
from members.models import Activity, Member

KEPT_FOR = timedelta(hours=24)
# Longer than a worker may take (archive.tasks).
LEASE = timedelta(minutes=6)
TRIES = 2
PROGRESS = "club-export"


class ClubExportQuerySet(models.QuerySet["ClubExport"]):
    @transaction.atomic
    def ask(self, *, now: datetime, actor: Member) -> ClubExport:
        """Have it made. There is one at a time: who asks while one is coming or lies ready gets that one."""
        export, is_new = self.get_or_create(pk=1, defaults={"member": actor, "asked_at": now})
        if not is_new and export.failure:
            self.filter(pk=1).update(member=actor, asked_at=now, failure="", tries=0, busy_until=None)
            export.refresh_from_db()
            is_new = True
        if is_new:
            Activity.record(actor, "club.export", "club", now=now)
        return export

    def waiting(self) -> ClubExportQuerySet:
        return self.filter(made_at=None, failure="")

    def outdated(self, now: datetime) -> ClubExportQuerySet:
        """Ready for a day, or failed a day ago."""
        return self.filter(Q(made_at__lt=now - KEPT_FOR) | Q(asked_at__lt=now - KEPT_FOR, made_at=None))


class ClubExport(models.Model):
    """The one file, always row 1. It holds everybody's addresses and private notes: it lies here for a day at most."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    busy_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    file = models.FileField(max_length=200, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    content = models.CharField(max_length=64, blank=True)

    objects = ClubExportQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="club_export_is_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d}"

    @property
    def is_coming(self) -> bool:
        return self.made_at is None and not self.failure

    @property
    def goes_at(self) -> datetime | None:
        return self.made_at + KEPT_FOR if self.made_at else None

    def make(self, *, now: datetime) -> None:
        """Write the file; one worker at a time, and twice at most."""
        free = ClubExport.objects.waiting().filter(Q(busy_until=None) | Q(busy_until__lt=now), pk=self.pk)
        if not free.update(busy_until=now + LEASE, tries=F("tries") + 1):
            return
        self.refresh_from_db()
        with translation.override(self.member.language if self.member else settings.LANGUAGE_CODE):
            if self.tries > TRIES:
                self._fail(_t("It could not be finished. Please use the command on the server."))
            else:
                self._write(now)

    def discard(self) -> None:
        """The file and the row."""
        if self.file:
            self.file.delete(save=False)
        self.delete()

    def _write(self, now: datetime) -> None:
        name = f"club/{get_random_string(40)}.zip"
        path = Path(default_storage.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        # A worker that was killed has left half a file; there is no other one beside it.
        for left in path.parent.iterdir():
            left.unlink()
        try:
            with packing.private(path) as stored:
                manifest = packing.pack(stored, now=now, shown=_told)
        except OSError as error:
            self._fail(_t("It could not be written: %(why)s") % {"why": error.strerror or error})
        else:
            self._keep(name, path.stat().st_size, manifest)

    def _keep(self, name: str, size: int, manifest: Manifest) -> None:
        rows = sum(one.count for one in manifest.rows)
        values = {"rows": rows, "files": len(manifest.media), "bytes": size, "content": manifest.content}
        # Thrown away meanwhile, nobody would know of the file.
        if not ClubExport.objects.waiting().filter(pk=self.pk).update(made_at=timezone.now(), file=name, **values):
            default_storage.delete(name)

    def _fail(self, why: str) -> None:
        ClubExport.objects.filter(pk=self.pk).update(failure=why[:300])


def tick(*, now: datetime) -> None:
    """Make what was asked for; throw away what has lain a day."""
    for export in ClubExport.objects.outdated(now):
        export.discard()
    for export in ClubExport.objects.waiting():
        export.make(now=now)


def give_up() -> None:
    """The worker's time is over: what is half written has been taken away."""
    for export in ClubExport.objects.waiting().select_related("member"):
        with translation.override(export.member.language if export.member else settings.LANGUAGE_CODE):
            why = _t("It takes longer than the worker may. Please use the command on the server.")
            ClubExport.objects.filter(pk=export.pk).update(failure=why)


def progress() -> tuple[int, int] | None:
    """How many tables are packed, of how many; nothing while nobody packs, or Redis is away."""
    with suppress(RedisError):
        found: tuple[int, int] | None = cache.get(PROGRESS)
        return found
    return None


def _told(tables: Sequence[Table]) -> Iterator[Table]:
    """The tables, one after the other; how far it came stands in Redis: the transaction here only reads."""
    for done, table in enumerate(tables):
        with suppress(RedisError):
            cache.set(PROGRESS, (done, len(tables)), int(LEASE.total_seconds()))
        yield table
