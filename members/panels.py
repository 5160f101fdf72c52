"""What apps above add to a member's page for one reader: registered in `AppConfig.ready()`, shown under the card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from members.models import Member


@dataclass(frozen=True)
class Panel:
    """A heading and its lines, in the reader's language."""

    title: str
    lines: Sequence[str]


# What this reader is told of that member, at this moment.
Provider = Callable[["Member", "Member", datetime], Iterable[Panel]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a provider; it answers for one reader and one member in one query."""
    if provider not in _providers:
        _providers.append(provider)


def of(reader: Member, member: Member, *, now: datetime) -> list[Panel]:
    """All there is to show, in the order the apps registered."""
    return [panel for provider in _providers for panel in provider(reader, member, now)]
