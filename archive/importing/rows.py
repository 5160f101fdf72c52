"""What was typed of a talk, or the reason why it cannot be taken."""

import gzip
import html
import json
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _t

from archive.importing import days, names, prose
from members.names import clean_line

GZIP = b"\x1f\x8b"
LINE_LENGTH = 1_000_000
GROUP_LENGTH, TITLE_LENGTH, ABSTRACT_LENGTH, TAG_LENGTH, ADDRESS_LENGTH = 100, 300, 20_000, 60, 500
ID_LENGTH, PLACE_LENGTH, NUMBER_AT_MOST, MINUTES_AT_MOST = 200, 120, 100_000, 1440
EARLIEST = date(1900, 1, 1)
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
    # By what it is known where it comes from; where that is nothing, day and title do.
    id: str = ""
    number: int | None = None
    minutes: int | None = None
    place: str = ""
    # From a series of another Asakai: what the morning is called, how long the talk is, how guests' names are read.
    morning: str = ""
    talk_minutes: int | None = None
    readings: tuple[tuple[str, str, str], ...] = ()
    left_out: tuple[str, ...] = field(default=(), compare=False)


def lines(path: Path) -> list[bytes]:
    """The lines of a file, plain or gzipped. Raises `Unreadable`."""
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data.startswith(GZIP) else data).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error


def parse(number: int, line: bytes, *, today: date) -> Row:
    """The talk of a line of JSON. Raises `Refused`."""
    return row(number, typed_in(line), before=today)


def row(number: int, typed: dict[str, Any], *, before: date, group: str = "", zone: str | None = None) -> Row:
    """The talk that was typed, in days before `before`; `group` where it does not say its own. Raises `Refused`."""
    on, at = _when(typed, before=before, zone=zone)
    title = clean_line(html.unescape(_text(typed, "title")))
    if not title:
        raise Refused(_t("there is no title"))
    left_out: list[str] = []
    abstract = prose.plain(_text(typed, "description", required=False))
    return Row(
        line=number,
        group=group or _group(typed),
        title=_cut(title, TITLE_LENGTH, _t("the title"), left_out),
        on=on,
        at=at,
        speakers=tuple(_speakers(typed, left_out)),
        language=_language(typed),
        abstract=_cut(abstract, ABSTRACT_LENGTH, _t("the description"), left_out),
        tags=tuple(_tags(typed, left_out)),
        recordings=tuple(_recordings(typed, left_out)),
        id=_id(typed),
        number=_number(typed, "number", NUMBER_AT_MOST, left_out),
        minutes=_number(typed, "minutes", MINUTES_AT_MOST, left_out),
        place=_cut(clean_line(_text(typed, "place", required=False)), PLACE_LENGTH, _t("the place"), left_out),
        morning=clean_line(_text(typed, "morning", required=False))[:PLACE_LENGTH],
        talk_minutes=_number(typed, "talk_minutes", MINUTES_AT_MOST, left_out),
        readings=tuple(_readings(typed)),
        left_out=tuple(left_out),
    )


def typed_in(line: bytes) -> dict[str, Any]:
    """The JSON object of a line. Raises `Refused`."""
    if len(line) > LINE_LENGTH:
        raise Refused(_t("the line is longer than %(most)s bytes") % {"most": f"{LINE_LENGTH:,}"})
    try:
        typed = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refused(_t("not UTF-8")) from None
    except (ValueError, RecursionError) as error:
        raise Refused(_t("not JSON: %(error)s") % {"error": error}) from None
    if not isinstance(typed, dict):
        raise Refused(_t("not a JSON object"))
    return typed


def _text(typed: dict[str, Any], name: str, *, required: bool = True) -> str:
    value = typed.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise Refused((_t("%(name)s is not a text") if name in typed else _t("there is no %(name)s")) % {"name": name})
    # A lone surrogate from an escape such as \ud800 is no character, and no database takes it.
    return value.encode("utf-8", "ignore").decode()


def _group(typed: dict[str, Any]) -> str:
    group = clean_line(_text(typed, "group"))
    if not 0 < len(group) <= GROUP_LENGTH:
        raise Refused(
            _t("the group's name is longer than %(most)d") % {"most": GROUP_LENGTH}
            if group
            else _t("there is no group")
        )
    return group


def _id(typed: dict[str, Any]) -> str:
    """A number or a word of the other service's own."""
    value = typed.get("id")
    if value is None or isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return clean_line(str(value).encode("utf-8", "ignore").decode())[:ID_LENGTH]


