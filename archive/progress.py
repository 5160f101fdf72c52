"""How far a long command has come, on a terminal and nowhere else."""

import sys
from collections.abc import Iterator, Sequence
from typing import TextIO, TypeVar

T = TypeVar("T")
WIDTH = 30


def shown(items: Sequence[T], label: str, stream: TextIO | None = None) -> Iterator[T]:
    """The items one after the other, with a bar on standard error while they are worked on."""
    stream = stream or sys.stderr
    if not stream.isatty() or not items:
        yield from items
        return
    last = -1
    for done, item in enumerate(items):
        per_cent = 100 * done // len(items)
        if per_cent != last:
            last = per_cent
            _draw(stream, label, per_cent)
        yield item
    _draw(stream, label, 100)
    stream.write("\n")


def _draw(stream: TextIO, label: str, per_cent: int) -> None:
    filled = WIDTH * per_cent // 100
    stream.write(f"\r{label:<10} {'█' * filled}{'░' * (WIDTH - filled)} {per_cent:3} %")
    stream.flush()
