"""How near a reader is to somebody, in one expression. Apps above say who is near by registering a provider.

The ladder is members.levels.Level: oneself is 0, a host 1, …, any member 5, the public 6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, IntegerField, Q, Value, When

from members.levels import Level

if TYPE_CHECKING:
    from members.models import Member

# Of which rows of Member this reader stands at that step: conditions of `pk__in` with a subquery, which PostgreSQL
# evaluates once for a whole list.
Provider = Callable[["Member"], Q]
Attended = Callable[["Member"], int]
_providers: dict[Level, list[Provider]] = {}
_attended: list[Attended] = []


def register(level: Level, provider: Provider) -> None:
    """Add a provider; it answers for every member in one subquery."""
    known = _providers.setdefault(level, [])
    if provider not in known:
        known.append(provider)


def register_attended(count: Attended) -> None:
    """Who counts the mornings somebody came to, from closed rosters."""
    if count not in _attended:
        _attended.append(count)


def attended(member: Member) -> int:
    """How many mornings this member came to. One query."""
    return sum(count(member) for count in _attended)


def nearness(viewer: Member | AnonymousUser) -> Case:
    """An expression on Member: the narrowest step of the ladder at which this reader stands to that person."""
    if isinstance(viewer, AnonymousUser) or not viewer.is_active:
        return Case(default=Value(int(Level.PUBLIC)), output_field=IntegerField())
    steps = [When(pk=viewer.pk, then=Value(int(Level.NOBODY)))]
    for level in sorted(_providers):
        steps += [When(provider(viewer), then=Value(int(level))) for provider in _providers[level]]
    widest = Level.MEMBERS if viewer.has_profile or viewer.is_staff else Level.PUBLIC
    return Case(*steps, default=Value(int(widest)), output_field=IntegerField())
