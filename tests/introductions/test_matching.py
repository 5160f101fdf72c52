"""Who is introduced to whom: hard rules, reasons, and the same answer every time."""

import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from introductions.matching import (
    ACROSS_TRADES,
    CHOICES,
    NEWCOMERS_FIRST,
    SHARED_INTERESTS,
    Exclusions,
    Key,
    Person,
    Plan,
    Weights,
    candidates,
    match,
    pair_of,
    topics,
)

KOSUKE = Person("kosuke", "E", teaches=topics("売り場で手に取られる形のこと"), learns=topics("本ができるまで"))
HANA = Person("hana", "I", teaches=topics("食品の流通、賞味期限の決まりごと"), learns=topics("統計の読み方"))
KEN = Person("ken", "S", newcomer=True, teaches=topics("公開されている統計の探し方"), learns=topics("食品流通"))
SATO = Person("sato", "G", teaches=topics("企画書の書き方"), learns=topics("農業"))
MALLORY = Person("mallory", "I")


def keys(plan: Plan) -> list[tuple[Key, Key]]:
    return [pair.key for pair in plan.pairs]


def test_who_can_teach_each_other_is_introduced_and_told_why() -> None:
    (pair,) = match([HANA, KEN], seed="36", weights=Weights()).pairs
    assert pair.terms == {
        "other_trade": 250,
        "rare_trade": 50,
        "a_learns": 200,
        "b_learns": 200,
        "both_learn": 80,
        "newcomer": 120,
    }
    assert pair.words == {"a_learns": ("統計",), "b_learns": ("食品流通",)}
    assert pair.value == 900


def test_more_than_two_subjects_count_once_more() -> None:
    hana = replace(HANA, learns=topics("統計、会計、農業"))
    ken = replace(KEN, teaches=topics("統計、会計、農業"), learns=frozenset())
    (pair,) = candidates([hana, ken], weights=Weights())
    assert pair.terms["much_to_learn"] == 50


def test_common_ground_is_a_subject_both_teach_or_both_want() -> None:
    wants, teaches = Person("a", learns=topics("農業")), Person("c", teaches=topics("金融"))
    (both_want,) = candidates([wants, replace(wants, key="b")])
    (both_teach,) = candidates([teaches, replace(teaches, key="d")])
    assert (both_want.terms, both_teach.terms) == ({"common_ground": 60}, {"common_ground": 60})


def test_a_rare_pair_of_trades_counts_more_than_a_usual_one() -> None:
    found = candidates([KOSUKE, HANA, MALLORY], weights=Weights())
    assert {pair.key: pair.terms.get("rare_trade") for pair in found} == {
        ("hana", "kosuke"): 25,
        ("hana", "mallory"): None,
        ("kosuke", "mallory"): 25,
    }


def test_an_unknown_trade_is_not_a_different_one() -> None:
    assert candidates([Person(1, ""), Person(2, "E")])[0].terms == {}


def test_every_meeting_before_takes_something_away_up_to_three() -> None:
    def taken(times: int) -> int | None:
        rules = Exclusions(met={("ken", "hana"): times}, known_after=0)
        return candidates([HANA, KEN], rules)[0].terms.get("met_before")

    assert [taken(0), taken(1), taken(3), taken(30)] == [None, -60, -180, -180]


def test_different_trades_come_before_everything_one_trade_could_share() -> None:
    alike = topics("統計、会計、農業")
    twins = [Person(key, "E", newcomer=key == 1, teaches=alike, learns=alike) for key in (1, 2)]
    plan = match([*twins, Person(3, "J"), Person(4, "J")], seed="36")
    assert sorted(keys(plan)) in ([(1, 3), (2, 4)], [(1, 4), (2, 3)])


def test_the_three_plain_choices_lead_to_different_introductions() -> None:
    one = Person("a", "E", teaches=topics("農業"))
    trade, newcomer = Person("b", "J"), Person("c", "E", newcomer=True)
    interest = Person("d", "E", learns=topics("農業"), teaches=topics("農業"))

    def first(name: str) -> Key:
        best = max(
            candidates([one, trade, newcomer, interest], weights=CHOICES[name]),
            key=lambda pair: pair.value * ("a" in pair.key),
        )
        return best.b

    assert {name: first(name) for name in CHOICES} == {
        "across_trades": "b",
        "newcomers_first": "c",
        "shared_interests": "d",
    }
    assert list(CHOICES.values()) == [ACROSS_TRADES, NEWCOMERS_FIRST, SHARED_INTERESTS]


