"""Tests of `modelhub.pas.plans.placing`."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs, is_tree, random_graph, toy

from modelhub.errors import BudgetError, InputError
from modelhub.pas.plans import (
    UNPLACED,
    Objective,
    Retrieval,
    choose_within,
    from_costs,
    optimize,
    place,
)


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=4),
        max_size=4,
    ),
    st.integers(0, 30),
)
def test_one_option_each_within_the_budget(options, budget) -> None:
    """Near the best of all combinations: what the price misses is less than one option."""
    matrix = np.repeat(np.arange(len(options), dtype=np.int32), [len(o) for o in options])
    flat = np.array([o for each in options for o in each], float).reshape(-1, 2)
    sums = [tuple(map(sum, zip(*c, strict=True))) or (0, 0) for c in product(*options)]
    possible = [storage for storage, recreation in sums if recreation <= budget]
    if not possible:
        with pytest.raises(BudgetError):
            choose_within(matrix, flat[:, 0], flat[:, 1], budget=budget)
        return
    found = choose_within(matrix, flat[:, 0], flat[:, 1], budget=budget)

    assert matrix[found].tolist() == list(range(len(options)))
    assert flat[found, 1].sum() <= budget
    assert min(possible) <= flat[found, 0].sum() <= min(possible) + 9


def test_the_snapshot_is_named_if_nothing_fits() -> None:
    """With the least that is possible."""
    with pytest.raises(BudgetError, match=r"'lenet@7' .* within 2 s.* takes 5 s"):
        choose_within(
            np.array([0, 0, 1], np.int32),
            np.ones(3),
            np.array([3.0, 4.0, 2.0]),
            budget=2,
            snapshot="lenet@7",
        )


@pytest.mark.property
@given(
    graphs(),
    st.sampled_from([Retrieval.INDEPENDENT, Retrieval.PARALLEL]),
    st.floats(1, 3),
    st.sets(st.integers(0, 6)),
    st.sampled_from([0, 20]),
)
def test_new_matrices_are_placed_within_all_budgets(graph, retrieval, alpha, fresh, kicks) -> None:
    """Whatever is new, all or nothing; the result is a tree within budget."""
    objective = Objective(retrieval=retrieval, alpha=alpha)
    chosen = optimize(graph, objective).given.copy()
    new = [v for v in fresh if v < graph.matrices]
    bases = graph.edges.source[np.argsort(graph.given)]
    while new:  # what was stored against something new is new, too
        chosen[new] = UNPLACED
        lost = np.isin(bases[chosen] - 1, np.flatnonzero(chosen == UNPLACED))
        new = np.flatnonzero((chosen != UNPLACED) & lost).tolist()
    plan = place(graph, chosen, objective, kicks=kicks)

    assert is_tree(graph, plan)
    assert plan.is_within


def test_old_matrices_do_not_move_without_kicks() -> None:
    """A commit changes nothing that is stored."""
    graph = random_graph(4, matrices=40, snapshots=5)
    objective = Objective(alpha=2.5)
    old = np.ones(40, bool)
    old[graph.member[graph.start[4] : graph.start[5]] - 1] = False
    chosen = np.where(old, np.arange(40), UNPLACED)  # the first edges store all whole
    plan = place(graph, chosen, objective, kicks=0)

    assert np.array_equal(plan.given[old], chosen[old])
    assert (plan.base[~old] > 0).any()
    assert place(graph, chosen, objective, kicks=500).storage < plan.storage


def test_what_is_in_no_snapshot_is_stored_smallest() -> None:
    """It has no budget."""
    graph = from_costs(2, [(0, 1, 9, 1), (0, 2, 9, 1), (1, 2, 1, 99)], {"s": [1]})
    plan = place(graph, np.array([0, UNPLACED]), Objective(alpha=1))

    assert plan.base.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([0, 1], "one edge for every matrix"),
        ([0.5] * 5, "one edge for every matrix"),
        ([99] * 5, "edges that are not in the graph"),
        ([-2] * 5, "edges that are not in the graph"),
        ([0] * 5, "edges that lead to other matrices"),
        ([0, 2, 1, 12, 8], "no tree"),
    ],
)
def test_what_is_no_plan_is_refused(chosen, message) -> None:
    """Wrong lengths, kinds, edges, ends; and cycles."""
    with pytest.raises(InputError, match=message):
        place(toy(), np.array(chosen), Objective())


def test_reusable_retrieval_is_not_placed_for() -> None:
    """It is planned for as a whole."""
    with pytest.raises(InputError, match="independent or parallel"):
        place(toy(), np.full(5, UNPLACED), Objective(retrieval=Retrieval.REUSABLE))
