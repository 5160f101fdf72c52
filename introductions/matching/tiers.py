"""One instance of the problem in numbers: people are indices, and all aims are tiers of one integer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

TIE_BITS = 20


def tie(seed: str, a: object, b: object) -> int:
    """A draw in [0, 2^20) that is the same whenever the seed and the two are: chance that can be repeated."""
    drawn = blake2b(f"{seed}\0{a}\0{b}".encode(), digest_size=4).digest()
    return int.from_bytes(drawn) >> (32 - TIE_BITS)


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of people `u` and `v`. `tie` < 2^20 chooses among equals.

    `first_of` keeps it off second copies: of these people it is the first, or it is not used.
    """

    u: int
    v: int
    weight: int
    tie: int = 0
    first_of: frozenset[int] = frozenset()
    locked: bool = False


@dataclass(slots=True)
class Instance:
    """Locked pairs above people covered above value above ties: no sum of a lower tier reaches one of a higher.

    `gain` is what an edge brings once; at either end where it is somebody's first it brings `best` more, and `cover`.
    Somebody's first is the best of the chosen edges, or the one that is `first_of` them.
    """

    limits: Sequence[int]
    edges: Sequence[Edge]
    fairness: int
    unit: int = field(init=False)
    cover: int = field(init=False)
    lock: int = field(init=False)
    gain: list[int] = field(init=False)
    best: list[int] = field(init=False)

    def __post_init__(self) -> None:
        most = sum(self.limits) // 2
        self.unit = (most + 1) << TIE_BITS
        largest = (1 + max((abs(edge.weight) for edge in self.edges), default=0)) * self.unit
        self.cover = 1 + 2 * largest * (most + len(self.limits) * self.fairness)
        self.lock = self.cover * (len(self.limits) + 1)
        self.gain = [edge.weight * self.unit + edge.tie + self.lock * edge.locked for edge in self.edges]
        self.best = [self.fairness * edge.weight * self.unit for edge in self.edges]

    def copies(self, edge: int) -> tuple[int, int]:
        """How many copies of its two people an edge may be at."""
        e = self.edges[edge]
        return 1 if e.u in e.first_of else self.limits[e.u], 1 if e.v in e.first_of else self.limits[e.v]

    def total(self, chosen: Sequence[int]) -> int:
        """What a choice brings in all tiers but coverage."""
        return sum(self.gain[i] for i in chosen) + sum(self._firsts(chosen, self.best).values())

    def value(self, chosen: Sequence[int]) -> int:
        """The same in the unit of the weights, without locks and ties."""
        weights = [edge.weight for edge in self.edges]
        return sum(weights[i] for i in chosen) + self.fairness * sum(self._firsts(chosen, weights).values())

    def covered(self, chosen: Sequence[int]) -> int:
        return len(self._firsts(chosen, self.best))

    def _firsts(self, chosen: Sequence[int], of: Sequence[int]) -> dict[int, int]:
        """What everybody's first among the chosen edges is in `of`, by person."""
        firsts: dict[int, tuple[bool, int]] = {}
        for i in chosen:
            edge = self.edges[i]
            for person in (edge.u, edge.v):
                this = (person in edge.first_of, of[i])
                firsts[person] = max(this, firsts.get(person, this))
        return {person: worth for person, (_, worth) in firsts.items()}
