"""The words of the sample club, read from the files beside this module."""

import csv
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Person:
    """A line of people.csv; `times` is how often this person came in the time the sample remembers."""

    name: str
    yomi: str
    romaji: str
    industry: str
    role: str
    organisation: str
    one_line: str
    ask_me: str
    want_to_learn: str
    times: int
    language: str
    own_talk: str

    @property
    def email(self) -> str:
        return address(self.romaji)

    @property
    def is_newcomer(self) -> bool:
        return self.times <= 2

    @property
    def is_old_hand(self) -> bool:
        """Came already before the time the sample remembers."""
        return self.times >= 13


def address(romaji: str) -> str:
    """Sumie Yoshizaki → sumie.yoshizaki@example.com."""
    return romaji.lower().replace(" ", ".") + "@example.com"


def people() -> list[Person]:
    """Everybody, the host first."""
    with (HERE / "people.csv").open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    return [Person(**row | {"times": int(row["times"])}) for row in rows]


def read(name: str) -> dict[str, Any]:
    """One of the TOML files."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
