"""Prices on people's copies: a bound on every solution, and which pairs the best cannot have.

Give the first copy of person v a price f_v and each further one a price p_v >= 0. A solution that covers everybody is
worth at most

    bound = sum f_v + sum (k_v - 1) p_v + sum over e of max(0, r_e)

where r_e is what e brings less the cheapest copies at its two ends (weak duality: Nemhauser & Wolsey, Integer and
Combinatorial Optimization, II.3.6). So where a solution worth z is known, no better one has a pair with
bound + r_e < z. Good prices come from subgradient steps of Polyak's length (USSR Comput. Math. 9, 1969) in floating
point; what they prove is computed in integers, so rounding proves nothing false.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_PATIENCE = 25  # steps without a lower bound before steps get shorter


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
    """One choice of prices: floats while searching, whole numbers where something is proved."""

    first: list[float]
    further: list[float]

    def rounded(self) -> "_Point":
        return _Point([round(y) for y in self.first], [round(y) for y in self.further])

    def left(self, offer: Offer) -> tuple[float, bool, bool]:
        """What an offer brings at these prices, and whether it goes to a first copy of u and of v."""
        u_first, v_first = offer.best - self.first[offer.u], offer.best - self.first[offer.v]
        u_more, v_more = -self.further[offer.u], -self.further[offer.v]
        at_u = u_first >= u_more or not offer.u_further
        at_v = v_first >= v_more or not offer.v_further
        brings = offer.gain + (u_first if at_u else u_more) + (v_first if at_v else v_more)
        return brings, at_u, at_v


class Prices:
    """The search for good prices, over the offers that are still `kept`. Everybody with a limit has an offer."""

    def __init__(self, offers: Sequence[Offer], limits: Sequence[int]) -> None:
        self.offers = offers
        self.kept: Sequence[int] = range(len(offers))
        self.firsts = [min(limit, 1) for limit in limits]
        self.more = [max(limit - 1, 0) for limit in limits]
        self.point = self._start()
        self.length = 1.0

    def _start(self) -> _Point:
        """Half of what the first introduction beyond one's limit would bring."""
        gains: list[list[int]] = [[] for _ in self.more]
        for offer in self.offers:
            gains[offer.u].append(offer.gain)
            gains[offer.v].append(offer.gain)
        beyond = [
            max(0.0, min(sorted(mine, reverse=True)[: more + 2], default=0) / 2)
            for mine, more in zip(gains, self.more, strict=True)
        ]
        return _Point(beyond, beyond)

    def improve(self, target: int, steps: int) -> None:
        """Search for a lower bound, toward the `target` that is known to be no higher."""
        lowest, found, worse = float("inf"), self.point, 0
        for _ in range(steps):
            bound, first, further = self._unasked()
            if bound < lowest:
                lowest, found, worse = bound, self.point, 0
            elif (worse := worse + 1) == _PATIENCE:
                self.length, worse = self.length / 2, 0
            self._step(first, further, bound - target)
        self.point = found

    def _unasked(self) -> tuple[float, list[int], list[int]]:
        """The bound here, and how many first and further copies of each person are asked for too little."""
        first, further = list(self.firsts), list(self.more)
        bound = self._paid(self.point)
        for i in self.kept:
            offer = self.offers[i]
            brings, at_u, at_v = self.point.left(offer)
            if brings > 0:
                bound += brings
                (first if at_u else further)[offer.u] -= 1
                (first if at_v else further)[offer.v] -= 1
        return bound, first, further

    def _paid(self, point: _Point) -> float:
        further = sum(price * more for price, more in zip(point.further, self.more, strict=True))
        return sum(point.first) + further

    def _step(self, first: list[int], further: list[int], gap: float) -> None:
        """Cheaper where too little is asked, dearer where too much, in proportion to the gap."""
        steepness = sum(s * s for s in first) + sum(s * s for s in further)
        by = self.length * gap / max(steepness, 1)
        self.point = _Point(
            [price - by * slope for price, slope in zip(self.point.first, first, strict=True)],
            [max(0.0, price - by * slope) for price, slope in zip(self.point.further, further, strict=True)],
        )

    def narrow(self, known: int) -> int:
        """Drop the offers that no solution worth at least `known` has. The bound, proved in integers."""
        point = self.point.rounded()
        brings = [int(point.left(self.offers[i])[0]) for i in self.kept]
        bound = int(self._paid(point)) + sum(max(0, b) for b in brings)
        self.kept = [i for i, b in zip(self.kept, brings, strict=True) if bound + min(0, b) >= known]
        return bound

    def promising(self, many: int) -> list[int]:
        """The kept offers that bring most."""
        return sorted(self.kept, key=lambda i: (-self.point.left(self.offers[i])[0], i))[:many]
