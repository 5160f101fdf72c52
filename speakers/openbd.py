"""What openBD (https://openbd.jp) knows of a book by its ISBN. Off unless the operator names its address.

An answer that is late, too long, or not what it should be is no answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings

from config import outside
from members.names import clean_line

SECONDS = 4.0  # in all; a host waits for it
ANSWER_AT_MOST = 200_000  # bytes; a record with its ONIX has some thousands


class Silent(Exception):  # noqa: N818
    """openBD does not answer, or not with what it should."""


@dataclass(frozen=True)
class Found:
    """A book as its publisher announced it."""

    title: str
    publisher: str
    author: str


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
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as trouble:
        raise Silent(type(trouble).__name__) from trouble
    return found if found.title else None


def _text(summary: dict[str, Any], name: str) -> str:
    value = summary.get(name)
    return clean_line(value) if isinstance(value, str) else ""
