"""What the optimum is, by constraint programming (OR-tools' CP-SAT): shares no line with the engines or HiGHS."""

from ortools.sat.python import cp_model

SECONDS = 60


def matching(people, most, edges, covered):
    """The largest sum of weights at this coverage; None where it was not proved in time."""
    model = cp_model.CpModel()
    chosen = [model.new_bool_var(f"x{n}") for n in range(len(edges))]
    touched = [model.new_bool_var(f"y{one}") for one in range(people)]
    for one in range(people):
        own = [chosen[n] for n, edge in enumerate(edges) if one in (edge.u, edge.v)]
        model.add(sum(own) <= most)
        model.add(sum(own) >= touched[one])
    model.add(sum(touched) >= covered)
    model.maximize(sum(edge.weight * x for edge, x in zip(edges, chosen, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = SECONDS
    solver.parameters.num_workers = 2
    return round(solver.objective_value) if solver.solve(model) == cp_model.OPTIMAL else None
