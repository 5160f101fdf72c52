"""From people to a plan: who is introduced to whom this time, why, and why somebody is not."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from introductions.matching.affinity import ACROSS_TRADES, Pair, Weights, candidates, willing
from introductions.matching.exact import Solution, solve
from introductions.matching.people import Exclusions, Key, PairKey, Person, pair_of
from introductions.matching.tiers import Edge, tie


class Reason(StrEnum):
    """Why somebody has no introduction. What blocked a pair is never told apart from having met."""

    OPTED_OUT = "opted_out"  # takes none this time
    ALL_KNOWN = "all_known"  # every other who takes one is excluded for this person
    ODD = "odd"  # the only one left over
    NOBODY_LEFT = "nobody_left"  # no other takes any, or the possible ones are needed elsewhere


@dataclass(frozen=True, slots=True)
class Plan:
    """`value` is the pairs' sum, `worth` the same with the fairness term; `bound` the proved limit of `worth`.

    `alternatives`: per pair, the value of the best possible pair not made that has one of the two in it.
    """

    pairs: tuple[Pair, ...]
    covered: int
    value: int
    worth: int
    bound: int
    left_out: dict[Key, Reason]
    alternatives: dict[PairKey, int]


def match(
    people: Sequence[Person],
    *,
    seed: str,
    exclusions: Exclusions | None = None,
    weights: Weights = ACROSS_TRADES,
    locked: frozenset[PairKey] = frozenset(),
) -> Plan:
    """The best introductions among these people; the same for the same people in any order and the same seed.

    `locked` pairs are kept first, unless a rule or a limit forbids them by now. `seed` names the session and the
    round. Raises ValueError for a key given twice.
    """
    rules = (exclusions or Exclusions()).normalised()
    possible = candidates(people, rules, weights)
    takers = willing(people, rules)
    place = {person.key: index for index, person in enumerate(takers)}
    kept = {pair_of(*pair) for pair in locked}
    edges = [_edge(pair, place, seed, weights.floor, is_locked=pair.key in kept) for pair in possible]
    solution = _solved([person.limit for person in takers], edges, fairness=_fairness(takers, weights))
    pairs = tuple(possible[index] for index in solution.chosen)
    return Plan(
        pairs=pairs,
        covered=solution.covered,
        value=sum(pair.value for pair in pairs),
        worth=solution.value,
        bound=solution.bound,
        left_out=_left_out(people, takers, possible, pairs),
        alternatives=_alternatives(possible, pairs),
    )


def _solved(limits: Sequence[int], edges: Sequence[Edge], *, fairness: int) -> Solution:
    """The best choice, covering as many as could be without a floor.

    A weak pair is the first of both, or else of one who would have nobody otherwise.
    """
    strict = edges
    best = solve(limits, edges, fairness=fairness)
    while alone := _alone(best, edges, limits):
        spared = _first_of(alone, edges)
        found = solve(limits, spared, fairness=fairness)
        if found.covered <= best.covered:
            break
        best, edges = found, spared
    if alone:
        free = solve(limits, [replace(edge, first_of=frozenset()) for edge in edges])
        if free.covered > best.covered:
            best = solve(limits, _first_of(_leaves(free, strict), strict), fairness=fairness)
    return best


def _first_of(people: frozenset[int], edges: Sequence[Edge]) -> list[Edge]:
    """The same; what was the first of one of these is theirs alone."""
    return [replace(edge, first_of=edge.first_of & people or edge.first_of) for edge in edges]


def _alone(found: Solution, edges: Sequence[Edge], limits: Sequence[int]) -> frozenset[int]:
    """Who has nobody, where a weak pair could be somebody's second."""
    if max(limits, default=0) < 2 or not any(edge.first_of for edge in edges):
        return frozenset()
    takers = {person for person in _degrees(edges) if limits[person] > 0}
    return frozenset(takers - _degrees(edges[index] for index in found.chosen).keys())


def _leaves(found: Solution, edges: Sequence[Edge]) -> frozenset[int]:
    """Who has one pair, and with somebody who has more, where as few pairs as can be cover the same people: stars."""
    chosen = [edges[index] for index in found.chosen]
    for edge in sorted(chosen, key=lambda edge: edge.weight):
        degrees = _degrees(chosen)
        if min(degrees[edge.u], degrees[edge.v]) > 1:
            chosen.remove(edge)
    degrees = _degrees(chosen)
    stars = [(edge.u, edge.v) for edge in chosen if max(degrees[edge.u], degrees[edge.v]) > 1]
    return frozenset(person for pair in stars for person in pair if degrees[person] == 1)


def _degrees(edges: Iterable[Edge]) -> Counter[int]:
    return Counter(person for edge in edges for person in (edge.u, edge.v))


def _fairness(takers: Sequence[Person], weights: Weights) -> int:
    """A best introduction counts again only where somebody may have several: of one it is the sum itself."""
    return weights.fairness if any(person.limit > 1 for person in takers) else 0


def _edge(pair: Pair, place: dict[Key, int], seed: str, floor: int, *, is_locked: bool) -> Edge:
    return Edge(
        place[pair.a],
        place[pair.b],
        pair.value,
        tie=tie(seed, pair.a, pair.b),
        first_of=frozenset((place[pair.a], place[pair.b]) if pair.value < floor and not is_locked else ()),
        locked=is_locked,
    )


def _left_out(
    people: Sequence[Person], takers: Sequence[Person], possible: Sequence[Pair], pairs: Sequence[Pair]
) -> dict[Key, Reason]:
    covered = {key for pair in pairs for key in pair.key}
    has_choice = {key for pair in possible for key in pair.key}
    reasons = {person.key: Reason.OPTED_OUT for person in people}
    for person in takers:
        reasons[person.key] = _reason(person.key, has_choice, covered, alone=len(takers) == 1)
    return {key: reason for key, reason in sorted(reasons.items(), key=lambda item: str(item[0])) if key not in covered}


def _reason(key: Key, has_choice: set[Key], covered: set[Key], *, alone: bool) -> Reason:
    if key not in has_choice:
        return Reason.NOBODY_LEFT if alone else Reason.ALL_KNOWN
    return Reason.ODD if has_choice - covered == {key} else Reason.NOBODY_LEFT


def _alternatives(possible: Sequence[Pair], pairs: Sequence[Pair]) -> dict[PairKey, int]:
    made = {pair.key for pair in pairs}
    best: dict[Key, int] = {}
    for pair in possible:
        if pair.key not in made:
            for key in pair.key:
                best[key] = max(pair.value, best.get(key, pair.value))
    return {
        pair.key: max(best[key] for key in pair.key if key in best)
        for pair in pairs
        if not best.keys().isdisjoint(pair.key)
    }
