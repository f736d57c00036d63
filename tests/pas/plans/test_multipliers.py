"""Tests of `modelhub.pas.plans.multipliers`."""

import numpy as np
import pytest
from storage_graphs import optimum, random_graph, toy

from modelhub.pas.plans import Objective, Retrieval
from modelhub.pas.plans.multipliers import Multipliers
from modelhub.pas.plans.pieces import Pairs, Pieces
from modelhub.pas.plans.problem import pose


def rounds(problem, multipliers, count):
    graph = problem.graph
    pairs = Pairs.of(graph)
    pieces = Pieces.cut(graph, pairs, pairs.weight(graph), 64)
    for _ in range(count):
        weight = multipliers.weight(multipliers.price)
        value, _, reached = pieces.solve(problem, problem.nearest, weight)
        multipliers.learn(value, reached, np.inf)


@pytest.mark.parametrize("seed", range(4))
def test_every_bound_is_below_the_optimum(seed) -> None:
    """And better than the simple one, where budgets bind."""
    graph = random_graph(seed, matrices=8, degree=2, snapshots=3)
    objective = Objective(alpha=1.2)
    problem = pose(graph, objective)
    multipliers = Multipliers(problem, bound=problem.simple_bound())
    rounds(problem, multipliers, 60)

    assert problem.simple_bound() < multipliers.bound
    assert multipliers.bound <= optimum(graph, objective) * (1 + 1e-9)


def test_prices_close_the_gap_of_fig_5() -> None:
    """24 is proved."""
    problem = pose(toy(), Objective(budgets={"s1": 3, "s2": 6}))
    multipliers = Multipliers(problem, bound=19)
    rounds(problem, multipliers, 60)

    assert multipliers.bound == pytest.approx(24, rel=1e-3)


def test_parallel_budgets_have_no_prices() -> None:
    """Ceilings say the same."""
    problem = pose(toy(), Objective(alpha=1.5, retrieval=Retrieval.PARALLEL))

    assert not Multipliers(problem, bound=0).price.any()


def test_prices_are_never_negative() -> None:
    """A bound holds for no others."""
    problem = pose(random_graph(9, matrices=20), Objective(alpha=1.5))
    multipliers = Multipliers(problem, bound=problem.simple_bound())
    for _ in range(30):
        rounds(problem, multipliers, 1)
        assert (multipliers.price >= 0).all()
