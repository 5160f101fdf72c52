"""The exact solver: most people covered, then most value, each person within a limit.

`blossom` alone is exact. Where many pairs could occupy several copies, `prices` first prove which of them no best
solution has, and blossom gets the few that remain; this changes the time, never the answer.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from introductions.matching.blossom import blossom
from introductions.matching.prices import Offer, Prices
from introductions.matching.tiers import Edge, Instance

_SMALL = 200  # pairs at several copies that blossom takes at once
_NEAREST = 3  # pairs per introduction that everybody brings into the first solution
_ENOUGH = 4  # pairs per person at which narrowing stops
_STEPS = 100
_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Solution:
    """Indices of the chosen edges, ascending. `bound`: no solution that covers as many is worth more; it is proved."""

    chosen: tuple[int, ...]
    covered: int
    value: int
    bound: int


def solve(limits: Sequence[int], edges: Sequence[Edge], *, fairness: int = 0) -> Solution:
    """The best choice of `edges` (each pair listed once, u != v) with at most `limits[v]` of them at person v.

    `fairness` lets everybody's best edge count that many times more. Locked edges are kept before anything else is
    weighed, as far as the limits let them.
    """
    usable = [i for i, edge in enumerate(edges) if min(limits[edge.u], limits[edge.v]) > 0]
    touching = Counter(person for i in usable for person in (edges[i].u, edges[i].v))
    within = [min(limit, touching[person]) for person, limit in enumerate(limits)]
    instance = Instance(within, [edges[i] for i in usable], fairness)
    chosen = blossom(instance, narrowed(instance))
    value = instance.value(chosen)
    return Solution(tuple(usable[i] for i in chosen), instance.covered(chosen), value, value)


def narrowed(instance: Instance) -> Sequence[int]:
    """The edges that a best solution may have, or all of them where narrowing is no help."""
    everything = range(len(instance.edges))
    if sum(min(instance.copies(i)) > 1 for i in everything) <= _SMALL:
        return everything
    known = blossom(instance, _nearest(instance))
    if instance.covered(known) < sum(limit > 0 for limit in instance.limits):
        return everything
    return _by_prices(instance, known)


def _nearest(instance: Instance) -> list[int]:
    """Everybody's best few edges, and the locked ones: enough for a good solution to start from."""
    near = {i for i, edge in enumerate(instance.edges) if edge.locked}
    taken = [0] * len(instance.limits)
    for i in sorted(range(len(instance.edges)), key=lambda i: (-instance.gain[i], i)):
        ends = (instance.edges[i].u, instance.edges[i].v)
        if any(taken[person] < _NEAREST * instance.limits[person] for person in ends):
            near.add(i)
        for person in ends:
            taken[person] += 1
    return sorted(near)


def _by_prices(instance: Instance, known: Sequence[int]) -> Sequence[int]:
    """What prices leave of the edges; `known` is a solution that covers everybody."""
    prices = Prices(_offers(instance), instance.limits)
    worth, few = instance.total(known), _ENOUGH * len(instance.limits)
    for _ in range(_ROUNDS):
        prices.improve(worth, _STEPS)
        prices.narrow(worth)
        if len(prices.kept) <= few:
            break
        trial = blossom(instance, prices.promising(few))
        if instance.covered(trial) == instance.covered(known):
            worth = max(worth, instance.total(trial))
    return prices.kept


def _offers(instance: Instance) -> list[Offer]:
    copies = [instance.copies(i) for i in range(len(instance.edges))]
    return [
        Offer(edge.u, edge.v, instance.gain[i], instance.best[i], copies[i][0] > 1, copies[i][1] > 1)
        for i, edge in enumerate(instance.edges)
    ]
