"""The solver alone: as good as trying everything, and better than going round by round."""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from introductions.matching import Person, exact, match
from introductions.matching.blossom import blossom
from introductions.matching.exact import Solution, solve
from introductions.matching.tiers import Edge, Instance, tie


def choices(limits: Sequence[int], edges: Sequence[Edge], at: int = 0) -> Iterator[tuple[int, ...]]:
    """Every set of edges within the limits."""
    if at == len(edges):
        yield ()
        return
    yield from choices(limits, edges, at + 1)
    u, v = edges[at].u, edges[at].v
    if limits[u] and limits[v]:
        left = [limit - (person in (u, v)) for person, limit in enumerate(limits)]
        yield from ((at, *rest) for rest in choices(left, edges, at + 1))


def worth(edges: Sequence[Edge], chosen: Sequence[int], fairness: int) -> tuple[int, int, int, int] | None:
    """(locked, covered, value, ties) written down once more, straight from the formulation; None if not allowed."""
    at: dict[int, list[Edge]] = {}
    for edge in (edges[i] for i in chosen):
        for person in (edge.u, edge.v):
            at.setdefault(person, []).append(edge)
    weak = {person: [edge for edge in mine if person in edge.first_of] for person, mine in at.items()}
    if any(len(mine) > 1 for mine in weak.values()):
        return None
    first = sum(max(edge.weight for edge in weak[person] or mine) for person, mine in at.items())
    picked = [edges[i] for i in chosen]
    value = sum(edge.weight for edge in picked) + fairness * first
    return sum(edge.locked for edge in picked), len(at), value, sum(edge.tie for edge in picked)


def small(seed: int) -> tuple[list[int], list[Edge], int]:
    chance = random.Random(seed)
    size = chance.randrange(2, 9)
    pairs = [(u, v) for u in range(size) for v in range(u + 1, size)]
    pairs = chance.sample(pairs, min(len(pairs), chance.randrange(1, 13)))
    edges = []
    for u, v in pairs:
        weight = chance.choice([chance.randrange(-50, 1000), 100 * chance.randrange(4)])
        weak = chance.choice([{u, v}, {u, v}, {u}, {v}, ()]) if weight < 150 else ()
        edges.append(Edge(u, v, weight, chance.getrandbits(20), frozenset(weak)))
        if chance.random() < 0.1:
            edges[-1] = Edge(u, v, weight, chance.getrandbits(20), locked=True)
    most = chance.choice([1, 2, 2, 3])
    limits = [chance.randrange(most + 1) if chance.random() < 0.3 else most for _ in range(size)]
    return limits, edges, chance.choice([0, 1, 1, 3])


