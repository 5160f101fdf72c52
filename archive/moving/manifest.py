"""What an archive says of itself: the version of its tables, and of each part how much it is and by what to know it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1
NAME = "manifest.json"
MEGABYTE = 1_000_000
LONGEST = 100 * MEGABYTE
# No name may lead out of the folder it is put into, or hide there.
SAFE_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*){0,8}")


class Refused(Exception):  # noqa: N818 - said of an archive
    """Why an archive is not taken in, in words for the operator."""


@dataclass(frozen=True)
class Rows:
    """One table. `last_key` is the last number given to a row, also where that row is gone: it is not given again."""

    model: str
    columns: tuple[str, ...]
    count: int
    bytes: int
    sha256: str
    last_key: int

    @property
    def path(self) -> str:
        return f"rows/{self.model}.jsonl"


@dataclass(frozen=True)
class Media:
    """One uploaded file."""

    name: str
    bytes: int
    sha256: str

    @property
    def path(self) -> str:
        return f"media/{self.name}"


@dataclass
class Manifest:
    """`missing` are files that rows speak of and that were not there."""

    made_at: str
    site: str
    migrations: Mapping[str, Sequence[str]]
    left_out: Mapping[str, str]
    rows: list[Rows] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def content(self) -> str:
        """SHA-256 of all rows and files: equal where two installations hold the same."""
        parts = [(one.model, one.count, one.sha256) for one in self.rows]
        parts += [(one.name, one.bytes, one.sha256) for one in self.media]
        return hashlib.sha256(json.dumps(sorted(parts)).encode()).hexdigest()

    @property
    def parts(self) -> list[Rows | Media]:
        return [*self.rows, *self.media]

    @property
    def total(self) -> int:
        """How many bytes come out of it."""
        return sum(one.bytes for one in self.parts)

    @property
    def paths(self) -> set[str]:
        return {NAME, *(one.path for one in self.parts)}

    def written(self) -> bytes:
        return json.dumps({"format": FORMAT, "content": self.content, **asdict(self)}, indent=1).encode()


def read(text: bytes) -> Manifest:
    """The manifest an archive brings. Raises `Refused` where it is none, or says one thing twice."""
    try:
        typed = json.loads(text)
        version = typed.pop("format")
        if version != FORMAT:
            raise Refused(f"The archive has format {version!r}, this version of Asakai reads format {FORMAT}.")
        content = typed.pop("content")
        typed["rows"] = [Rows(**one | {"columns": tuple(one["columns"])}) for one in typed["rows"]]
        typed["media"] = [Media(**one) for one in typed["media"]]
        manifest = Manifest(**typed)
        _must_be_sound(manifest)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise Refused(f"{NAME} cannot be read: {error}") from None
    if content != manifest.content:
        raise Refused(f"{NAME} was changed after it was written: its parts do not make its content hash.")
    return manifest


def _must_be_sound(manifest: Manifest) -> None:
    """Types as written above, sizes that are sizes, names that stay where they are put."""
    if len(manifest.paths) != len(manifest.rows) + len(manifest.media) + 1:
        raise ValueError("something is named twice")
    numbers: list[Any] = [one.bytes for one in manifest.parts]
    numbers += [number for one in manifest.rows for number in (one.count, one.last_key)]
    if not all(type(number) is int and 0 <= number < 2**63 for number in numbers):
        raise ValueError("a size is no size")
    names: list[Any] = [one.name for one in manifest.media] + manifest.missing
    for name in names:
        if not SAFE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a file")
    if not all(isinstance(names, list) for names in manifest.migrations.values()):
        raise ValueError("the migrations are no lists")
