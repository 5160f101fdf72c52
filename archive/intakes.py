"""Past mornings or people, taken into a series from a file: read by the worker, looked at, taken in, taken back."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _t

from archive import people
from archive.importing import fetching, plan, sources, taking
from archive.importing import people as listed
from archive.importing.fetching import NotFetched
from archive.importing.people import Named
from archive.importing.rows import Refused, Row, Unreadable
from archive.importing.sources import Kind
from events.models import Series, Talk
from members.fields import CodeField, LineField
from members.models import Activity, Member

MOST_ROWS = 20_000
BATCH = 100
# Coming days are taken in too, as drafts.
AHEAD = timedelta(days=400)
KEPT_UNTAKEN = timedelta(days=7)
TRIES = 3
# Longer than a worker may work at once (config.celery).
LEASE = timedelta(seconds=120)
NAME_LENGTH = 120
# What an entry of a file becomes.
Entry = Row | Named | Refused


def random_name(_intake: Intake, _name: str) -> str:
    return f"intakes/{get_random_string(40)}"


class IntakeQuerySet(models.QuerySet["Intake"]):
    @transaction.atomic
    def upload(
        self, series: Series, file: File[bytes], *, now: datetime, actor: Member, of_people: bool = False
    ) -> Intake:
        """Keep a file to be read. Raises ValidationError where it is too big or cannot be what we read."""
        if (file.size or 0) > sources.MOST_BYTES:
            most = sources.MOST_BYTES // 1_000_000
            raise ValidationError(
                _t("This file has more than %(most)d MB. Please take it in in parts.") % {"most": most}
            )
        try:
            kind = sources.kind_of(_binary(file))
        except Unreadable as error:
            raise ValidationError(str(error)) from error
        if of_people and kind != Kind.CSV:
            raise ValidationError(_t("People come from a table (CSV); this is something else."))
        kind = Kind.PEOPLE if of_people else kind
        intake = Intake(series=series, member=actor, kind=kind, created_at=now, language=actor.language)
        intake.name = str(file.name)[-NAME_LENGTH:]
        file.seek(0)
        intake.file.save("", file, save=False)
        intake.columns = None if intake.is_table else {}
        intake.save()
        return intake

    def ask_for(self, series: Series, kind: str, group: str, *, now: datetime, actor: Member) -> Intake:
        """Have the worker fetch the events of a group at a service."""
        intake = Intake(series=series, member=actor, kind=kind, created_at=now, language=actor.language, columns={})
        intake.name = f"{Kind(kind).label}: {group}"
        intake.fetched_from = group
        intake.save()
        return intake

    def waiting(self) -> IntakeQuerySet:
        """Those the worker has something to do for."""
        reading = Q(read_at=None, columns__isnull=False)
        writing = Q(wanted_at__isnull=False, taken_at=None)
        return self.filter(reading | writing, failure="").order_by("pk")

    def outdated(self, now: datetime) -> IntakeQuerySet:
        """Looked at and left lying: such a file may hold names."""
        return self.filter(wanted_at=None, created_at__lt=now - KEPT_UNTAKEN)


class Intake(models.Model):
    """One file and what became of it. `position` counts what is read, then the last line that was taken in."""

    code = CodeField()
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="intakes")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    name = LineField(max_length=NAME_LENGTH)
    language = models.CharField(max_length=8, default="ja")
    file = models.FileField(upload_to=random_name, max_length=200, blank=True)
    # The group at the service from which the worker fetches the file.
    fetched_from = models.CharField(max_length=60, blank=True)
    # Of a table: which column is what; empty for other files, null until the host has said it.
    columns = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    wanted_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    busy_until = models.DateTimeField(null=True, blank=True)
    # Keys of the rows it has made, by what they are (archive.importing.taking).
    made = models.JSONField(default=dict)
    # How many mornings stayed when it was taken back, because people had added to them.
    stayed = models.PositiveIntegerField(default=0)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["series", "-created_at"], name="intake_series")]
        constraints = [
            models.CheckConstraint(name="intake_in_order", condition=Q(wanted_at=None) | Q(read_at__isnull=False)),
            models.CheckConstraint(
                name="intake_taken_as_wanted", condition=Q(taken_at=None) | Q(wanted_at__isnull=False)
            ),
            models.CheckConstraint(name="intake_undone_after", condition=Q(undone_at=None) | Q(taken_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("intake", args=[self.series.slug, self.code])

    @property
    def is_working(self) -> bool:
        """Whether the worker is at it."""
        is_reading = self.read_at is None and self.columns is not None
        return not self.failure and (is_reading or (self.wanted_at is not None and self.taken_at is None))

    @property
    def is_table(self) -> bool:
        """Whether one is asked which column is what."""
        return self.kind in {Kind.CSV, Kind.PEOPLE}

    @property
    def is_of_people(self) -> bool:
        """Whether it names people who are asked, and not mornings."""
        return self.kind == Kind.PEOPLE

    def fail(self, why: str) -> None:
        """It cannot be read."""
        self._set(failure=why[:300])

    def map(self, columns: Mapping[str, int]) -> None:
        """Say which column is what; what was read before is read anew. Nothing changes while the worker is at it."""
        with transaction.atomic():
            locked = self._locked()
            if locked.wanted_at is None and not locked.is_working:
                self.rows.all().delete()
                self._set(columns=dict(columns), read_at=None, position=0, tries=0, failure="")

    def take(self, *, now: datetime, actor: Member) -> None:
        """Let it be taken in. A second tap changes nothing."""
        with transaction.atomic():
            locked = self._locked()
            if locked.read_at is not None and locked.wanted_at is None:
                self._set(wanted_at=now, position=0, tries=0)
                verb = "archive.people" if self.is_of_people else "archive.intake"
                Activity.record(actor, verb, f"series:{self.series.slug}", now=now, kind=self.kind)

    def work(self, *, now: datetime, seconds: float) -> None:
        """Go on reading or taking in for some seconds, in portions that each stand by themselves; one at a time."""
        free = Intake.objects.waiting().filter(Q(busy_until=None) | Q(busy_until__lt=now), pk=self.pk)
        if not free.update(busy_until=now + LEASE, tries=F("tries") + 1):
            return
        self.refresh_from_db()
        end = time.monotonic() + seconds
        with translation.override(self.language):
            if self.tries > TRIES:
                self.fail(_t("This file takes too long. Please take it in in parts."))
            else:
                (self._read if self.read_at is None else self._write)(now, lambda: time.monotonic() < end)
        self._set(busy_until=None)

    @transaction.atomic
    def undo(self, *, now: datetime, actor: Member) -> None:
        """Take back what it made, all but what somebody has added to since. A second tap changes nothing."""
        locked = self._locked()
        if locked.taken_at is None or locked.undone_at is not None:
            return
        if self.is_of_people:
            stayed = people.take_back(self, locked.made, now=now)
        else:
            stayed = taking.take_back(self.series, locked.made)
        self._set(undone_at=now, stayed=stayed)
        Activity.record(actor, "archive.intake.undo", f"series:{self.series.slug}", now=now, stayed=self.stayed)

    def discard(self) -> None:
        """Throw away a file that was not taken in."""
        name, storage = self.file.name, self.file.storage
        type(self).objects.filter(pk=self.pk, wanted_at=None).delete()
        if name and not type(self).objects.filter(pk=self.pk).exists():
            storage.delete(name)

    def _read(self, now: datetime, has_time: Callable[[], bool]) -> None:
        before = timezone.localdate(now, self.series.zone) + AHEAD
        try:
            if self.fetched_from and not self.file:
                self.file.save("", ContentFile(fetching.fetch(self.kind, self.fetched_from)), save=False)
                self._set(file=self.file.name)
            with self.file.open("rb") as stored:
                for portion in _portions(islice(self._entries(stored, before=before, now=now), self.position, None)):
                    self._stage(portion, now=now)
                    if not has_time():
                        return
        except (NotFetched, Unreadable) as error:
            self.fail(str(error))
        else:
            self._set(read_at=now, position=0, tries=0)

    def _entries(self, stored: File[bytes], *, before: date, now: datetime) -> Iterator[tuple[int, Entry]]:
        if self.is_of_people:
            today = timezone.localdate(now, self.series.zone)
            return listed.read(_binary(stored), self.columns or {}, today=today)
        group, zone = taking.group_of(self.series), self.series.timezone
        return sources.read(self.kind, stored, self.columns or {}, group=group, zone=zone, before=before)

    @transaction.atomic
    def _stage(self, portion: list[tuple[int, Entry]], *, now: datetime) -> None:
        if self.is_of_people:
            portion = people.sifted(self, portion, now=now)
        rows = [_staged(self, number, found) for number, found in portion]
        named = {row.source for row in rows if row.source}
        earlier = dict(self.rows.filter(source__in=named).values_list("source", "number"))
        known = self._known(named)
        for row in rows:
            if row.source is None:
                continue
            first = earlier.setdefault(row.source, row.number)
            if first != row.number:
                row.refusal, row.source = _t("the same as entry %(number)d") % {"number": first}, None
            row.is_known = row.source in known
        IntakeRow.objects.bulk_create(rows)
        self._set(position=self.position + len(portion), tries=0)
        if self.position > MOST_ROWS:
            raise Unreadable(_t("This file has more than %(most)d entries.") % {"most": MOST_ROWS})

    def _known(self, named: Collection[str]) -> set[str | None]:
        """Which of these are here already."""
        if self.is_of_people:
            taken = {"intake__series": self.series, "intake__taken_at__isnull": False, "intake__undone_at": None}
            return set(IntakeRow.objects.filter(source__in=named, **taken).values_list("source", flat=True))
        return set(Talk.objects.filter(source__in=named).values_list("source", flat=True))

    def _take(self, batch: Sequence[IntakeRow], *, now: datetime) -> Mapping[str, Sequence[int]]:
        if self.is_of_people:
            return people.take_in(self, [row.named() for row in batch], now=now)
        return taking.take_in(self.series, [row.read() for row in batch], now=now)

    def _write(self, now: datetime, has_time: Callable[[], bool]) -> None:
        rows = self.rows.takeable().order_by("number")
        while batch := list(rows.filter(number__gt=self.position)[:BATCH]):
            with transaction.atomic():
                for name, keys in self._take(batch, now=now).items():
                    self.made[name] = [*self.made.get(name, []), *keys]
                self._set(position=batch[-1].number, made=self.made, tries=0)
            if not has_time():
                return
        self.rows.update(data={})
        if self.file:
            self.file.delete(save=False)
        self._set(taken_at=now, file="", tries=0)

    def _locked(self) -> Intake:
        return Intake.objects.select_for_update().get(pk=self.pk)

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))


class IntakeRowQuerySet(models.QuerySet["IntakeRow"]):
    def takeable(self) -> IntakeRowQuerySet:
        """What is a talk and is not here yet."""
        return self.filter(refusal="", is_known=False)

    def refused(self) -> IntakeRowQuerySet:
        return self.exclude(refusal="").order_by("number")


class IntakeRow(models.Model):
    """One entry of a file, as it was read, or why it is not taken."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    data = models.JSONField(default=dict)
    refusal = models.CharField(max_length=300, blank=True)
    left_out = models.CharField(max_length=300, blank=True)
    # By what the talk is known again (archive.importing.plan).
    source = models.CharField(max_length=64, null=True, blank=True)
    # It had been taken in before.
    is_known = models.BooleanField(default=False)

    objects = IntakeRowQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["intake", "source"], name="intake_row_source")]
        constraints = [models.UniqueConstraint(fields=["intake", "number"], name="intake_row_once")]

    def __str__(self) -> str:
        return f"{self.intake_id} {self.number}"

    def read(self) -> Row:
        return taking.row_from(self.number, self.data)

    def named(self) -> Named:
        """The same of a list of people."""
        return listed.named_from(self.number, self.data)


