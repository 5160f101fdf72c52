"""The people of one morning, and who must not be introduced to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Key = str | int
PairKey = tuple[Key, Key]


def pair_of(a: Key, b: Key) -> PairKey:
    """The unordered pair of two keys, always the same way round."""
    return (a, b) if str(a) <= str(b) else (b, a)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was there: `industry` is a JSIC letter or "" (unknown), `teaches` and `learns` are `topics`.

    `limit` is how many introductions this person takes in one round; 0 is the same as opting out.
    """

    key: Key
    industry: str = ""
    newcomer: bool = False
    teaches: frozenset[str] = frozenset()
    learns: frozenset[str] = frozenset()
    limit: int = 1


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What no weight can outvote.

    `apart` holds the pairs that are never made: blocks of either side, "never with", introduced before. `met` counts
    the times a pair already met; from `known_after` times on the two need no introduction (0: they always may).
    Pairs may be given either way round.
    """

    opted_out: frozenset[Key] = frozenset()
    apart: frozenset[PairKey] = frozenset()
    met: Mapping[PairKey, int] = field(default_factory=lambda: MappingProxyType({}))
    known_after: int = 3

    def normalised(self) -> "Exclusions":
        """The same rules with every pair the way `pair_of` turns it; of two counts the larger."""
        met: dict[PairKey, int] = {}
        for pair, times in self.met.items():
            met[pair_of(*pair)] = max(times, met.get(pair_of(*pair), 0))
        apart = frozenset(pair_of(*pair) for pair in self.apart)
        return Exclusions(self.opted_out, apart, met, self.known_after)

    def forbid(self, pair: PairKey) -> bool:
        """Whether these two must not be introduced; both the rules and the pair normalised."""
        return pair in self.apart or 0 < self.known_after <= self.met.get(pair, 0)
