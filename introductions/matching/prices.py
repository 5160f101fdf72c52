"""Prices on people's copies: a bound on every solution, and which pairs the best cannot use.

Give the first copy of v a price f_v and each further one a price p_v >= 0. A solution that covers all but `missing` of
those who can be reached is worth at most

    sum f_v + sum (k_v - 1) p_v + q * missing + sum over e of max(0, r_e)      for any q >= 0 and f_v >= -q,

where r_e is what e brings less the cheapest copies at its two ends (weak duality: Nemhauser & Wolsey, Integer and
Combinatorial Optimization, II.3.6). So where a solution worth z is known, no better one has a pair with
bound + r_e < z. With nobody missing f_v may have any sign. Good prices come from subgradient steps of Polyak's length
in floating point; what they prove is computed in integers, so rounding proves nothing false.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_PATIENCE = 5  # steps without a lower bound before steps get shorter


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
    """One choice of prices (f, p, q): floats while searching, whole numbers where something is proved."""

    first: list[float]
    further: list[float]
    skip: float

    def rounded(self) -> "_Point":
        return _Point([round(y) for y in self.first], [round(y) for y in self.further], round(self.skip))

    def left(self, offer: Offer) -> tuple[float, bool, bool]:
        """What an offer brings at these prices, and whether it goes to a first copy of u and of v."""
        u_first, v_first = offer.best - self.first[offer.u], offer.best - self.first[offer.v]
        u_more, v_more = -self.further[offer.u], -self.further[offer.v]
        at_u = u_first >= u_more or not offer.u_further
        at_v = v_first >= v_more or not offer.v_further
        return offer.gain + (u_first if at_u else u_more) + (v_first if at_v else v_more), at_u, at_v


class Prices:
    """The search for good prices, over the offers that are still `kept`."""

    def __init__(self, offers: Sequence[Offer], limits: Sequence[int], missing: int | None) -> None:
        """`missing`: how many of those with an offer go without; None where that is still open (then q = 0)."""
        self.offers = offers
        self.kept: Sequence[int] = range(len(offers))
        self.missing = missing
        reached = {person for offer in offers for person in (offer.u, offer.v)}
        self.reached = [int(person in reached) for person in range(len(limits))]
        self.more = [max(0, limit - 1) for limit in limits]
        self.point = self._start()
        self.length = 1.0

    def _start(self) -> _Point:
        """Half of what the first introduction beyond one's limit would bring."""
        gains: list[list[int]] = [[] for _ in self.more]
        for offer in self.offers:
            gains[offer.u].append(offer.gain)
            gains[offer.v].append(offer.gain)
        beyond = [
            max(0, *sorted(mine, reverse=True)[more + 1 : more + 2], 0) / 2
            for mine, more in zip(gains, self.more, strict=True)
        ]
        return _Point(beyond, beyond, max((offer.best for offer in self.offers), default=0) if self.missing else 0)

    def improve(self, target: int, steps: int) -> None:
        """Search for a lower bound, toward the `target` that is known to be no higher."""
        lowest, found, worse = float("inf"), self.point, 0
        for _ in range(steps):
            bound, slopes = self._slopes()
            if bound < lowest:
                lowest, found, worse = bound, self.point, 0
            elif (worse := worse + 1) == _PATIENCE:
                self.length, worse = self.length / 2, 0
            self._step(slopes, bound - target)
        self.point = found

    def _slopes(self) -> tuple[float, tuple[list[int], list[int]]]:
        """The bound here, and how many first and further copies of each person are asked for too little."""
        first, further = list(self.reached), list(self.more)
        bound = self._fixed(self.point)
        for offer in map(self.offers.__getitem__, self.kept):
            left, at_u, at_v = self.point.left(offer)
            if left > 0:
                bound += left
                (first if at_u else further)[offer.u] -= 1
                (first if at_v else further)[offer.v] -= 1
        return bound, (first, further)

    def _fixed(self, point: _Point) -> float:
        paid = sum(price * more for price, more in zip(point.further, self.more, strict=True))
        return sum(point.first) + paid + point.skip * (self.missing or 0)

    def _step(self, slopes: tuple[list[int], list[int]], gap: float) -> None:
        first, further = slopes
        skip = self.missing - sum(first) if self.missing else 0
        steepness = sum(s * s for s in first) + sum(s * s for s in further) + skip * skip
        if steepness:
            self._move(first, further, skip, self.length * gap / steepness)

    def _move(self, first: list[int], further: list[int], skip: int, by: float) -> None:
        old, new_skip = self.point, max(0.0, self.point.skip - by * skip)
        moved = [price - by * slope for price, slope in zip(old.first, first, strict=True)]
        if self.missing != 0:
            moved = [max(0.0, price + old.skip) - new_skip for price in moved]
        more = [max(0.0, price - by * slope) for price, slope in zip(old.further, further, strict=True)]
        self.point = _Point(moved, more, new_skip)

    def prove(self) -> tuple[int, list[int]]:
        """The bound in integers, and what each kept offer brings at the prices that prove it."""
        point = self.point.rounded()
        left = [int(point.left(self.offers[i])[0]) for i in self.kept]
        return int(self._fixed(point)) + sum(max(0, brings) for brings in left), left

    def narrow(self, known: int) -> int:
        """Drop the offers no solution worth at least `known` can have; the proved bound."""
        bound, left = self.prove()
        self.kept = [i for i, brings in zip(self.kept, left, strict=True) if bound + min(0, brings) >= known]
        return bound

    def promising(self, many: int) -> list[int]:
        """The offers that bring most."""
        left = dict(zip(self.kept, self.prove()[1], strict=True))
        return sorted(left, key=lambda i: (-left[i], i))[:many]
