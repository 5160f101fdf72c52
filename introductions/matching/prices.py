"""Prices on people's copies: a bound on every solution, and which pairs the best cannot have.

Give the first copy of person v a price f_v, each further one a price p_v >= 0, and every pair a toll t >= 0. Of n
people a solution that covers c at least is worth at most

    bound = sum (f_v + s) - c s + sum (k_v - 1) p_v + t * floor(K / 2) + sum over e of max(0, r_e)

where r_e is what e brings less the toll and the cheapest copies at its two ends, s >= 0 with f_v + s >= 0, and K is how
many copies there are (weak duality: Nemhauser & Wolsey, Integer and Combinatorial Optimization, II.3.6; the toll is the
price of Edmonds' inequality for all copies together, which closes the half pair an odd number of copies leaves open).
Where c = n, s may be as large as one likes and f_v is free. So where a solution worth z is known, no better one has a
pair with bound + r_e < z, and every better one has each pair with bound - r_e < z. Good prices come from subgradient
steps of Polyak's length (USSR Comput. Math. 9, 1969) in floating point; what they prove is computed in integers, so
rounding proves nothing false. The only door to numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool]

_PATIENCE = 25  # steps without a lower bound before steps get shorter
_LIKELY = 12  # pairs per person that most steps look at
_HOPE = 1e-6  # a target that is too high, or met, still leaves so much to gain


class Offer(NamedTuple):
    """A pair: `gain` once, `best` more at a first copy; whether each end may be at a further copy."""

    u: int
    v: int
    gain: int
    best: int
    u_further: bool
    v_further: bool


@dataclass(frozen=True, slots=True)
class _Point:
    """One choice of prices: first copies, further copies, the toll, and s."""

    first: Floats
    further: Floats
    toll: float
    spared: float


class Prices:
    """The search for good prices over the offers still `kept`; of the people with a limit `covered` are covered."""

    def __init__(self, offers: Sequence[Offer], limits: Sequence[int], covered: int) -> None:
        import numpy as np  # noqa: PLC0415 - large, and needed by one task only

        self.np = np
        self.offers, self.covered = offers, covered
        self.firsts = np.array([min(limit, 1) for limit in limits], dtype=np.float64)
        self.more = np.array([max(limit - 1, 0) for limit in limits], dtype=np.float64)
        self.pairs, self.is_odd = sum(limits) // 2, bool(sum(limits) % 2)
        self.all_covered = covered == sum(limit > 0 for limit in limits)
        self.length = 1.0
        self.kept: Sequence[int] = range(len(offers))
        self.sure: Sequence[int] = []
        self.point = self._start()

    def _look_at(self, offers: Sequence[int]) -> None:
        np = self.np
        columns = [self.offers[i] for i in offers]
        self.u = np.array([offer.u for offer in columns], dtype=np.int64)
        self.v = np.array([offer.v for offer in columns], dtype=np.int64)
        self.gain = np.array([offer.gain for offer in columns], dtype=np.float64)
        self.best = np.array([offer.best for offer in columns], dtype=np.float64)
        self.u_never = np.array([0.0 if offer.u_further else np.inf for offer in columns])
        self.v_never = np.array([0.0 if offer.v_further else np.inf for offer in columns])

    def _start(self) -> _Point:
        """Half of what the first introduction beyond one's limit would bring."""
        gains: list[list[int]] = [[] for _ in self.more]
        for offer in self.offers:
            gains[offer.u].append(offer.gain)
            gains[offer.v].append(offer.gain)
        beyond = [
            max(0.0, min(sorted(mine, reverse=True)[: int(more) + 2], default=0) / 2)
            for mine, more in zip(gains, self.more, strict=True)
        ]
        start = self.np.array(beyond, dtype=self.np.float64)
        return _Point(start * self.firsts, start, 0.0, 0.0)

    def improve(self, target: int, steps: int) -> None:
        """Search for a lower bound, toward the `target` that should be no higher."""
        self._look_at(self.kept)
        self._descend(target, steps // 4)
        known, bound = self.point, self._unasked()[0]
        self._look_at(self._likely(_LIKELY * len(self.firsts)))
        self._descend(target, steps - steps // 4)
        self._look_at(self.kept)
        if self._unasked()[0] > bound:
            # Where most offers are alike, none of them can be left out of sight.
            self.point = known
            self._descend(target, steps // 4)
        self.point = self._tolled(self.point)

    def _likely(self, many: int) -> Sequence[int]:
        if len(self.kept) <= many:
            return self.kept
        return [self.kept[place] for place in self.np.argsort(-self._brings()[0], kind="stable")[:many].tolist()]

    def _descend(self, target: int, steps: int) -> None:
        lowest, found, worse, self.length = float("inf"), self.point, 0, 1.0
        for _ in range(steps):
            bound, slopes = self._unasked()
            if bound < lowest:
                lowest, found, worse = bound, self.point, 0
            elif (worse := worse + 1) == _PATIENCE:
                self.length, worse = self.length / 2, 0
            self._step(slopes, max(bound - target, _HOPE * abs(bound)))
        self.point = found

    def _tolled(self, point: _Point) -> _Point:
        """As much of the prices as everybody pays, taken as the toll: worth half of it where a copy must stay free."""
        np = self.np
        may_fall = np.where(self.more > 0, point.further, np.inf)
        if not self.all_covered:
            may_fall = np.minimum(may_fall, np.where(self.firsts > 0, point.first + point.spared, np.inf))
        level = float(may_fall.min(initial=np.inf))
        if not self.is_odd or not 0 < level < np.inf:
            return point
        first, further = (point.first - level) * self.firsts, np.maximum(0.0, point.further - level)
        return _Point(first, further, point.toll + 2 * level, point.spared)

    def _brings(self) -> tuple[Floats, Bools, Bools]:
        """What every kept offer brings at these prices, and whether it goes to a first copy of u and of v."""
        first, further = self.point.first, self.point.further
        u_first, u_more = self.best - first[self.u], -further[self.u] - self.u_never
        v_first, v_more = self.best - first[self.v], -further[self.v] - self.v_never
        np = self.np
        brings: Floats = self.gain + np.maximum(u_first, u_more) + np.maximum(v_first, v_more) - self.point.toll
        return brings, u_first >= u_more, v_first >= v_more

    def _unasked(self) -> tuple[float, _Point]:
        """The bound here, and its slopes: by how much less is asked for than there is."""
        np, point = self.np, self.point
        brings, at_u, at_v = self._brings()
        used, size = brings > 0, len(self.firsts)

        def asked(u: Bools, v: Bools) -> Floats:
            both = np.bincount(self.u[u], minlength=size) + np.bincount(self.v[v], minlength=size)
            floats: Floats = both.astype(np.float64)
            return floats

        first, further = asked(used & at_u, used & at_v), asked(used & ~at_u, used & ~at_v)
        spared = 0.0 if self.all_covered else float(self.firsts.sum()) - self.covered
        bound = float(point.first.sum() + (point.further * self.more).sum() + brings[used].sum())
        bound += point.toll * self.pairs + point.spared * spared
        toll = float(self.pairs - used.sum()) if self.is_odd else 0.0
        return bound, _Point((self.firsts - first) * self.firsts, self.more - further, toll, spared)

    def _step(self, slopes: _Point, gap: float) -> None:
        """Cheaper where too little is asked, dearer where too much, in proportion to the gap."""
        np, point = self.np, self.point
        steepness = float((slopes.first**2).sum() + (slopes.further**2).sum()) + slopes.toll**2 + slopes.spared**2
        by = self.length * gap / max(steepness, 1.0)
        first, spared = point.first - by * slopes.first, point.spared
        if not self.all_covered:
            spared = max(0.0, spared - by * slopes.spared)
            first = np.maximum(first, -spared) * self.firsts
        further = np.maximum(0.0, point.further - by * slopes.further)
        self.point = _Point(first, further, max(0.0, point.toll - by * slopes.toll), spared)

    def narrow(self, known: int) -> int:
        """Drop the offers that no solution worth at least `known` has. The bound, proved in integers."""
        first, further = [round(price) for price in self.point.first], [round(price) for price in self.point.further]
        toll, spared = round(self.point.toll), 0
        if not self.all_covered:
            spared = max(0, round(self.point.spared), -min(first, default=0))
        brings = [_brought(self.offers[i], first, further) - toll for i in self.kept]
        bound = sum(first) + sum(price * int(more) for price, more in zip(further, self.more, strict=True))
        bound += toll * self.pairs + spared * (int(self.firsts.sum()) - self.covered)
        bound += sum(max(0, b) for b in brings)
        self.sure = [i for i, b in zip(self.kept, brings, strict=True) if bound - max(0, b) < known]
        self.kept = [i for i, b in zip(self.kept, brings, strict=True) if bound + min(0, b) >= known]
        self._look_at(self.kept)
        return max(int(bound), known)

    def promising(self, many: int, each: int) -> tuple[list[int], list[int]]:
        """The kept offers that may well be in the best solution, and those of them that surely seem to be.

        Unsure are the `many` that bring next to nothing either way, and of everybody those `each` that bring most.
        """
        brings = self._brings()[0].tolist()
        near = sorted(range(len(brings)), key=lambda place: (abs(brings[place]), place))
        unsure, room = set(near[:many]), (self.firsts + self.more).tolist()
        seen, sure = [0] * len(room), []
        for place in sorted(range(len(brings)), key=lambda place: (-brings[place], place)):
            offer = self.offers[self.kept[place]]
            if brings[place] > 0 and place not in unsure and min(room[offer.u], room[offer.v]) > 0:
                sure.append(self.kept[place])
                room[offer.u] -= 1
                room[offer.v] -= 1
            elif brings[place] > 0 or min(seen[offer.u], seen[offer.v]) < each:
                unsure.add(place)
            seen[offer.u] += 1
            seen[offer.v] += 1
        return sorted([*sure, *(self.kept[place] for place in unsure)]), sure


def _brought(offer: Offer, first: Sequence[int], further: Sequence[int]) -> int:
    """What an offer brings less the cheapest copies at its two ends."""
    u, v = offer.best - first[offer.u], offer.best - first[offer.v]
    if offer.u_further:
        u = max(u, -further[offer.u])
    if offer.v_further:
        v = max(v, -further[offer.v])
    return offer.gain + u + v
