"""Tables: four to six, nobody beside whom they keep away, the same plan every time, and close to the best there is."""

import random
from dataclasses import replace
from itertools import combinations, product
from time import perf_counter

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from introductions.tables import Pair, Person, Plan, Rules, cost_of, pair_cost, plan
from introductions.tables.costs import APART
from introductions.tables.season import _Past

MOVES = 1500
KOSUKE = Person("kosuke", "E", host=True)
HANA = Person("hana", "I")
KEN = Person("ken", "S", newcomer=True)


def pair(a: str, b: str) -> Pair:
    return frozenset((a, b))


def crowd(number: int, *, seed: int = 1, known: float = 0.4) -> tuple[list[Person], Rules]:
    """People of a few trades, some of them new, of whom some have met."""
    chance = random.Random(seed)
    people = [Person(f"p{n:02}", chance.choice("AEGGGIIJLM"), chance.random() < 0.25) for n in range(number)]
    met = {
        pair(a.key, b.key): chance.choice((1, 1, 2, 3, 4))
        for a, b in combinations(people, 2)
        if chance.random() < known
    }
    return people, Rules(met=met)


def neighbours(found: Plan) -> set[Pair]:
    return {pair(a, b) for a, b in combinations(found.table_of, 2) if found.table_of[a] == found.table_of[b]}


# What it costs


@pytest.mark.parametrize(
    ("a", "b", "met", "cost"),
    [
        (HANA, KOSUKE, 0, 0),
        (HANA, KOSUKE, 1, 10),
        (HANA, KOSUKE, 2, 10),
        (HANA, KOSUKE, 3, 16),
        (HANA, KOSUKE, 5, 28),
        (HANA, replace(KOSUKE, industry="I"), 0, 4),
        (HANA, replace(KOSUKE, industry="I"), 1, 10),
        (replace(HANA, industry=""), replace(KOSUKE, industry=""), 0, 0),
        (HANA, KEN, 0, -2),
        (KEN, replace(HANA, newcomer=True), 0, 0),
    ],
)
def test_the_first_repeat_costs_most_and_a_newcomer_beside_a_regular_pays(a, b, met, cost) -> None:
    assert (pair_cost(a, b, met), pair_cost(b, a, met)) == (cost, cost)


@pytest.mark.parametrize(
    ("met", "shared", "cost"),
    [(2, 24, 10), (3, 24, 10), (5, 24, 10), (6, 24, 16), (3, 4, 16), (12, 0, 70), (40, 0, 70)],
)
def test_who_shares_most_mornings_may_meet_more_often(met: int, shared: int, cost: int) -> None:
    assert pair_cost(HANA, KOSUKE, met, shared) == cost


def test_a_rare_chance_is_taken_with_whoever_has_met_most() -> None:
    always, never = replace(HANA, often=1.0, knows=0.9), replace(KOSUKE, often=0.1)
    alike = replace(KOSUKE, often=1.0, knows=0.9)
    costs = {
        "always, and never": pair_cost(always, never, 0),
        "both always": pair_cost(always, alike, 0),
        "both never": pair_cost(never, replace(HANA, often=0.1), 0),
    }
    assert costs == {"always, and never": -3, "both always": 2, "both never": 0}


def test_the_house_and_a_season_reckon_alike() -> None:
    """A season alone, and the house's people who have been to the same mornings at the same tables."""
    chance, trades = random.Random(5), [random.Random(n).choice("AEGI") for n in range(30)]
    past = _Past(trades)
    for _morning in range(6):
        here = chance.sample(range(30), 20)
        past.come(here)
        past.sit([sorted(here[n : n + 5]) for n in range(0, 20, 5)])
    here = chance.sample(range(30), 20)
    past.come(here)
    knows = {one: past.knows[one] / (len(past.came) - 1) for one in here}
    people = [Person(str(n), trades[n], often=past.came[n] / past.sessions, knows=knows[n]) for n in here]
    alone = past.costs(here)
    for (i, a), (j, b) in combinations(enumerate(people), 2):
        two = min(here[i], here[j]), max(here[i], here[j])
        assert pair_cost(a, b, past.met[two], past.both[two]) == round(alone[i][j])


# Sizes


@pytest.mark.parametrize(
    ("number", "sizes"),
    [(0, []), (1, [1]), (2, [2]), (3, [3]), (4, [4]), (6, [6]), (7, [3, 4]), (8, [4, 4]), (9, [4, 5]),
     (11, [5, 6]), (12, [6, 6]), (13, [4, 4, 5]), (24, [4, 5, 5, 5, 5]), (40, [5] * 8)],
)  # fmt: skip
def test_tables_are_of_four_to_six_and_alike_except_where_that_cannot_be(number, sizes) -> None:
    people, _rules = crowd(number)
    assert sorted(plan(people, seed="1", moves=MOVES).sizes) == sizes


