"""The search for tables alone: as good as trying everything, forbidden pairs apart, plain words for bad input."""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Collection
from itertools import combinations

import pytest

from introductions.tables.__main__ import answered
from introductions.tables.search import search, total
from introductions.tables.season import season
from tests.bench import shapes
from tests.bench.engines import greedy_tables


def crowd(people: int, seed: int) -> list[list[int]]:
    chance = random.Random(seed)
    costs = [[0] * people for _ in range(people)]
    for a, b in combinations(range(people), 2):
        costs[a][b] = costs[b][a] = chance.randrange(-5, 30)
    return costs


def cheapest(costs: list[list[int]], sizes: list[int], apart: Collection[tuple[int, int]] = ()) -> float:
    """Trying every way to sit."""

    def seat(left: tuple[int, ...], sizes: list[int]) -> float:
        if not sizes:
            return 0
        return min(
            (
                total(costs, [list(table)]) + seat(tuple(one for one in left if one not in table), sizes[1:])
                for table in combinations(left, sizes[0])
                if not set(apart) & set(combinations(table, 2))
            ),
            default=float("inf"),
        )

    return seat(tuple(range(len(costs))), sizes)


@pytest.mark.parametrize("sizes", [[4, 4], [5, 4], [3, 3, 2], [4, 5, 0]])
def test_small_rooms_are_seated_as_well_as_by_trying_everything(sizes: list[int]) -> None:
    for seed in range(3):
        costs = crowd(sum(sizes), seed)
        plan = search(costs, sizes, seed="36", moves=5000)
        assert [len(table) for table in plan] == sizes
        assert sorted(one for table in plan for one in table) == list(range(sum(sizes)))
        assert total(costs, plan) == cheapest(costs, sizes)


@pytest.mark.parametrize("unit", [1e-12, 1e-300, 5e-324, 1e10])
def test_in_whatever_unit_costs_are_said_the_best_table_is_the_same(unit: float) -> None:
    """As long as a machine can tell them apart: the smallest there is has no halves."""
    costs = crowd(8, 3)
    plan = search([[cost * unit for cost in row] for row in costs], [3, 3, 2], seed="36", moves=5000)
    assert sorted(one for table in plan for one in table) == list(range(8))
    if unit > sys.float_info.min:
        assert total(costs, plan) == cheapest(costs, [3, 3, 2])


def test_forbidden_pairs_keep_nobody_from_the_least_cost_that_is_left() -> None:
    found = []
    for seed in range(40):
        chance, sizes = random.Random(seed), [[3, 3, 2], [4, 4], [4, 3]][seed % 3]
        costs = crowd(sum(sizes), seed)
        apart = {pair for pair in combinations(range(sum(sizes)), 2) if chance.random() < 0.15}
        best = cheapest(costs, sizes, apart)
        if best < float("inf"):
            plan = search(costs, sizes, seed="36", apart=apart, moves=20_000)
            assert apart.isdisjoint(pair for table in plan for pair in combinations(table, 2))
            found.append((total(costs, plan), best))
    assert len(found) > 20
    assert [cost - best for cost, best in found] == [0] * len(found)


def test_among_many_the_search_is_far_below_greedy_seating_even_where_costs_have_no_pattern() -> None:
    costs, sizes = shapes.any_costs(200, 1), shapes.sizes(200)
    plan = search(costs, sizes, seed="36", moves=100_000)
    assert sorted(one for table in plan for one in table) == list(range(200))
    assert total(costs, plan) <= 0.85 * total(costs, greedy_tables(costs, sizes))


def test_what_somebody_costs_with_themselves_changes_nothing() -> None:
    costs = crowd(9, 1)
    with_oneself = [[99 if a == b else cost for b, cost in enumerate(row)] for a, row in enumerate(costs)]
    assert search(with_oneself, [5, 4], seed="36", moves=5000) == search(costs, [5, 4], seed="36", moves=5000)


