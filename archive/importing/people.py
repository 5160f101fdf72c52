"""Who belongs and who came, from a table of a spreadsheet program: what one row says of a person. Pure.

Why a row is refused never repeats what stands in it: the report of a file is kept, the people in it are not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from archive.importing import days, tables
from archive.importing.names import folded
from archive.importing.rows import NUMBER_AT_MOST, Refused, digits
from members.names import clean_line
from outbox.addresses import problem

NAME_LENGTH = 80
# What a column may be, and by which heading it is known (archive.importing.tables).
FIELDS: tables.Fields = {
    "name": (_("name"), ("name", "氏名", "名前", "お名前", "参加者名", "表示名", "full name")),
    "yomi": (_("reading"), ("reading", "yomi", "kana", "よみ", "読み", "ふりがな", "フリガナ", "氏名(カナ)", "カナ")),
    "email": (_("mail address"), ("mail", "email", "e-mail", "mail address", "メールアドレス", "メール", "eメール")),
    "since": (_("belongs since"), ("belongs_since", "since", "joined", "入会日", "入会", "登録日")),
    "on": (_("day of a morning they came to"), ("date", "day", "日付", "開催日", "参加日", "出席日")),
    "number": (_("number of that morning"), ("number", "no", "no.", "回", "回数", "第何回")),
    "status": (_("whether they came"), ("status", "came", "出欠", "出席", "参加", "出欠ステータス", "参加ステータス")),
}
NEEDED = ("name",)
CAME = {"", "came", "yes", "1", "true", "○", "〇", "◯", "出席", "参加", "来場", "済"}


@dataclass(frozen=True)
class Named:
    """One row: somebody, and perhaps a morning. Without an address nobody can be asked, and only the morning counts."""

    line: int
    name: str
    yomi: str = ""
    email: str = ""
    since: date | None = None
    on: date | None = None
    number: int | None = None

    @property
    def key(self) -> str:
        """By what this is known again: the address, else the name; and the morning."""
        return f"{self.email or folded(self.name)}\n{self.on or ''}\n{self.number or ''}"

    @property
    def is_of_a_morning(self) -> bool:
        return self.on is not None or self.number is not None


def read(file: IO[bytes], columns: Mapping[str, int], *, today: date) -> Iterator[tuple[int, Named | Refused]]:
    """Each row of the table, or why it is not taken. Raises `Unreadable`."""
    for line, typed in tables.entries(file, columns):
        try:
            yield line, row(line, typed, today=today)
        except Refused as reason:
            yield line, reason


def row(line: int, typed: Mapping[str, str], *, today: date) -> Named:
    """What a row says. Raises `Refused`."""
    name = clean_line(typed.get("name", ""))
    # Whoever is asked reads this name in a mail: no advertisement fits in.
    if not name or "@" in name or "://" in name or "www." in name.lower():
        raise Refused(_t("there is no name"))
    if len(name) > NAME_LENGTH:
        raise Refused(_t("the name is longer than %(most)d") % {"most": NAME_LENGTH})
    if folded(typed.get("status", "")) not in CAME:
        raise Refused(_t("did not come"))
    on, since = _day(typed, "on"), _day(typed, "since")
    if any(day and day > today for day in (on, since)):
        raise Refused(_t("this day is still to come"))
    found = Named(
        line, name, clean_line(typed.get("yomi", ""))[:NAME_LENGTH], _address(typed), since, on, _number(typed)
    )
    if not found.email and not found.is_of_a_morning:
        raise Refused(_t("neither an address at which to ask, nor a morning"))
    return found


def data_of(found: Named) -> dict[str, Any]:
    """As JSON."""
    said = {name: value for name, value in vars(found).items() if name != "line"}
    return said | {name: said[name].isoformat() for name in ("since", "on") if said[name]}


def named_from(line: int, data: Mapping[str, Any]) -> Named:
    """The row again."""
    read = {name: date.fromisoformat(data[name]) for name in ("since", "on") if data[name]}
    return Named(**{**data, **read, "line": line})


def _day(typed: Mapping[str, str], name: str) -> date | None:
    text = typed.get(name, "")
    if not text.strip():
        return None
    try:
        return days.when(text)[0]
    except (ValueError, OverflowError):
        raise Refused(_t("this is no day")) from None


def _number(typed: Mapping[str, str]) -> int | None:
    text = typed.get("number", "")
    if not text.strip():
        return None
    number = digits(text)
    if number is None or not 0 < number <= NUMBER_AT_MOST:
        raise Refused(_t("this is no number of a morning"))
    return number


def _address(typed: Mapping[str, str]) -> str:
    address = unicodedata.normalize("NFKC", typed.get("email", "")).strip().lower()
    if not address:
        return ""
    if problem(address):
        raise Refused(_t("no mail reaches this address"))
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(_t("this is no mail address")) from None
    return address