def test_every_number_but_four_can_be_cut_into_tables_of_four_to_six() -> None:
    odd = [n for n in range(1, 41) if not set(plan(crowd(n)[0], seed="1", moves=0).sizes) <= {4, 5, 6}]
    assert odd == [1, 2, 3, 7]


def test_a_key_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        plan([HANA, HANA], seed="1")


# What must hold, whoever comes


@st.composite
def mornings(draw: st.DrawFn) -> tuple[list[Person], Rules]:
    """Up to eighteen people with parties, blocks and pins."""
    number = draw(st.integers(1, 18))
    chance = draw(st.randoms(use_true_random=False))
    people, rules = crowd(number, seed=draw(st.integers(0, 99)))
    people = [
        replace(p, party=chance.choice(("", "", "a", "b", "c")) if number > 7 else "", host=chance.random() < 0.2)
        for p in people
    ]
    party_of = {p.key: p.party or p.key for p in people}
    apart = {
        pair(a.key, b.key)
        for a, b in combinations(people, 2)
        if party_of[a.key] != party_of[b.key] and chance.random() < draw(st.sampled_from((0, 0.05, 0.3)))
    }
    return people, replace(rules, apart=frozenset(apart))


@settings(max_examples=60)
@given(mornings())
def test_blocked_people_never_share_a_table_and_everybody_sits_once(morning: tuple[list[Person], Rules]) -> None:
    people, rules = morning
    found = plan(people, rules, seed="1", moves=MOVES)
    assert neighbours(found) & rules.apart == set()
    assert sorted(found.table_of) == sorted(p.key for p in people)
    assert set(found.table_of.values()) == set(range(1, len(found.sizes) + 1))


@settings(max_examples=40)
@given(mornings())
def test_who_came_together_sits_together(morning: tuple[list[Person], Rules]) -> None:
    people, rules = morning
    table_of = plan(people, rules, seed="1", moves=MOVES).table_of
    parties: dict[str, set[int]] = {}
    for person in people:
        parties.setdefault(person.party or person.key, set()).add(table_of[person.key])
    assert {len(tables) for tables in parties.values()} == {1}


@settings(max_examples=30)
@given(mornings(), st.randoms(use_true_random=False))
def test_the_same_people_in_any_order_get_the_same_plan(
    morning: tuple[list[Person], Rules], chance: random.Random
) -> None:
    people, rules = morning
    shuffled = chance.sample(people, len(people))
    assert plan(shuffled, rules, seed="7", moves=MOVES) == plan(people, rules, seed="7", moves=MOVES)


@settings(max_examples=40)
@given(st.integers(8, 24), st.integers(0, 99), st.data())
def test_the_pinned_stay_where_the_host_put_them(number: int, seed: int, data: st.DataObject) -> None:
    people, rules = crowd(number, seed=seed)
    tables = len(plan(people, rules, seed="1", moves=MOVES).sizes)
    some = data.draw(st.lists(st.sampled_from(people), max_size=4, unique=True))
    pinned = {p.key: data.draw(st.integers(1, tables)) for p in some}
    found = plan(people, replace(rules, pinned=pinned), seed="1", moves=MOVES)
    assert {key: found.table_of[key] for key in pinned} == pinned


def test_a_pin_beside_somebody_to_keep_away_from_is_let_go() -> None:
    people, rules = crowd(12)
    rules = replace(rules, pinned={"p00": 1, "p01": 1}, apart=frozenset({pair("p00", "p01")}))
    table_of = plan(people, rules, seed="1", moves=MOVES).table_of
    assert (table_of["p00"], table_of["p01"]) == (1, 2)


@pytest.mark.parametrize("party", ["", "1"])
def test_a_pin_is_let_go_also_where_the_two_would_be_good_company(party: str) -> None:
    """One is new and the other is not: at any table but this that would be worth something."""
    people, _rules = crowd(12)
    people = [replace(p, newcomer=n in {0, 2}, party=party if n in {0, 2} else "") for n, p in enumerate(people)]
    rules = Rules(pinned={"p00": 1, "p01": 1}, apart=frozenset({pair("p00", "p01")}))
    assert pair("p00", "p01") not in neighbours(plan(people, rules, seed="1", moves=MOVES))


def test_five_of_whom_two_keep_apart_make_two_tables() -> None:
    people, _rules = crowd(5)
    found = plan(people, Rules(apart=frozenset({pair("p00", "p01")})), seed="1", moves=MOVES)
    assert sorted(found.sizes) == [2, 3]


def test_hosts_are_spread_over_the_tables() -> None:
    people, rules = crowd(15)
    people = [replace(p, host=n < 3) for n, p in enumerate(people)]
    table_of = plan(people, rules, seed="1", moves=MOVES).table_of
    assert {table_of[p.key] for p in people[:3]} == {1, 2, 3}


