"""The mails that one piece of code owes, told apart from what others owe at the same moment."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_noted: ContextVar[list[str] | None] = ContextVar("noted", default=None)


@contextmanager
def noted() -> Iterator[list[str]]:
    """The keys of the mails owed inside, those included that were known before. Who notes around it notes them too."""
    keys: list[str] = []
    before = _noted.set(keys)
    try:
        yield keys
    finally:
        _noted.reset(before)
        note(keys)


def note(keys: Iterable[str]) -> None:
    """Called where mails are written into the books, and nowhere else."""
    found = _noted.get()
    if found is not None:
        found.extend(keys)
