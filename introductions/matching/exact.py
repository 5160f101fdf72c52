"""The exact solver: most people covered, then most value, each person within a limit.

`blossom` alone is exact. Where many pairs could occupy several copies, `prices` first prove which of them no best
solution has, and blossom gets the few that remain; this changes the time, never the answer. Among hundreds of people
that may leave too many to try: then the best solution seen is returned with the bound that was proved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from introductions.matching.blossom import blossom
from introductions.matching.prices import Offer, Prices
from introductions.matching.tiers import Edge, Instance

_SMALL = 200  # pairs at several copies that blossom takes at once
_ENOUGH, _MANY = 2, 5  # pairs per person that a trial leaves open, where those taken for sure are and are not
_EACH = 3  # everybody's most promising pairs, which are in every trial
_STEPS = 600
_ROUNDS = 6
_AFFORDABLE = 600_000  # open pairs times people that blossom ends where few are open for each,
_FEW_EACH, _FEW_PEOPLE = 8, 120
_ANYHOW = 80_000  # and where many are

_Found = tuple[Sequence[int], int]


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
    chosen: list[int] = []
    bound = 0
    for mine in _parts(limits, edges):
        instance = _instance(limits, [edges[i] for i in mine], fairness)
        best, most = _solved(instance)
        chosen += [mine[i] for i in best]
        bound += most
    chosen.sort()
    whole = Instance(limits, edges, fairness)
    return Solution(tuple(chosen), whole.covered(chosen), whole.value(chosen), bound)


def _parts(limits: Sequence[int], edges: Sequence[Edge]) -> Iterable[list[int]]:
    """The edges that hang together, each lot to be solved alone; without those nobody has room for."""
    leader = list(range(len(limits)))

    def root(person: int) -> int:
        while leader[person] != person:
            leader[person] = leader[leader[person]]
            person = leader[person]
        return person

    usable = [i for i, edge in enumerate(edges) if min(limits[edge.u], limits[edge.v]) > 0]
    for i in usable:
        leader[root(edges[i].u)] = root(edges[i].v)
    parts: dict[int, list[int]] = {}
    for i in usable:
        parts.setdefault(root(edges[i].u), []).append(i)
    return parts.values()


def _instance(limits: Sequence[int], edges: Sequence[Edge], fairness: int) -> Instance:
    """A part with its own people only, none of whom takes more than there is."""
    touching = Counter(person for edge in edges for person in (edge.u, edge.v))
    place = {person: number for number, person in enumerate(sorted(touching))}
    within = [min(limits[person], touching[person]) for person in place]
    moved = [
        replace(edge, u=place[edge.u], v=place[edge.v], first_of=frozenset(place[one] for one in edge.first_of))
        for edge in edges
    ]
    return Instance(within, moved, fairness)


def _solved(instance: Instance) -> _Found:
    """The best edges of a part and the bound of their value, which is the value where they are proved best."""
    everything = range(len(instance.edges))
    if sum(min(instance.copies(i)) > 1 for i in everything) <= _SMALL:
        return _ended(instance, everything)
    found = _priced(instance, len(instance.limits))
    if found is None:
        covered = instance.covered(blossom(instance, _nearest(instance)))
        if _coverable(instance) == covered:
            found = _priced(instance, covered)
    return found or _ended(instance, everything)


def _ended(instance: Instance, kept: Sequence[int], sure: Sequence[int] = ()) -> _Found:
    best = blossom(instance, kept, sure)
    return best, instance.value(best)


def _priced(instance: Instance, covered: int) -> _Found | None:
    """The best edges with their bound if so many can be covered, and None if the first trial covers fewer."""
    people = len(instance.limits)
    prices = Prices(_offers(instance), instance.limits, covered)
    start = _greedy(instance)
    best = start if instance.covered(start) == covered else []
    worth, bound, is_wide = instance.total(start), 0, False
    for _ in range(_ROUNDS):
        prices.improve(worth, _STEPS)
        tried, taken = prices.promising(_ENOUGH * people, _EACH)
        trial = blossom(instance, tried, taken)
        if is_wide or instance.covered(trial) < covered:
            # Too much was taken for sure: many pairs are alike.
            many = _MANY if people <= _FEW_PEOPLE else _ENOUGH
            tried, taken = sorted({*prices.promising(many * people, _EACH)[0], *(best or start)}), []
            trial = blossom(instance, tried)
        if instance.covered(trial) == covered and (not best or instance.total(trial) > worth):
            best, worth = trial, instance.total(trial)
        if not best:
            return None
        seen, bound = (worth, bound), prices.narrow(worth)
        if set(prices.kept) <= set(tried) and set(taken) <= set(prices.sure):
            return best, instance.value(best)
        if seen == (worth, bound):
            if is_wide:
                break
            is_wide = True
    left = len(prices.kept) - len(prices.sure)
    if people * left <= (_AFFORDABLE if left <= _FEW_EACH * people else _ANYHOW):
        return _ended(instance, prices.kept, prices.sure)
    locks = instance.lock * sum(instance.edges[i].locked for i in best)
    return best, (bound - locks) // instance.unit


def _coverable(instance: Instance) -> int:
    """No solution covers more people than this."""
    scale = 1000
    offers = [offer._replace(gain=0, best=scale) for offer in _offers(instance)]
    prices = Prices(offers, instance.limits, 0)
    prices.improve(0, _STEPS)
    return prices.narrow(0) // scale


def _greedy(instance: Instance) -> list[int]:
    """Pair after pair, the best first: what the search for prices starts from."""
    left, found, firsts = list(instance.limits), [], set[int]()
    for i in _best_first(instance):
        edge = instance.edges[i]
        if left[edge.u] and left[edge.v] and firsts.isdisjoint(edge.first_of):
            left[edge.u] -= 1
            left[edge.v] -= 1
            firsts |= edge.first_of
            found.append(i)
    return found


def _nearest(instance: Instance) -> list[int]:
    """Everybody's best few edges: enough to cover as many as can be, nearly always."""
    near, taken = [], [0] * len(instance.limits)
    for i in _best_first(instance):
        edge = instance.edges[i]
        if any(taken[person] < _EACH * instance.limits[person] for person in (edge.u, edge.v)):
            near.append(i)
        taken[edge.u] += 1
        taken[edge.v] += 1
    return sorted(near)


def _best_first(instance: Instance) -> list[int]:
    return sorted(range(len(instance.edges)), key=lambda i: (-instance.gain[i], i))


def _offers(instance: Instance) -> list[Offer]:
    found = []
    for i, edge in enumerate(instance.edges):
        at_u, at_v = instance.copies(i)
        found.append(Offer(edge.u, edge.v, instance.gain[i], instance.best[i], at_u > 1, at_v > 1))
    return found