def test_parties_of_three_find_tables_that_hold_them() -> None:
    people = [Person(f"p{n:02}", party=str(n // 3)) for n in range(12)]
    assert plan(people, seed="1", moves=MOVES).sizes == [6, 6]


# Late changes


@settings(max_examples=30)
@given(st.integers(12, 24), st.integers(0, 99), st.integers(0, 3), st.integers(0, 3))
@example(23, 49, 2, 0)
def test_after_late_changes_four_in_five_keep_their_table(number: int, seed: int, gone: int, late: int) -> None:
    people, rules = crowd(number + late, seed=seed)
    first = plan(people[:number], rules, seed="1", moves=MOVES)
    tables = len(first.sizes)
    assume(4 * tables <= number + late - gone <= 6 * tables)
    second = plan(people[gone:], replace(rules, before=first.table_of), seed="1", moves=MOVES)
    stayed = [p.key for p in people[gone:number]]
    kept = sum(first.table_of[key] == second.table_of[key] for key in stayed)
    assert (kept >= 0.8 * len(stayed), set(second.sizes) <= {4, 5, 6}) == (True, True)


def test_one_table_more_takes_no_more_people_than_it_needs() -> None:
    """Twelve at two tables of six and one more: a third table needs four, three of whom must get up."""
    people, rules = crowd(13)
    first = plan(people[:12], rules, seed="1")
    second = plan(people, replace(rules, before=first.table_of), seed="1")
    moved = [key for key, table in first.table_of.items() if second.table_of[key] != table]
    assert (sorted(second.sizes), len(moved)) == ([4, 4, 5], 3)


def test_without_a_change_nobody_moves() -> None:
    people, rules = crowd(24)
    first = plan(people, rules, seed="1")
    assert plan(people, replace(rules, before=first.table_of), seed="1").table_of == first.table_of


# How good


def best_there_is(people: list[Person], rules: Rules, tables: int) -> int:
    """Every way to sit, tried."""
    ways = product(range(1, tables + 1), repeat=len(people) - 1)
    seatings = ({people[0].key: 1, **{p.key: t for p, t in zip(people[1:], way, strict=True)}} for way in ways)
    sized = (way for way in seatings if all(4 <= list(way.values()).count(t) <= 6 for t in range(1, tables + 1)))
    return min(cost_of(people, way, rules) for way in sized)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("number", [8, 9, 10])
def test_small_mornings_get_the_best_plan_there_is(number: int, seed: int) -> None:
    people, rules = crowd(number, seed=seed)
    assert plan(people, rules, seed="1").cost == best_there_is(people, rules, 2)


def test_who_keeps_apart_keeps_the_others_from_no_better_plan() -> None:
    found = []
    for seed in range(40):
        people, rules = crowd(8, seed=seed)
        chance = random.Random(seed)
        apart = frozenset(pair(a.key, b.key) for a, b in combinations(people, 2) if chance.random() < 0.15)
        rules = replace(rules, apart=apart)
        best = best_there_is(people, rules, 2)
        if best < APART:
            found.append((plan(people, rules, seed="1").cost, best))
    assert len(found) > 15
    assert [cost - best for cost, best in found] == [0] * len(found)


def test_a_plan_costs_what_its_pairs_cost() -> None:
    people, rules = crowd(20)
    found = plan(people, rules, seed="1")
    by_key = {p.key: p for p in people}
    pairs = [tuple(sorted(two)) for two in neighbours(found)]
    assert found.cost == sum(pair_cost(by_key[a], by_key[b], rules.met.get(pair(a, b), 0)) for a, b in pairs)


def test_a_season_brings_nearly_everybody_together() -> None:
    """Twelve mornings of half of eighty people: the reference finds the bound, 941 pairs; chance finds 828 or so."""
    chance, met, possible = random.Random(3), {}, {}
    pool = [Person(f"p{n:02}", chance.choice("AEGGGIIJLMOP")) for n in range(80)]
    seats = dict.fromkeys((p.key for p in pool), 0)
    for number in range(12):
        here = chance.sample(pool, 40)
        found = plan(here, Rules(met=met), seed=str(number), moves=60_000)
        for two in neighbours(found):
            met[two] = met.get(two, 0) + 1
        for a, b in combinations(here, 2):
            possible.setdefault(a.key, set()).add(b.key)
            possible.setdefault(b.key, set()).add(a.key)
        for p in here:
            seats[p.key] += found.sizes[found.table_of[p.key] - 1] - 1
    bound = sum(min(seats[key], len(others)) for key, others in possible.items()) // 2
    assert (len(met) >= 0.97 * bound, max(met.values()) <= 3) == (True, True)


def test_forty_people_are_seated_within_a_second() -> None:
    people, rules = crowd(40)
    began = perf_counter()
    plan(people, rules, seed="1")
    assert perf_counter() - began < 3  # on two shared cores; alone it takes half a second at most
