"""Who should meet whom: exact matching of the people of one morning, without Django.

Formulation. V are the people who were there and agreed, E the pairs no rule excludes (opt-out, block, already
introduced, already known), k_v the introductions person v takes in one round, w_e the integer worth of a pair,
a sum of named terms (`affinity.Weights`). With x_e in {0, 1} and deg(v) <= k_v, find, one after the other,

    1. max  sum over v of [deg(v) >= 1]                               most people get an introduction
    2. max  sum over e of w_e x_e  +  a * sum over v of w_first(v)    then the best pairs
    3. max  sum over e of H(seed, e) x_e                              then one of equals, by a seeded hash

where first(v) is the best introduction of v, counted again (a = `fairness`) when somebody may have several. A pair
worth less than the floor may only be the first of both, and then it is what counts as the first; or the first of one
who would have nobody otherwise. All aims are tiers of one integer, and the whole is ONE maximum-weight matching
(Edmonds, "Maximum matching and a polyhedron with 0,1-vertices", J. Res. NBS 69B, 1965) on a larger graph: Tutte's
reduction of degree-constrained subgraphs to matchings (Canad. J. Math. 6, 1954) with a gain of its own on every copy
of a person.

From the bottom: `tiers` (the integers), `blossom` (the reduction), `prices` (which pairs are settled without looking),
`exact` (the solver), `people`, `topics`, `affinity` (what a pair is worth), `plan` (`match`, the way in).
`python -m introductions.matching < instance.json` runs the solver alone (see `__main__`).
"""

from introductions.matching.affinity import (
    ACROSS_TRADES,
    CHOICES,
    NEWCOMERS_FIRST,
    SHARED_INTERESTS,
    Pair,
    Weights,
    candidates,
)
from introductions.matching.people import Exclusions, Key, PairKey, Person, pair_of
from introductions.matching.plan import Plan, Reason, match
from introductions.matching.topics import topics

__all__ = [
    "ACROSS_TRADES",
    "CHOICES",
    "NEWCOMERS_FIRST",
    "SHARED_INTERESTS",
    "Exclusions",
    "Key",
    "Pair",
    "PairKey",
    "Person",
    "Plan",
    "Reason",
    "Weights",
    "candidates",
    "match",
    "pair_of",
    "topics",
]
