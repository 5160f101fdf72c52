"""Whom a change of a session concerns. Higher apps add people (a guest author) by registering a provider."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from events.models import Session


@dataclass(frozen=True)
class Person:
    """Somebody to be told: `key` names the person in the mail's key, `context` goes into the mail's row.

    `kind` is set where the person is written to in other words than members are. Another fee is news for who `pays`.
    """

    key: str
    email: str
    language: str
    kind: str = ""
    pays: bool = True
    context: dict[str, Any] = field(default_factory=dict)


Provider = Callable[["Session"], Iterable[Person]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a provider; it answers for one session in one query."""
    if provider not in _providers:
        _providers.append(provider)


def people(session: Session) -> list[Person]:
    """Everybody concerned, each address once."""
    found: dict[str, Person] = {}
    for provider in _providers:
        for person in provider(session):
            found.setdefault(person.email.lower(), person)
    return list(found.values())