@pytest.mark.parametrize("narrow", [False, True])
def test_four_hundred_small_instances_are_solved_as_well_as_by_trying_everything(
    narrow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if narrow:
        monkeypatch.setattr(exact, "_SMALL", -1)
        monkeypatch.setattr(exact, "_STEPS", 8)
    for seed in range(400):
        limits, edges, fairness = small(seed)
        best = max(w for chosen in choices(limits, edges) if (w := worth(edges, chosen, fairness)))
        found = solve(limits, edges, fairness=fairness)
        assert worth(edges, found.chosen, fairness) == best, seed
        assert (found.covered, found.value, found.bound) == (best[1], best[2], best[2]), seed


def crowd(size: int, seed: int) -> list[Edge]:
    chance = random.Random(seed)
    pairs = [(u, v) for u in range(size) for v in range(u + 1, size) if chance.random() < 0.85]
    edges = []
    for u, v in pairs:
        weight = 250 * (chance.random() < 0.8) + 200 * (chance.random() < 0.3) + 60 * chance.randrange(4)
        edges.append(Edge(u, v, weight, tie(str(seed), u, v), frozenset((u, v) if weight < 200 else ())))
    return edges


@pytest.mark.parametrize(("size", "most", "fairness"), [(26, 2, 1), (30, 3, 1), (29, 3, 0), (31, 3, 1), (40, 3, 1)])
def test_what_prices_settle_every_best_solution_has(
    size: int, most: int, fairness: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []

    def seen(instance: Instance, kept: Sequence[int], forced: Sequence[int] = ()) -> list[int]:
        asked.append((len(kept), len(forced)))
        return blossom(instance, kept, forced)

    monkeypatch.setattr(exact, "blossom", seen)
    for seed in range(3):
        instance = Instance([most] * size, crowd(size, seed), fairness)
        found = solve(instance.limits, instance.edges, fairness=fairness)
        assert list(found.chosen) == blossom(instance, range(len(instance.edges)))
        assert found.bound == found.value
    assert max(kept for kept, _forced in asked) < len(instance.edges)
    assert max(forced for _kept, forced in asked) > 0


def hubs(size: int, seed: int) -> tuple[list[int], list[Edge]]:
    """A crowd in which some hang on one other only, more than that one takes."""
    pairs = [(person, size + 3 * person + place) for person in range(3) for place in range(3)]
    shy = [Edge(u, v, 100, tie(str(seed), u, v)) for u, v in pairs]
    return [2] * (size + 9), [*crowd(size, seed), *shy]


def test_where_not_everybody_can_be_covered_the_most_are() -> None:
    for seed in range(3):
        limits, edges = hubs(24, seed)
        instance = Instance(limits, edges, 0)
        best = blossom(instance, range(len(edges)))
        found = solve(limits, edges)
        assert list(found.chosen) == best
        assert found == Solution(tuple(best), 24 + 6, instance.value(best), instance.value(best))


def test_a_bound_that_is_not_reached_is_still_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "_STEPS", 20)
    monkeypatch.setattr(exact, "_ROUNDS", 1)
    monkeypatch.setattr(exact, "_AFFORDABLE", 0)
    monkeypatch.setattr(exact, "_ANYHOW", 0)
    for seed in range(4):
        limits, edges = [3] * 31, crowd(31, seed)
        instance = Instance(limits, edges, 0)
        best, found = blossom(instance, range(len(edges))), solve(limits, edges)
        assert (found.covered, found.value <= instance.value(best) <= found.bound) == (31, True)
        assert found.value < found.bound < 1.2 * found.value


def by_rounds(limits: Sequence[int], edges: Sequence[Edge]) -> list[Edge]:
    """What most coffee bots do: one introduction for everybody, and then another."""
    used: Counter[int] = Counter()
    made: list[Edge] = []
    for _ in range(max(limits)):
        room = [int(used[person] < limit) for person, limit in enumerate(limits)]
        left = [edge for edge in edges if edge not in made]
        fresh = [left[i] for i in solve(room, left).chosen]
        used.update(person for edge in fresh for person in (edge.u, edge.v))
        made += fresh
    return made


def test_where_most_wrote_nothing_blossom_is_not_given_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most pairs are alike, prices settle few of them, and trying them all took minutes with a hundred people."""
    given: list[int] = []

    def counting(instance: Instance, kept: Sequence[int], *sure: Sequence[int]) -> list[int]:
        given.append(len(kept))
        return blossom(instance, kept, *sure)

    monkeypatch.setattr(exact, "blossom", counting)
    chance = random.Random(101)
    people = [Person(f"{n:03}", chance.choice("EEEISGAJ"), chance.random() < 0.15, limit=2) for n in range(101)]
    plan = match(people, seed="36")
    assert (plan.covered, max(given) < 10 * len(people)) == (len(people), True)
    assert plan.worth <= plan.bound <= 1.005 * plan.worth


def test_hubs_and_shy_people_are_served_better_at_once_than_round_by_round() -> None:
    limits = [3, 3, 1, 1, 1, 1, 1, 1]
    at_hubs = [Edge(hub, shy, 900) for hub in (0, 1) for shy in range(2, 8)]
    among_shy = [Edge(u, v, 100) for u in range(2, 8) for v in range(u + 1, 8)]
    found = solve(limits, at_hubs + among_shy)
    assert (found.covered, found.value) == (8, 5400)
    assert sum(edge.weight for edge in by_rounds(limits, at_hubs + among_shy)) == 2000


def test_one_more_person_counts_more_than_any_value() -> None:
    path = [Edge(0, 1, 1), Edge(1, 2, 1000), Edge(2, 3, -5)]
    assert solve([1] * 4, path) == Solution((0, 2), 4, -4, -4)


def test_everybodys_best_counts_again_so_that_one_hub_does_not_take_all_the_good_ones() -> None:
    limits = [2, 2, 1, 1, 1, 1]
    pairs = [(0, 2, 900), (0, 3, 900), (1, 4, 300), (1, 5, 300), (0, 4, 295), (1, 3, 890)]
    edges = [Edge(*pair) for pair in pairs]
    assert solve(limits, edges, fairness=0) == Solution((0, 1, 2, 3), 6, 2400, 2400)
    assert solve(limits, edges, fairness=1) == Solution((0, 3, 4, 5), 6, 6560, 6560)


def run(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "introductions.matching"], input=text, capture_output=True, text=True, check=False
    )


def test_the_solver_runs_alone_on_a_file() -> None:
    instance = {"n": 6, "k": 2, "edges": [[0, 1, 5], [1, 2, 7], [3, 2, 1], [2, 3, 4], [3, 4, -3]]}
    answer = run(json.dumps(instance))
    assert json.loads(answer.stdout) == {
        "edges": [[0, 1], [1, 2], [2, 3], [3, 4]],
        "covered": 5,
        "value": 13,
        "bound": 13,
    }
    assert (answer.returncode, answer.stderr) == (0, "")


def test_nobody_at_all_is_an_instance_too() -> None:
    assert json.loads(run('{"n": 0, "k": 1, "edges": []}').stdout) == {
        "edges": [],
        "covered": 0,
        "value": 0,
        "bound": 0,
    }


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "{}",
        "[]",
        '{"n": 2, "k": 1, "edges": [[0, 0, 1]]}',
        '{"n": 2, "k": 1, "edges": [[0, 2, 1]]}',
        '{"n": 2, "k": 1, "edges": [[0, 1, 1.5]]}',
        '{"n": 2, "k": -1, "edges": []}',
        '{"n": 2, "k": 1, "edges": [[0, 1, 2000000000000000000]]}',
    ],
)
def test_what_is_no_instance_is_said_so_in_one_line(bad: str) -> None:
    answer = run(bad)
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)


def test_the_heaviest_weights_are_still_exact() -> None:
    heavy: dict[str, Any] = {
        "n": 4,
        "k": 2,
        "edges": [[u, v, 2**60 - u * v] for u in range(4) for v in range(u + 1, 4)],
    }
    answer = json.loads(run(json.dumps(heavy)).stdout)
    assert answer["value"] == 4 * 2**60 - (0 + 0 + 2 + 3 + 6) + 6
