"""One instance of the problem in numbers: people are indices, and all aims are tiers of one integer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

TIE_BITS = 20


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of people `u` and `v`. `tie` < 2^20 chooses among equals; `first_only` keeps it off second copies."""

    u: int
    v: int
    weight: int
    tie: int = 0
    first_only: bool = False
    locked: bool = False


@dataclass(slots=True)
class Instance:
    """Locked pairs above people covered above value above ties: no sum of a lower tier reaches one of a higher.

    `gain` is what an edge brings once; at either end where it is somebody's first it brings `best` more, and `cover`.
    """

    limits: Sequence[int]
    edges: Sequence[Edge]
    fairness: int
    unit: int = field(init=False)
    cover: int = field(init=False)
    gain: list[int] = field(init=False)
    best: list[int] = field(init=False)

    def __post_init__(self) -> None:
        most = sum(self.limits) // 2
        self.unit = (most + 1) << TIE_BITS
        largest = (1 + max((abs(edge.weight) for edge in self.edges), default=0)) * self.unit
        self.cover = 1 + 2 * largest * (most + len(self.limits) * self.fairness)
        lock = self.cover * (len(self.limits) + 1)
        self.gain = [edge.weight * self.unit + edge.tie + lock * edge.locked for edge in self.edges]
        self.best = [self.fairness * edge.weight * self.unit for edge in self.edges]

    def copies(self, edge: int) -> tuple[int, int]:
        """How many copies of its two people an edge may be at."""
        e = self.edges[edge]
        return (1, 1) if e.first_only else (self.limits[e.u], self.limits[e.v])

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
        """Everybody's best among the chosen edges."""
        firsts: dict[int, int] = {}
        for i in chosen:
            for person in (self.edges[i].u, self.edges[i].v):
                firsts[person] = max(of[i], firsts.get(person, of[i]))
        return firsts