def tick(*, now: datetime, seconds: float) -> None:
    """What the worker does: a portion of each import that waits, and an end to what lies about."""
    end = time.monotonic() + seconds
    for pk in list(Intake.objects.waiting().values_list("pk", flat=True)[:20]):
        with suppress(Intake.DoesNotExist):
            intake = Intake.objects.select_related("series").get(pk=pk)
            intake.work(now=now, seconds=max(end - time.monotonic(), 0))
    for intake in Intake.objects.outdated(now):
        intake.discard()
    people.lapse(now=now)


def _staged(intake: Intake, number: int, found: Entry) -> IntakeRow:
    if isinstance(found, Refused):
        return IntakeRow(intake=intake, number=number, refusal=str(found)[:300])
    if isinstance(found, Named):
        source = people.source(intake.series, found)
        return IntakeRow(intake=intake, number=number, data=listed.data_of(found), source=source)
    left_out = "; ".join(found.left_out)[:300]
    data = taking.data_of(found)
    return IntakeRow(intake=intake, number=number, data=data, left_out=left_out, source=plan.talk_source(found))


def _portions(found: Iterator[tuple[int, Entry]]) -> Iterator[list[tuple[int, Entry]]]:
    while portion := list(islice(found, BATCH)):
        yield portion


def _binary(file: File[bytes]) -> IO[bytes]:
    """What Django wraps an upload in, as a plain file."""
    return file.file if file.file is not None else file
