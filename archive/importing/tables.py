"""A table of a spreadsheet program: CSV in whatever encoding and with whatever sign between cells, read as it comes."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from archive.importing.rows import LINE_LENGTH, Unreadable

# utf-16 only with its mark; cp932 is what Shift_JIS is in spreadsheet programs of Japan.
ENCODINGS = ("utf-8-sig", "cp932")
MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
BETWEEN = (",", "\t", ";")
MOST_COLUMNS, SHOWN = 60, 5
CHUNK = 1 << 16

# What a column may be: its name in a row (archive.importing.rows), what it is called, by what its heading is known.
Fields = Mapping[str, tuple[Any, tuple[str, ...]]]
FIELDS: Fields = {
    "held_on": (
        _("day"),
        ("held_on", "date", "day", "日付", "開催日", "開催日時", "日時", "年月日", "started_at", "starts_at"),
    ),
    "at": (_("begins"), ("at", "time", "begins", "start", "開始", "開始時刻", "開始時間", "時刻", "時間")),
    "title": (_("title"), ("title", "題名", "タイトル", "テーマ", "演題", "件名", "イベント名", "内容", "subject")),
    "speakers": (_("guests"), ("speakers", "speaker", "guests", "guest", "ゲスト", "講師", "登壇者", "発表者", "著者")),
    "description": (_("what it was about"), ("description", "abstract", "説明", "概要", "詳細", "要旨")),
    "number": (_("number"), ("number", "no", "no.", "回", "回数", "第何回", "番号")),
    "minutes": (_("minutes"), ("minutes", "duration", "分", "所要時間")),
    "place": (_("place"), ("place", "venue", "location", "場所", "会場", "開催場所")),
    "language": (_("language"), ("language", "lang", "言語")),
    "tags": (_("topics"), ("tags", "topics", "タグ", "話題", "分野")),
    "id": (_("id, by which it is known again"), ("id", "uid", "code", "address", "識別子", "管理番号")),
}
NEEDED = ("held_on", "title")


@dataclass(frozen=True)
class Head:
    """How a table begins: the names of its columns, the first rows, and what each column probably is."""

    names: tuple[str, ...]
    first: tuple[tuple[str, ...], ...]

    def guess(self, fields: Fields = FIELDS) -> dict[str, int]:
        """The column of each field whose heading is known."""
        names = [_folded(name) for name in self.names]
        found = {
            field: next((names.index(one) for one in known if one in names), None)
            for field, (_, known) in fields.items()
        }
        return {field: column for field, column in found.items() if column is not None}


def head(file: IO[bytes]) -> Head:
    """The headings and the first rows. Raises `Unreadable`."""
    rows = [row for _line, row in islice(_cells(file), SHOWN + 1)]
    if not rows or len(rows) < 2:
        raise Unreadable(_t("There are no rows in this table: the first one names the columns."))
    if len(rows[0]) > MOST_COLUMNS:
        raise Unreadable(_t("This table has more than %(most)d columns.") % {"most": MOST_COLUMNS})
    return Head(tuple(name[:80] for name in rows[0]), tuple(tuple(cell[:80] for cell in row) for row in rows[1:]))


def entries(file: IO[bytes], columns: Mapping[str, int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row below the headings by the line it ends on, as what a talk is read from. Raises `Unreadable`."""
    for line, row in islice(_cells(file), 1, None):
        if any(cell.strip() for cell in row):
            yield line, {field: _cell(row, column) for field, column in columns.items()}


def _cell(row: Sequence[str], column: int) -> str:
    """Without the sign that our own tables put before what a spreadsheet program would run (archive.spreadsheets)."""
    text = row[column].strip() if column < len(row) else ""
    return text[1:] if text[:1] == "'" and not text[1:2].isalnum() else text


def _cells(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        first = text.readline(LINE_LENGTH)
        text.seek(0)
        sign = max(BETWEEN, key=first.count)
        reader = csv.reader(_lines(text), delimiter=sign)
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise Unreadable(_t("This is no table: %(error)s") % {"error": error}) from error
    finally:
        # The wrapper would close the file with it.
        text.detach()


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Line by line, none of them without an end."""
    while line := text.readline(LINE_LENGTH + 1):
        if len(line) > LINE_LENGTH:
            raise Unreadable(
                _t("A line in this table is longer than %(most)s characters.") % {"most": f"{LINE_LENGTH:,}"}
            )
        yield line


def _encoding(file: IO[bytes]) -> str:
    """The first encoding in which all of it can be read."""
    file.seek(0)
    start = file.read(2)
    for encoding in [MARKS[start]] if start in MARKS else ENCODINGS:
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := file.read(CHUNK):
                if "\0" in decoder.decode(chunk):
                    break
            else:
                decoder.decode(b"", final=True)
                return encoding
        except UnicodeDecodeError:
            continue
    raise Unreadable(_t("This file is no text: neither UTF-8 nor Shift_JIS."))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()
