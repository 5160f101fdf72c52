"""The people of one morning who need a chair, and what must hold for their tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who needs a chair. Who shares a `party` sits together; `industry` is a JSIC letter or "" (unknown).

    `often`: which part of the mornings they come to; `knows`: which part of all people they have sat with.
    """

    key: str
    industry: str = ""
    newcomer: bool = False
    party: str = ""
    host: bool = False
    often: float = 0
    knows: float = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """`apart`: never at one table; `beside`: at one if that can be. `met`: how often a pair has met, on how many
    `shared` mornings.

    `pinned` and `before`: tables, from 1, by key.
    """

    apart: frozenset[Pair] = frozenset()
    beside: frozenset[Pair] = frozenset()
    met: Mapping[Pair, int] = field(default_factory=lambda: MappingProxyType({}))
    shared: Mapping[Pair, int] = field(default_factory=lambda: MappingProxyType({}))
    pinned: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    before: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
