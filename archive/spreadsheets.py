"""Tables for spreadsheet programs: CSV (RFC 4180) in which no cell is ever run as a formula."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain

from django.http import StreamingHttpResponse

# With this before it a cell is text in every program that reads CSV (OWASP, CSV injection).
AS_TEXT = "'"
FORMULA = frozenset("=+-@|%")
BLANK = "\ufeff\u200b\u3000" + "".join(map(chr, range(0x21)))
# Spreadsheet programs read a file without it as whatever their country wrote in long ago.
UTF8_MARK = "\ufeff"


def cell(value: object) -> str:
    """A value as text that stays text: also where the sign is full-width or hides behind blanks and controls."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return str(value)
    text = "" if value is None else str(value)
    seen = unicodedata.normalize("NFKC", text).lstrip(BLANK)
    is_hidden = unicodedata.category(text[:1] or " ") == "Cc"
    return AS_TEXT + text if seen[:1] in FORMULA or is_hidden else text


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file, line by line, the columns' names first."""
    yield UTF8_MARK
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in chain([head], rows):
        writer.writerow([cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def response(name: str, lines: Iterable[str]) -> StreamingHttpResponse:
    """A table, to be saved."""
    return saved(f"{name}.csv", lines, "text/csv; charset=utf-8")


def saved(name: str, pieces: Iterable[str | bytes], content_type: str) -> StreamingHttpResponse:
    """To be saved, kept by nobody on the way."""
    answer = StreamingHttpResponse(pieces, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
