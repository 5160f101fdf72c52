"""Writing the archive, from one snapshot of the database, while the site runs."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction
from psycopg import sql

from archive.moving import inventory
from archive.moving.inventory import Table
from archive.moving.manifest import NAME, Manifest, Media, Rows

CHUNK = 1 << 20
Shown = Callable[[Sequence[Table]], Iterable[Table]]


def pack(file: IO[bytes], *, now: datetime, shown: Shown = iter) -> Manifest:
    """Write the archive; `file` need not be one in which one can go back."""
    manifest = Manifest(
        made_at=now.isoformat(),
        site=settings.SITE_URL,
        migrations=inventory.migrations(),
        left_out=inventory.LEFT_OUT,
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in _pack_rows(archive, manifest, shown):
            _pack_file(archive, manifest, name)
        archive.writestr(NAME, manifest.written())
    return manifest


@contextmanager
def private(path: Path) -> Iterator[IO[bytes]]:
    """A new file that nobody else may read, under its name once it is whole; half of one is taken away.

    Raises FileExistsError rather than overwrite anything.
    """
    if path.exists():
        raise FileExistsError(f"{path} is there already.")
    part = path.with_name(path.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _pack_rows(archive: zipfile.ZipFile, manifest: Manifest, shown: Shown) -> list[str]:
    """All tables as they were at one moment; the names of the files they speak of."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        names: set[str] = set()
        for table in shown(inventory.tables()):
            manifest.rows.append(_pack_table(archive, table))
            names.update(table.stored())
    return sorted(names)


def _pack_table(archive: zipfile.ZipFile, table: Table) -> Rows:
    count, size, digest = 0, 0, hashlib.sha256()
    with archive.open(f"rows/{table.model}.jsonl", "w", force_zip64=True) as entry:
        for line in table.rows():
            data = line.encode() + b"\n"
            entry.write(data)
            digest.update(data)
            count, size = count + 1, size + len(data)
    return Rows(table.model, table.columns, count, size, digest.hexdigest(), _last_key(table))


def _last_key(table: Table) -> int:
    """The last number the table gave to a row; 0 where it gave none, or keys are no numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', table.key])
        (sequence,) = cursor.fetchone() or (None,)
        if sequence is None:
            return 0
        schema, name = sequence.split(".")
        question = sql.SQL("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}")
        cursor.execute(question.format(sql.Identifier(schema.strip('"'), name.strip('"'))))
        return int((cursor.fetchone() or (0,))[0])


def _pack_file(archive: zipfile.ZipFile, manifest: Manifest, name: str) -> None:
    """One uploaded file; what somebody removed meanwhile is noted as missing."""
    try:
        stored = default_storage.open(name)
    except FileNotFoundError:
        manifest.missing.append(name)
        return
    size, digest = 0, hashlib.sha256()
    with stored, archive.open(f"media/{name}", "w", force_zip64=True) as entry:
        for chunk in stored.chunks(CHUNK):
            entry.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    manifest.media.append(Media(name, size, digest.hexdigest()))