def test_nobody_who_said_no_is_introduced_and_each_learns_the_reason() -> None:
    rules = Exclusions(
        opted_out=frozenset({"mallory"}), apart=frozenset({("sato", "kosuke"), ("hana", "sato"), ("sato", "ken")})
    )
    plan = match([KOSUKE, HANA, KEN, SATO, MALLORY], seed="36", exclusions=rules)
    assert keys(plan) == [("hana", "ken")]
    assert plan.left_out == {"kosuke": "odd", "mallory": "opted_out", "sato": "all_known"}


def test_a_limit_of_nought_is_a_no() -> None:
    assert match([HANA, replace(KEN, limit=0)], seed="36").left_out == {"hana": "nobody_left", "ken": "opted_out"}


def test_whose_only_partner_is_needed_elsewhere_hears_nobody_is_left() -> None:
    strangers = frozenset({("sato", "kosuke"), ("kosuke", "hana"), ("hana", "sato")})
    plan = match([KEN, SATO, HANA, KOSUKE], seed="36", exclusions=Exclusions(apart=strangers))
    assert keys(plan) == [("hana", "ken")]
    assert plan.left_out == {"kosuke": "nobody_left", "sato": "nobody_left"}


def test_a_block_counts_whichever_way_round_it_was_written() -> None:
    for pair in (("hana", "ken"), ("ken", "hana")):
        assert match([HANA, KEN], seed="36", exclusions=Exclusions(apart=frozenset({pair}))).pairs == ()
        assert match([HANA, KEN], seed="36", exclusions=Exclusions(met={pair: 3})).pairs == ()


def test_the_host_locks_a_pair_and_the_rest_is_planned_around_it() -> None:
    people = [KOSUKE, HANA, KEN, SATO]
    assert ("hana", "ken") in keys(match(people, seed="36"))
    plan = match(people, seed="36", locked=frozenset({("kosuke", "hana")}))
    assert keys(plan) == [("hana", "kosuke"), ("ken", "sato")]


def test_a_block_is_stronger_than_a_lock() -> None:
    pair = frozenset({("hana", "ken")})
    assert match([HANA, KEN], seed="36", exclusions=Exclusions(apart=pair), locked=pair).pairs == ()


@pytest.mark.parametrize(("people", "pairs"), [(2, 1), (3, 2), (4, 2), (5, 3), (8, 4)])
def test_a_weak_pair_is_nobodys_second_unless_somebody_else_would_have_nobody(people: int, pairs: int) -> None:
    same_trade = [Person(key, "E", limit=2) for key in range(people)]
    plan = match(same_trade, seed="36", weights=Weights(floor=100))
    assert (plan.covered, len(plan.pairs)) == (people, pairs)


def test_whoever_can_have_somebody_has_even_where_others_must_change_theirs() -> None:
    """1 and 3, 4 and 5 alone would leave 2 without: 3 is for 2 then, and 1 a second, weak one, for 4."""
    strong, weak = {(1, 3), (2, 3)}, {(1, 4), (4, 5)}
    trade = {1: "E", 2: "E", 3: "I", 4: "E", 5: "E"}
    people = [Person(key, of, limit=2 if key in {4, 5} else 1) for key, of in trade.items()]
    apart = frozenset(pair for pair in combinations(trade, 2) if pair not in strong | weak)
    plan = match(people, seed="36", exclusions=Exclusions(apart=apart))
    assert (keys(plan), plan.covered) == ([(1, 4), (2, 3), (4, 5)], 5)


def test_what_the_host_locks_may_be_as_weak_as_he_likes() -> None:
    people = [Person(key, "E", limit=2) for key in range(3)]
    both = frozenset({(0, 1), (0, 2)})
    assert {*keys(match(people, seed="36", locked=both))} >= both


def test_the_best_pair_not_made_stands_beside_each_one_made() -> None:
    plan = match([HANA, KEN, KOSUKE], seed="36", weights=Weights())
    assert plan.alternatives == {("hana", "ken"): 420}


