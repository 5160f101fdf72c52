"""Taking an archive in: believed in nothing, written in one transaction, compared with what it said at the end."""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from archive.moving import inventory, manifest
from archive.moving.inventory import Table
from archive.moving.manifest import MEGABYTE, NAME, Manifest, Media, Refused, Rows

LONGEST_LINE = 20 * MEGABYTE
BATCH = 4 * MEGABYTE
CHUNK = 1 << 20
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, UnicodeDecodeError)
Part = Rows | Media
Shown = Callable[[Sequence[Part]], Iterable[Part]]


def unpack(path: Path, *, at_most: int, finish: Callable[[], None], shown: Shown = iter) -> Manifest:
    """Take in the archive at `path`, of at most so many bytes when unpacked; all of it or nothing.

    `finish` is called before anybody else sees the rows. Raises `Refused` for anything but a whole archive of this
    version in an installation where nothing is yet.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = _manifest(archive, at_most=at_most)
            _must_fit(found)
            with _stored(archive) as files, transaction.atomic():
                _take_in(archive, found, files, shown)
                finish()
    except DAMAGED as error:
        raise Refused(f"{path} is damaged, or no archive of a club: {error}") from error
    except DatabaseError as error:
        raise Refused(f"The database does not take it: {str(error).splitlines()[0]}") from error
    return found


def _manifest(archive: zipfile.ZipFile, *, at_most: int) -> Manifest:
    """What the archive says of itself, where the entries are exactly those it names."""
    entries = archive.infolist()
    if NAME not in archive.namelist() or archive.getinfo(NAME).file_size > manifest.LONGEST:
        raise Refused(f"There is no {NAME} in it: this is no archive of a club.")
    found = manifest.read(archive.read(NAME))
    names = [entry.filename for entry in entries]
    if sorted(names) != sorted(found.paths):
        raise Refused("The archive holds other files than its manifest names.")
    sizes = {part.path: part.bytes for part in found.parts}
    for entry in entries:
        if entry.flag_bits & 1 or stat.S_ISLNK(entry.external_attr >> 16):
            raise Refused(f"{entry.filename} is encrypted, or a link.")
        if entry.file_size != sizes.get(entry.filename, entry.file_size):
            raise Refused(f"{entry.filename} has another size than the manifest says.")
    if found.total > at_most:
        raise Refused(
            f"Unpacked it would be {found.total / 1e9:.1f} GB; more than {at_most / 1e9:.1f} GB need --gigabytes."
        )
    return found


def _must_fit(found: Manifest) -> None:
    """The same tables, and none of them with a row in it."""
    here = inventory.migrations()
    differ = sorted(app for app in {*here, *found.migrations} if here.get(app) != found.migrations.get(app))
    if differ:
        raise Refused(
            f"The archive was made by another version of Asakai: the migrations of {', '.join(differ)} differ. "
            "Take it in with the version that made it, then upgrade."
        )
    tables = {table.model: table.columns for table in inventory.tables()}
    if {one.model: one.columns for one in found.rows} != tables:
        raise Refused("The archive was made by another version of Asakai: its tables have other columns.")


def _take_in(archive: zipfile.ZipFile, found: Manifest, files: _Files, shown: Shown) -> None:
    tables = {table.model: table for table in inventory.tables()}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        names = sql.SQL(", ").join(table.identifier for table in tables.values())
        cursor.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(names))
    _must_be_empty(tables.values())
    # In this installation's order, whatever the archive's: what a row points at is there before it.
    by_model = {one.model: one for one in found.rows}
    for part in shown([*(by_model[model] for model in tables), *found.media]):
        if isinstance(part, Media):
            files.add(part)
        else:
            _insert(archive, part, tables[part.model])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for one in found.rows:
        if tables[one.model].fingerprint() != (one.count, one.sha256):
            raise Refused(f"{one.path} does not become what the manifest says it is.")
    named = {name for table in tables.values() for name in table.stored()}
    if named != {*(one.name for one in found.media), *found.missing}:
        raise Refused("The archive holds other files than its rows speak of.")


def _must_be_empty(tables: Iterable[Table]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(table.identifier))
            if cursor.fetchone() != (False,):
                raise Refused(
                    f"There is something here already ({table.model}). An archive is taken in by an installation that "
                    "is fresh: an empty database after `manage.py migrate`, before anybody signed in."
                )


def _insert(archive: zipfile.ZipFile, part: Rows, table: Table) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM json_populate_recordset(NULL::{}, %s::json)").format(
        table.identifier, columns, columns, table.identifier
    )
    with archive.open(part.path) as entry, connection.cursor() as cursor:
        for batch in _batches(_checked(entry, part)):
            cursor.execute(statement, [f"[{','.join(batch)}]"])
        _go_on_counting(part, table)


def _batches(lines: Iterable[bytes]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for line in lines:
        batch.append(line.decode())
        size += len(line)
        if size > BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _checked(entry: IO[bytes], part: Rows) -> Iterator[bytes]:
    """The lines of an entry, as long as they are the stated size; the hash is that of what stands in the table then."""
    left = part.bytes
    while line := entry.readline(LONGEST_LINE):
        left -= len(line)
        if left < 0 or not line.endswith(b"\n"):
            raise Refused(f"{part.path} is longer than the manifest says, or a line in it is.")
        yield line


def _go_on_counting(part: Rows, table: Table) -> None:
    """The next row gets a number nobody had, also none that is gone: old links are made from numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', table.key])
        (sequence,) = cursor.fetchone() or (None,)
        if sequence is not None:
            cursor.execute(
                sql.SQL("SELECT setval(%s, GREATEST(%s, max({}), 1)) FROM {} HAVING GREATEST(%s, max({})) > 0").format(
                    sql.Identifier(table.key), table.identifier, sql.Identifier(table.key)
                ),
                [sequence, part.last_key, part.last_key],
            )


class _Entry(File[bytes]):
    """A file in the archive, to be stored once: at most as many bytes as the manifest says, and those with its hash."""

    def __init__(self, entry: IO[bytes], media: Media) -> None:
        super().__init__(entry, name=media.name)
        self.media = media

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        left, digest = self.media.bytes, hashlib.sha256()
        while chunk := self.file.read(chunk_size or CHUNK) if self.file else b"":
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
            yield chunk
        if left or digest.hexdigest() != self.media.sha256:
            raise Refused(f"{self.media.path} is not what the manifest says it is.")


class _Files:
    """The files stored so far; taken away again where the rest fails."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.stored: list[str] = []

    def add(self, media: Media) -> None:
        if default_storage.exists(media.name):
            raise Refused(f"There is a file here already: {media.name}.")
        self.stored.append(media.name)
        with self.archive.open(media.path) as entry:
            default_storage.save(media.name, _Entry(entry, media))


@contextmanager
def _stored(archive: zipfile.ZipFile) -> Iterator[_Files]:
    files = _Files(archive)
    try:
        yield files
    except BaseException:
        for name in files.stored:
            default_storage.delete(name)
        raise
