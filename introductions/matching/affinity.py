"""What a pair is worth: integer terms with names, so that every introduction can say why it was made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from introductions.matching.people import Exclusions, Key, PairKey, Person, pair_of
from introductions.matching.topics import all_grams, meeting

_MEETINGS_COUNTED = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each reason counts. The names of the fields are the names of a pair's terms.

    `learns` is given per direction, as `a_learns` and `b_learns`. Cross-trade pairs and one shared interest are what
    lasting exchange was measured on (Cai & Szeidl, QJE 2018; Lane et al., SMJ 2021); newcomers gain most (Hasan &
    Koning, SMJ 2019).
    """

    other_trade: int = 250
    rare_trade: int = 50
    learns: int = 200
    both_learn: int = 80
    much_to_learn: int = 50
    common_ground: int = 60
    newcomer: int = 120
    met_before: int = -60
    floor: int = 300
    fairness: int = 1


# Across trades: more than all other terms together, so any pair of two trades is worth more than any pair of one.
ACROSS_TRADES = replace(Weights(), other_trade=800)
NEWCOMERS_FIRST = replace(Weights(), newcomer=600)
SHARED_INTERESTS = replace(Weights(), learns=320, common_ground=240, other_trade=150)
CHOICES: Mapping[str, Weights] = {
    "across_trades": ACROSS_TRADES,
    "newcomers_first": NEWCOMERS_FIRST,
    "shared_interests": SHARED_INTERESTS,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who may be introduced: `value` is the sum of `terms`, `words` the topics behind a term."""

    a: Key
    b: Key
    terms: Mapping[str, int]
    words: Mapping[str, tuple[str, ...]]
    value: int

    @property
    def key(self) -> PairKey:
        return (self.a, self.b)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A person with the grams of both lists made once, not once per pair."""

    person: Person
    teaches: frozenset[str]
    learns: frozenset[str]


def willing(people: Sequence[Person], exclusions: Exclusions) -> list[Person]:
    """Those who take introductions, in an order that does not depend on how they came in."""
    if len({str(person.key) for person in people}) < len(people):
        raise ValueError("two people with the same key")
    takers = (p for p in people if p.limit > 0 and p.key not in exclusions.opted_out)
    return sorted(takers, key=lambda person: str(person.key))


def candidates(
    people: Sequence[Person], exclusions: Exclusions | None = None, weights: Weights = ACROSS_TRADES
) -> list[Pair]:
    """Every pair that may be made, with its terms, ordered by key. Raises ValueError for a key given twice."""
    rules = (exclusions or Exclusions()).normalised()
    takers = willing(people, rules)
    trades = Counter(person.industry for person in takers)
    seen = [_Seen(person, all_grams(person.teaches), all_grams(person.learns)) for person in takers]
    return [
        _weigh(a, b, trades, rules.met.get(pair, 0), weights)
        for a, b in combinations(seen, 2)
        if not rules.forbid(pair := pair_of(a.person.key, b.person.key))
    ]


def _weigh(a: _Seen, b: _Seen, trades: Counter[str], met: int, weights: Weights) -> Pair:
    words = {
        "a_learns": meeting(a.person.learns, b.teaches),
        "b_learns": meeting(b.person.learns, a.teaches),
        "common_ground": meeting(a.person.learns, b.learns) + meeting(a.person.teaches, b.teaches),
    }
    terms = {
        **_of_trades(a.person.industry, b.person.industry, trades, weights),
        "a_learns": weights.learns * bool(words["a_learns"]),
        "b_learns": weights.learns * bool(words["b_learns"]),
        "both_learn": weights.both_learn * bool(words["a_learns"] and words["b_learns"]),
        "much_to_learn": weights.much_to_learn * (len(words["a_learns"] + words["b_learns"]) > 2),
        "common_ground": weights.common_ground * bool(words["common_ground"]),
        "newcomer": weights.newcomer * (a.person.newcomer != b.person.newcomer),
        "met_before": weights.met_before * min(met, _MEETINGS_COUNTED),
    }
    return Pair(
        a.person.key,
        b.person.key,
        {name: term for name, term in terms.items() if term},
        {name: found for name, found in words.items() if found},
        sum(terms.values()),
    )


def _of_trades(a: str, b: str, trades: Counter[str], weights: Weights) -> dict[str, int]:
    """Two known and different trades; rarer when fewer pairs in this room could bring the same two together."""
    if not a or not b or a == b:
        return {}
    return {"other_trade": weights.other_trade, "rare_trade": weights.rare_trade // (trades[a] * trades[b])}