def test_forbidden_pairs_never_share_a_table_even_where_few_plans_are_left() -> None:
    """Four trades of four, all of one trade apart: every table has one of each."""
    people = range(16)
    forbidden = {(a, b) for a, b in combinations(people, 2) if a % 4 == b % 4}
    costs = [[-100 if a % 4 == b % 4 else 1 for b in people] for a in people]
    plan = search(costs, [4] * 4, seed="36", apart=forbidden, moves=20_000)
    assert [sorted(one % 4 for one in table) for table in plan] == [[0, 1, 2, 3]] * 4


def test_a_season_of_sixteen_seats_everybody_with_everybody_once() -> None:
    """Five rounds of four tables of four is the affine plane of order four; three of them are found by search alone."""
    met: Counter[tuple[int, int]] = Counter()
    for plan in season(["E"] * 16, [list(range(16))] * 3, [[4] * 4] * 3):
        met.update(pair for table in plan for pair in combinations(sorted(table), 2))
    assert (len(met), max(met.values())) == (72, 1)


def test_a_season_does_not_look_ahead() -> None:
    chance = random.Random(36)
    trades = [chance.choice("EIGS") for _ in range(20)]
    there = [sorted(chance.sample(range(20), 12)) for _ in range(4)]
    sizes = [[4] * 3] * 4
    assert season(trades, there, sizes)[:2] == season(trades, there[:2], sizes[:2])


def test_a_season_puts_different_trades_together() -> None:
    (plan,) = season(["E", "I"] * 4, [list(range(8))], [[4, 4]])
    assert [sorted(one % 2 for one in table) for table in plan] == [[0, 0, 1, 1]] * 2


def run(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "introductions.tables"], input=text, capture_output=True, text=True, check=False
    )


def test_the_search_runs_alone_on_a_file() -> None:
    instance = {
        "cost": [[0, 9, 1, 1], [9, 0, 1, 1], [1, 1, 0, 9], [1, 1, 9, 0]],
        "sizes": [2, 2],
        "forbidden": [[0, 2]],
    }
    answer = run(json.dumps(instance))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert sorted(json.loads(answer.stdout)["plan"]) == [[0, 3], [1, 2]]


def test_nobody_at_all_and_a_season_without_sessions_are_instances_too() -> None:
    assert answered({"cost": [], "sizes": []}) == {"plan": []}
    assert answered({"industries": [], "attendance": [], "table_sizes": []}) == {"plans": []}
    assert answered({"industries": ["E", 7], "attendance": [[1]], "table_sizes": [[1]]}) == {"plans": [[[1]]]}


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("7", "an instance is an object"),
        ("[" * 100_000, "lists within too many lists"),
        ('{"cost": [[0]]}', "'sizes' is missing"),
        ('{"cost": [[0, 1], [2, 0]], "sizes": [2]}', "cost: [1][0] is not [0][1]"),
        ('{"cost": [[0, 1]], "sizes": [1]}', "cost: a row: 2 where 1 are wanted"),
        ('{"cost": [[0, NaN], [NaN, 0]], "sizes": [2]}', "cost: nan is not a number"),
        (
            '{"cost": [[0, 1e300], [1e300, 0]], "sizes": [2]}',
            "cost: 1e+300 is not between -1000000000000 and 1000000000000",
        ),
        ('{"cost": [[0, 1], [1, 0]], "sizes": [3]}', "sizes: 3 chairs for 2 people"),
        (
            '{"cost": [[0, 1], [1, 0]], "sizes": [2], "forbidden": [[1, 0]]}',
            "no plan was found that keeps every forbidden pair apart",
        ),
        ('{"industries": ["E"], "attendance": [[0, 0]], "table_sizes": [[2]]}', "attendance: somebody is there twice"),
        ('{"industries": ["E"], "attendance": [[1]], "table_sizes": [[1]]}', "attendance: 1 is not between 0 and 0"),
        ('{"industries": [null], "attendance": [], "table_sizes": []}', "industries: each is a word or a whole number"),
    ],
)
def test_what_is_no_instance_is_said_so_in_one_line(bad: str, why: str) -> None:
    answer = run(bad)
    assert (answer.returncode, answer.stdout, answer.stderr) == (2, "", f"instance: {why}\n")


def test_importing_the_search_does_not_load_django() -> None:
    code = "import sys, introductions.tables.__main__; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