def test_the_seed_chooses_among_equals_and_nothing_else() -> None:
    people = [Person(key, "ABCD"[key % 4]) for key in range(12)]
    plans = [match(people, seed=str(seed)) for seed in range(8)]
    assert len({tuple(keys(plan)) for plan in plans}) == 8
    assert len({plan.value for plan in plans}) == 1


def test_two_people_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        match([Person(1), Person("1")], seed="36")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("食品の流通、賞味期限の決まりごと", {"食品", "流通", "賞味期限"}),
        ("ﾏｰｹﾃｨﾝｸﾞ・IT / how to write", {"マーケティング", "it", "write"}),
        ("職人の採用;現場の安全", {"職人", "採用", "安全"}),
        ("髙齋𠮷の話", {"髙齋𠮷"}),
        ("やさしいこと", set()),
    ],
)
def test_the_subjects_of_a_text_are_its_words(text: str, found: set[str]) -> None:
    assert topics(text) == found


def test_two_katakana_in_common_are_no_common_subject() -> None:
    people = [Person(1, learns=topics("マーケティング")), Person(2, teaches=topics("ランニング"))]
    assert candidates(people)[0].terms == {}


def test_importing_the_module_does_not_load_the_solver() -> None:
    code = "import sys, introductions.matching; sys.exit('rustworkx' in sys.modules or 'django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


SUBJECTS = ["食品流通", "統計", "農業", "会計", "写真"]


@st.composite
def mornings(draw: st.DrawFn) -> tuple[list[Person], Exclusions, frozenset[tuple[Key, Key]]]:
    chance = random.Random(draw(st.integers(0, 2**32)))
    size = draw(st.integers(0, 9))
    pairs: list[tuple[Key, Key]] = [(a, b) for a in range(size) for b in range(size) if a != b]

    def words() -> frozenset[str]:
        return frozenset(chance.sample(SUBJECTS, chance.randrange(3)))

    def some(share: float) -> list[tuple[Key, Key]]:
        return [pair for pair in pairs if chance.random() < share]

    people = [
        Person(key, chance.choice("EIS") * (key > 0), key % 3 == 0, words(), words(), chance.choice([0, 1, 1, 2, 3]))
        for key in range(size)
    ]
    opted_out = frozenset[Key](key for key in range(size) if chance.random() < 0.15)
    met = {pair: chance.randrange(5) for pair in some(0.3)}
    return people, Exclusions(opted_out, frozenset(some(0.15)), met), frozenset(some(0.1))


Morning = tuple[list[Person], Exclusions, frozenset[tuple[Key, Key]]]


@settings(max_examples=300)
@given(mornings())
def test_no_morning_breaks_a_rule(morning: Morning) -> None:
    """`make drills` asks ten thousand."""
    keeps_the_rules(*morning)


def keeps_the_rules(people: list[Person], rules: Exclusions, locked: frozenset[tuple[Key, Key]]) -> None:
    plan = match(people, seed="36", exclusions=rules, locked=locked)
    made = keys(plan)
    times = Counter(key for pair in made for key in pair)
    broken = [
        pair
        for pair in made
        for a, b in (pair, pair[::-1])
        if a in rules.opted_out or (a, b) in rules.apart or rules.met.get((a, b), 0) >= rules.known_after
    ]
    assert broken == []
    assert len(set(made)) == len(made)
    assert made == [pair_of(*pair) for pair in made]
    assert [p.key for p in people if times[p.key] > p.limit] == []
    assert sorted([*times, *plan.left_out]) == sorted(person.key for person in people)
    assert (plan.covered, plan.value) == (len(times), sum(sum(pair.terms.values()) for pair in plan.pairs))
    assert plan.worth == plan.bound
    # As many as if a weak pair could be anybody's second.
    without_floor = replace(ACROSS_TRADES, floor=-(10**6))
    assert plan.covered == match(people, seed="36", exclusions=rules, locked=locked, weights=without_floor).covered


@settings(max_examples=100)
@given(mornings(), st.randoms(use_true_random=False))
def test_the_order_people_come_in_changes_nothing(
    morning: tuple[list[Person], Exclusions, frozenset[tuple[Key, Key]]], chance: random.Random
) -> None:
    people, rules, locked = morning
    shuffled = chance.sample(people, len(people))
    assert match(shuffled, seed="36", exclusions=rules, locked=locked) == match(
        people, seed="36", exclusions=rules, locked=locked
    )