def _number(typed: dict[str, Any], name: str, most: int, left_out: list[str]) -> int | None:
    """A count from 1."""
    value = typed.get(name)
    if value is None or value == "":
        return None
    number = digits(str(value))
    if number is None or not 0 < number <= most:
        left_out.append(_t("%(name)s is no number: %(value)s") % {"name": name, "value": repr(str(value)[:40])})
        return None
    return number


def digits(typed: str) -> int | None:
    """The one number in a text: 第124回 and full-width digits too."""
    found = re.fullmatch(r"\D*(\d{1,9})\D*", unicodedata.normalize("NFKC", typed))
    return int(found[1]) if found else None


def _when(typed: dict[str, Any], *, before: date, zone: str | None) -> tuple[date, time | None]:
    said = typed.get("held_on")
    if said is None or said == "":
        raise Refused(_t("there is no date"))
    try:
        on, at = days.when(said if isinstance(said, str) else "", zone)
    except (ValueError, OverflowError):
        raise Refused(_t("held_on is no date: %(value)s") % {"value": repr(str(said)[:40])}) from None
    clock = typed.get("at")
    if isinstance(clock, str) and clock.strip():
        try:
            at = days.clock(clock)
        except ValueError:
            raise Refused(_t("this is no time: %(value)s") % {"value": repr(clock[:40])}) from None
    if on < EARLIEST:
        raise Refused(_t("%(day)s is too long ago") % {"day": on})
    if on >= before:
        is_far = before > date.today()  # noqa: DTZ011 - which of two sentences is said
        raise Refused(
            (_t("%(day)s is too far ahead") if is_far else _t("%(day)s is not a day of the past")) % {"day": on}
        )
    return on, at


def _language(typed: dict[str, Any]) -> str:
    code = _text(typed, "language", required=False).strip().lower()
    return LANGUAGES.get(code, code if re.fullmatch(r"[a-z]{2,3}", code) else "")


def _list(typed: dict[str, Any], name: str) -> Iterable[str]:
    """A list of texts; one text alone is a list of one, nothing is none."""
    value = typed.get(name) or []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise Refused(_t("%(name)s is not a list of texts") % {"name": name})
    return (one.encode("utf-8", "ignore").decode() for one in values)


def _cut(text: str, length: int, what: str, left_out: list[str]) -> str:
    if len(text) <= length:
        return text
    left_out.append(
        _t("%(what)s is cut at %(length)d of %(typed)d characters")
        % {"what": what, "length": length, "typed": len(text)}
    )
    return text[: length - 1].rstrip() + "…"


def _too_long(what: str, most: int, text: str) -> str:
    return _t("%(what)s is longer than %(most)d: %(value)s…") % {"what": what, "most": most, "value": repr(text[:40])}


def _speakers(typed: dict[str, Any], left_out: list[str]) -> Iterator[str]:
    for name in names.people(html.unescape(one) for one in _list(typed, "speakers")):
        if len(name) > names.NAME_LENGTH:
            left_out.append(_too_long(_t("a name"), names.NAME_LENGTH, name))
        else:
            yield name


def _tags(typed: dict[str, Any], left_out: list[str]) -> Iterator[str]:
    for tag in dict.fromkeys(clean_line(one) for one in _list(typed, "tags")):
        if len(tag) > TAG_LENGTH:
            left_out.append(_too_long(_t("a tag"), TAG_LENGTH, tag))
        elif tag:
            yield tag


def _readings(typed: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(name, yomi, romaji) of each guest who has them; what is none is passed over."""
    found = typed.get("readings")
    for one in found if isinstance(found, list) else []:
        if isinstance(one, list) and len(one) == 3 and all(isinstance(word, str) for word in one):
            name, yomi, romaji = (clean_line(word.encode("utf-8", "ignore").decode()) for word in one)
            if max(len(yomi), len(romaji)) <= names.NAME_LENGTH:
                yield name, yomi, romaji


def _recordings(typed: dict[str, Any], left_out: list[str]) -> Iterator[str]:
    for address in dict.fromkeys(one.strip() for one in _list(typed, "recording")):
        try:
            _web_address(address)
        except ValidationError:
            left_out.append(_t("a recording is no web address: %(value)s") % {"value": repr(address[:80])})
        else:
            if len(address) <= ADDRESS_LENGTH:
                yield address
            else:
                left_out.append(_too_long(_t("an address"), ADDRESS_LENGTH, address))


def moment(row: Row, noon: time) -> datetime:
    """When a talk began, on the wall clock; at noon where only the day is known."""
    return datetime.combine(row.on, row.at or noon)
