"""What a file is, and the talks in it one after the other: JSON lines, CSV, a calendar, connpass, Doorkeeper."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import date
from typing import IO, Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from archive.importing import rows, services, tables
from archive.importing.rows import GZIP, LINE_LENGTH, Refused, Row, Unreadable
from events import foreign_calendars

MOST_BYTES = 10_000_000
# What comes out of a packed file.
MOST_UNPACKED = 200_000_000
HEAD = 4096
ZIP = b"PK\x03\x04"
CALENDAR = "BEGIN:VCALENDAR"
# What Google Calendar puts below a description: the way into a video meeting that is long over.
MEETING = re.compile(r"\s*-::[~:]+::-.*?(?:-::[~:]+::-|\Z)\s*", re.DOTALL)


class Kind(TextChoices):
    """Of tables it is asked which column is what. `PEOPLE` alone is no talks: archive.importing.people reads it."""

    CSV = "csv", _("a table (CSV)")
    JSONL = "jsonl", _("JSON lines")
    CALENDAR = "calendar", _("a calendar (iCalendar)")
    CONNPASS = "connpass", "connpass"
    DOORKEEPER = "doorkeeper", "Doorkeeper"
    SERIES = "series", _("a series of another Asakai")
    PEOPLE = "people", _("people, and when they came (CSV)")


def kind_of(file: IO[bytes]) -> Kind:
    """What the file is, by what is in it and not by its name. Raises `Unreadable`."""
    file.seek(0)
    start = file.read(HEAD)
    if start.startswith(GZIP):
        return Kind.JSONL
    if start.startswith(ZIP):
        raise Unreadable(_t("This looks like a workbook (xlsx). Please save it as CSV there and choose that file."))
    text = start.decode("utf-8-sig", "ignore").lstrip()
    if text[: len(CALENDAR)].upper() == CALENDAR:
        return Kind.CALENDAR
    if text[:1] not in {"{", "["}:
        return Kind.CSV
    if re.match(rf'{{\s*"format":\s*"{services.FORMAT}"', text):
        return Kind.SERIES
    if _is_object(text.partition("\n")[0], "title"):
        return Kind.JSONL
    file.seek(0)
    events = services.events(file)
    first = events[0] if events else {}
    is_doorkeeper = isinstance(first, dict) and ("event" in first or "starts_at" in first)
    return Kind.DOORKEEPER if is_doorkeeper else Kind.CONNPASS


def read(
    kind: str, file: IO[bytes], columns: Mapping[str, int], *, group: str, zone: str, before: date
) -> Iterator[tuple[int, Row | Refused]]:
    """Every talk in the file, or why it cannot be taken, with its number there. Raises `Unreadable`."""
    file.seek(0)
    for number, typed in _typed(kind, file, columns, zone=zone, before=before):
        if isinstance(typed, Refused):
            yield number, typed
            continue
        try:
            yield number, rows.row(number, typed, before=before, group=group, zone=zone)
        except Refused as reason:
            yield number, reason


def _typed(
    kind: str, file: IO[bytes], columns: Mapping[str, int], *, zone: str, before: date
) -> Iterator[tuple[int, dict[str, Any] | Refused]]:
    if kind == Kind.CSV:
        return tables.entries(file, columns)
    if kind == Kind.CALENDAR:
        return _calendar(file, zone, before)
    if kind == Kind.CONNPASS:
        return services.connpass(file)
    if kind == Kind.SERIES:
        return services.series(file)
    if kind == Kind.DOORKEEPER:
        return services.doorkeeper(file)
    return _lines(file)


def _lines(file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any] | Refused]]:
    """JSON lines, plain or gzipped, one after the other: none but the longest lies in memory."""
    packed = file.read(2) == GZIP
    file.seek(0)
    left = MOST_UNPACKED
    try:
        with gzip.open(file) if packed else nullcontext(file) as lines:
            number = 0
            while line := lines.readline(LINE_LENGTH + 2):
                number, left = number + 1, left - len(line)
                if left < 0:
                    raise Unreadable(_t("This file is too big when it is unpacked."))
                if line := line.removeprefix(b"\xef\xbb\xbf").strip():
                    yield number, _object(line)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(_t("This file is damaged: %(error)s") % {"error": error}) from error


def _calendar(file: IO[bytes], zone: str, before: date) -> Iterator[tuple[int, dict[str, Any] | Refused]]:
    try:
        for number, held in enumerate(foreign_calendars.read(file.read(), zone, before=before), start=1):
            yield number, _held(held)
    except foreign_calendars.NotACalendar as error:
        raise Unreadable(_t("This is no calendar: %(error)s") % {"error": error}) from error


def _held(held: foreign_calendars.Held) -> dict[str, Any] | Refused:
    if held.is_cancelled:
        return Refused(_t("it was called off"))
    if held.trouble == "broken":
        return Refused(_t("this entry cannot be read"))
    if held.trouble:
        return Refused(_t("its rule cannot be counted out; please enter these days by hand"))
    return {
        "id": f"calendar:{held.id}",
        "title": held.title,
        "description": MEETING.sub("", held.description),
        "held_on": f"{held.on}T{held.at:%H:%M}" if held.at else str(held.on),
        "minutes": held.minutes,
        "place": held.place,
        "tags": list(held.categories),
    }


def _object(line: bytes) -> dict[str, Any] | Refused:
    try:
        return rows.typed_in(line)
    except Refused as reason:
        return reason


def _is_object(line: str, name: str) -> bool:
    """Whether a line is an object with that name in it, or the beginning of a long one."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return len(line) > HEAD // 2 and line.startswith("{") and f'"{name}"' in line and '"events"' not in line
    return isinstance(found, dict) and name in found
