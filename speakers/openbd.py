"""What openBD (https://openbd.jp) knows of a book by its ISBN. Off unless the operator names its address; covers only
from the place named beside it.

An answer that is late, too long, or not what it should be is no answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from config import outside
from members.names import clean_line
from speakers import covers

SECONDS = 4.0  # in all; a host waits for it
ANSWER_AT_MOST = 200_000  # bytes; a record with its ONIX has some thousands
COVER_SECONDS = 3.0
COVER_AT_MOST = 3_000_000


class Silent(Exception):  # noqa: N818
    """openBD does not answer, or not with what it should."""


@dataclass(frozen=True)
class Found:
    """A book as its publisher announced it."""

    title: str
    publisher: str
    author: str
    # Written anew, or none: a cover that cannot be had is no reason to know nothing.
    cover: ContentFile[bytes] | None = None


def is_on() -> bool:
    """Whether the operator lets ISBNs go there."""
    return bool(settings.BOOK_LOOKUP_URL)


def look_up(isbn: str) -> Found | None:
    """The book of these thirteen digits, or None where openBD knows none. Raises `Silent`."""
    try:
        url = f"{settings.BOOK_LOOKUP_URL.rstrip('/')}/v1/get?isbn={isbn}"
        answer = outside.ask(url, seconds=SECONDS, at_most=ANSWER_AT_MOST)
        if answer.status != HTTPStatus.OK or len(answer.body) > ANSWER_AT_MOST:
            raise Silent(str(answer.status))
        record = json.loads(answer.body)[0]
        if record is None:
            return None
        summary = record["summary"]
        title, volume = _text(summary, "title"), _text(summary, "volume")
        name = f"{title} {volume}".strip()[:200]
        found = Found(name, _text(summary, "publisher")[:120], _text(summary, "author")[:200])
        at = _text(summary, "cover")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as trouble:
        raise Silent(type(trouble).__name__) from trouble
    if not found.title:
        return None
    return replace(found, cover=_cover(at)) if at else found


def _cover(url: str) -> ContentFile[bytes] | None:
    """The picture at this address, if it is of the place the operator named and nothing is wrong with it."""
    try:
        if not settings.BOOK_COVER_URL or _origin(url) != _origin(settings.BOOK_COVER_URL):
            return None
        answer = outside.ask(url, seconds=COVER_SECONDS, at_most=COVER_AT_MOST)
        if answer.status != HTTPStatus.OK or len(answer.body) > COVER_AT_MOST:
            return None
        return covers.read(answer.body)
    except (OSError, ValueError, ValidationError):
        return None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _text(summary: dict[str, Any], name: str) -> str:
    value = summary.get(name)
    return clean_line(value) if isinstance(value, str) else ""
