"""What the optimum is, by integer programming (scipy's HiGHS): shares no line with the engines."""

from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array


def matching(people, most, edges, covered):
    """The largest sum of weights at this coverage; x per edge, y per person who has an introduction."""
    many = len(edges)
    ends = csr_array(
        (np.ones(2 * many), ([one for e in edges for one in (e.u, e.v)], np.repeat(np.arange(many), 2))),
        shape=(people, many),
    )
    degree = np.hstack([ends.toarray(), np.zeros((people, people))])
    touched = np.hstack([ends.toarray(), -np.eye(people)])
    all_touched = np.hstack([np.zeros(many), np.ones(people)])
    found = milp(
        -np.array([e.weight for e in edges] + [0] * people, dtype=float),
        constraints=[
            LinearConstraint(degree, ub=most),
            LinearConstraint(touched, lb=0),
            LinearConstraint(all_touched, lb=covered),
        ],
        integrality=np.ones(many + people),
        bounds=Bounds(0, 1),
        options={"time_limit": 60, "mip_rel_gap": 0},
    )
    return round(-found.fun) if found.status == 0 else None


def tables(costs, sizes, known):
    """The least cost, no more than a `known` one: one column for each table there could be, and everybody at one.

    The linear relaxation first: a table whose reduced cost is above the gap is in no better plan.
    """
    kinds = sorted(set(sizes))
    columns = [table for size in kinds for table in combinations(range(len(costs)), size)]
    price = np.array([sum(costs[a][b] for a, b in combinations(table, 2)) for table in columns], dtype=float)
    rows = [one for table in columns for one in (*table, len(costs) + kinds.index(len(table)))]
    at = np.repeat(np.arange(len(columns)), [len(table) + 1 for table in columns])
    holds = csr_array((np.ones(len(rows)), (rows, at)), shape=(len(costs) + len(kinds), len(columns)))
    wanted = np.array([1.0] * len(costs) + [sizes.count(size) for size in kinds])
    relaxed = linprog(price, A_eq=holds, b_eq=wanted, method="highs")
    left = np.flatnonzero(price - holds.T @ relaxed.eqlin.marginals <= known - relaxed.fun + 1e-6)
    found = milp(
        price[left],
        constraints=[LinearConstraint(holds[:, left], wanted, wanted)],
        integrality=np.ones(len(left)),
        bounds=Bounds(0, 1),
        options={"time_limit": 120, "mip_rel_gap": 0},
    )
    return round(found.fun) if found.status == 0 else None
