"""What the optimum is, by integer programming (scipy's HiGHS): shares no line with the engines."""

from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
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


def tables(costs, sizes):
    """The least cost: one column for each table there could be, and everybody at one."""
    columns, price = [], []
    for size in set(sizes):
        for table in combinations(range(len(costs)), size):
            columns.append(table)
            price.append(sum(costs[a][b] for a, b in combinations(table, 2)))
    rows = [one for table in columns for one in table]
    at = np.repeat(np.arange(len(columns)), [len(table) for table in columns])
    seated = csr_array((np.ones(len(rows)), (rows, at)), shape=(len(costs), len(columns)))
    per_size = csr_array([[float(len(table) == size) for table in columns] for size in sorted(set(sizes))])
    found = milp(
        np.array(price, dtype=float),
        constraints=[
            LinearConstraint(seated, 1, 1),
            LinearConstraint(per_size, *[[sizes.count(size) for size in sorted(set(sizes))]] * 2),
        ],
        integrality=np.ones(len(columns)),
        bounds=Bounds(0, 1),
        options={"time_limit": 300, "mip_rel_gap": 0},
    )
    return round(found.fun) if found.status == 0 else None
