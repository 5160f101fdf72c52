"""One line of the file as a talk, or the reason why it cannot be taken."""

import gzip
import html
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from archive.importing import names, prose
from members.names import clean_line

GZIP = b"\x1f\x8b"
LINE_LENGTH = 1_000_000
GROUP_LENGTH, TITLE_LENGTH, ABSTRACT_LENGTH, TAG_LENGTH, ADDRESS_LENGTH = 100, 300, 20_000, 60, 500
EARLIEST = date(1900, 1, 1)
# 2019-08-02, 2019/8/2, 2019年8月2日, each perhaps with a time of day; a zone is not kept: the day is what counts.
WHEN = re.compile(
    r"\A\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T ](\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?\s*\Z"
)
# ISO 639-3 (and the old 639-2 codes for books) to the codes pages use; what is not here stays as it is.
LANGUAGES = {
    "eng": "en",
    "jpn": "ja",
    "rus": "ru",
    "spa": "es",
    "fra": "fr",
    "fre": "fr",
    "deu": "de",
    "ger": "de",
    "ita": "it",
    "por": "pt",
    "slk": "sk",
    "slo": "sk",
    "ces": "cs",
    "cze": "cs",
    "eus": "eu",
    "baq": "eu",
    "zho": "zh",
    "chi": "zh",
    "kor": "ko",
    "nld": "nl",
    "dut": "nl",
    "pol": "pl",
    "ukr": "uk",
    "cat": "ca",
    "swe": "sv",
    "nor": "no",
    "dan": "da",
    "fin": "fi",
    "hun": "hu",
    "tur": "tr",
    "heb": "he",
    "ara": "ar",
}
_web_address = URLValidator(schemes=["http", "https"])


class Refused(Exception):  # noqa: N818 - said of a line, like Unwanted of a mail
    """Why a line cannot be taken, in words for whoever imports."""


class Unreadable(Exception):  # noqa: N818 - said of a file
    """The file itself cannot be read."""


@dataclass(frozen=True)
class Row:
    """One talk. `language` is empty where the file does not say; `left_out` says what of it was not taken."""

    line: int
    group: str
    title: str
    on: date
    at: time | None = None
    speakers: tuple[str, ...] = ()
    language: str = ""
    abstract: str = ""
    tags: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = field(default=(), compare=False)


def lines(path: Path) -> list[bytes]:
    """The lines of a file, plain or gzipped. Raises `Unreadable`."""
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data.startswith(GZIP) else data).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error


def parse(number: int, line: bytes, *, today: date) -> Row:
    """The talk of a line. Raises `Refused`."""
    typed = _object(line)
    on, at = _when(typed.get("held_on"), today=today)
    title = clean_line(html.unescape(_text(typed, "title")))
    if not title:
        raise Refused("there is no title")
    left_out: list[str] = []
    abstract = prose.plain(_text(typed, "description", required=False))
    return Row(
        line=number,
        group=_group(typed),
        title=_cut(title, TITLE_LENGTH, "the title", left_out),
        on=on,
        at=at,
        speakers=tuple(_speakers(typed, left_out)),
        language=_language(typed),
        abstract=_cut(abstract, ABSTRACT_LENGTH, "the description", left_out),
        tags=tuple(_tags(typed, left_out)),
        recordings=tuple(_recordings(typed, left_out)),
        left_out=tuple(left_out),
    )


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LINE_LENGTH:
        raise Refused(f"the line is longer than {LINE_LENGTH:,} bytes")
    try:
        typed = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise Refused(f"not JSON: {error}") from None
    if not isinstance(typed, dict):
        raise Refused("not a JSON object")
    return typed


def _text(typed: dict[str, Any], name: str, *, required: bool = True) -> str:
    value = typed.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise Refused(f"{name} is not a text" if name in typed else f"there is no {name}")
    # A lone surrogate from an escape such as \ud800 is no character, and no database takes it.
    return value.encode("utf-8", "ignore").decode()


def _group(typed: dict[str, Any]) -> str:
    group = clean_line(_text(typed, "group"))
    if not 0 < len(group) <= GROUP_LENGTH:
        raise Refused("there is no group" if not group else f"the group's name is longer than {GROUP_LENGTH}")
    return group


def _when(typed: Any, *, today: date) -> tuple[date, time | None]:
    if typed is None or typed == "":
        raise Refused("there is no date")
    try:
        ((year, month, day, hour, minute),) = WHEN.findall(typed) if isinstance(typed, str) else []
        on = date(int(year), int(month), int(day))
        at = time(int(hour), int(minute)) if hour else None
    except ValueError:
        raise Refused(f"held_on is no date: {str(typed)[:40]!r}") from None
    if not EARLIEST <= on < today:
        raise Refused(f"{on} is not a day of the past" if on >= today else f"{on} is too long ago")
    return on, at


def _language(typed: dict[str, Any]) -> str:
    code = _text(typed, "language", required=False).strip().lower()
    return LANGUAGES.get(code, code if re.fullmatch(r"[a-z]{2,3}", code) else "")


def _list(typed: dict[str, Any], name: str) -> Iterable[str]:
    """A list of texts; one text alone is a list of one, nothing is none."""
    value = typed.get(name) or []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise Refused(f"{name} is not a list of texts")
    return (one.encode("utf-8", "ignore").decode() for one in values)


def _cut(text: str, length: int, what: str, left_out: list[str]) -> str:
    if len(text) <= length:
        return text
    left_out.append(f"{what} is cut at {length} of {len(text)} characters")
    return text[: length - 1].rstrip() + "…"


def _speakers(typed: dict[str, Any], left_out: list[str]) -> Iterator[str]:
    for name in names.people(html.unescape(one) for one in _list(typed, "speakers")):
        if len(name) > names.NAME_LENGTH:
            left_out.append(f"a name is longer than {names.NAME_LENGTH}: {name[:40]!r}…")
        else:
            yield name


def _tags(typed: dict[str, Any], left_out: list[str]) -> Iterator[str]:
    for tag in dict.fromkeys(clean_line(one) for one in _list(typed, "tags")):
        if len(tag) > TAG_LENGTH:
            left_out.append(f"a tag is longer than {TAG_LENGTH}: {tag[:40]!r}…")
        elif tag:
            yield tag


def _recordings(typed: dict[str, Any], left_out: list[str]) -> Iterator[str]:
    for address in dict.fromkeys(one.strip() for one in _list(typed, "recording")):
        try:
            _web_address(address)
        except ValidationError:
            left_out.append(f"a recording is no web address: {address[:80]!r}")
        else:
            if len(address) <= ADDRESS_LENGTH:
                yield address
            else:
                left_out.append(f"an address is longer than {ADDRESS_LENGTH}: {address[:40]!r}…")


def moment(row: Row, noon: time) -> datetime:
    """When a talk began, on the wall clock; at noon where only the day is known."""
    return datetime.combine(row.on, row.at or noon)
