"""Tests of `modelhub.pas.plans.loops.choosing`: all loops find the same plans."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_graphs import graphs, random_graph

from modelhub.pas.plans import (
    OPTIMIZERS,
    Effort,
    Objective,
    Retrieval,
    optimize,
    polish,
    problem,
    recreation,
)
from modelhub.pas.plans import pieces as pieces_module
from modelhub.pas.plans.loops import loops
from modelhub.pas.plans.loops.choosing import implementations
from modelhub.pas.plans.optimizers import last, pas_mt, pas_pt, prices

FOUND = implementations()
USERS = (pieces_module, polish, problem, recreation, last, pas_mt, pas_pt, prices)
both = pytest.mark.skipif("compiled" not in FOUND, reason="there are no compiled loops")


def plans(graph, objective, name):
    """What each implementation plans: edges and bound, bit for bit."""
    found = []
    for implementation in FOUND.values():
        with pytest.MonkeyPatch.context() as patch:
            for module in USERS:
                patch.setattr(module, "loops", lambda chosen=implementation: chosen)
            plan = optimize(graph, objective, optimizer=name)
        found.append((plan.edge.tolist(), plan.bound, plan.recreation.tolist(), plan.tied))
    return found


@both
@pytest.mark.property
@settings(max_examples=40)
@given(
    graphs(),
    st.sampled_from([Retrieval.INDEPENDENT, Retrieval.PARALLEL]),
    st.floats(1, 3),
    st.sampled_from(list(OPTIMIZERS)),
)
def test_all_loops_plan_the_same(graph, retrieval, alpha, name) -> None:
    """Every optimizer, on any graph, ties included."""
    objective = Objective(retrieval=retrieval, alpha=alpha, effort=Effort.FAST)
    first, *others = plans(graph, objective, name)

    assert all(other == first for other in others)


@both
@pytest.mark.parametrize("has_ties", [False, True])
@pytest.mark.parametrize("retrieval", [Retrieval.INDEPENDENT, Retrieval.PARALLEL])
@pytest.mark.parametrize("name", ["pas-mt", "pas-pt", "mst", "last"])
def test_larger_graphs_are_planned_the_same(retrieval, name, has_ties) -> None:
    """120 matrices: many swaps, each the same; the compiled ones skip what did not change."""
    for seed, alpha in ((1, 1.2), (2, 1.7)):
        graph = random_graph(seed, matrices=120, degree=5, snapshots=15, has_ties=has_ties)
        first, *others = plans(graph, Objective(retrieval=retrieval, alpha=alpha), name)

        assert all(other == first for other in others)


@both
@pytest.mark.parametrize("weights", [{}, {"s0": 2.0, "s3": 0.5}])
def test_the_default_is_the_same_to_the_last_bit(weights) -> None:
    """Prices, pieces and kicks: edges, bound and recreation, with weights and without."""
    for has_ties in (False, True):
        graph = random_graph(8, matrices=25, degree=4, snapshots=5, has_ties=has_ties)
        first, *others = plans(graph, Objective(alpha=1.5, weights=weights), "prices")

        assert all(other == first for other in others)


@both
def test_reusable_plans_are_the_same() -> None:
    """Shared work is measured alike."""
    graph = random_graph(8, matrices=30, degree=4, snapshots=4)
    first, *others = plans(graph, Objective(alpha=1.5, retrieval=Retrieval.REUSABLE), "prices")

    assert all(other == first for other in others)


@pytest.mark.parametrize("kernels", ["reference", ""])
def test_the_environment_names_the_loops(kernels) -> None:
    """`DLV_KERNELS=reference` asks for the plain text; else what is compiled is taken."""
    code = "from modelhub.pas.plans.loops import loops; print(loops().__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DLV_KERNELS": kernels},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = "reference" if kernels else list(FOUND)[-1]

    assert done.stdout.strip().endswith(expected.replace("compiled", "_plans"))


@both
def test_arrays_that_do_not_fit_are_refused() -> None:
    """Sizes are checked where memory is touched."""
    graph = random_graph(0)
    edges, n = graph.edges, graph.vertices
    short, wrong = np.empty(n - 1, np.int32), np.empty(n, np.int64)
    compiled = FOUND["compiled"]

    with pytest.raises(ValueError, match="one element a vertex"):
        compiled.distances(edges, short, np.empty(n))
    with pytest.raises(TypeError, match="another size"):
        compiled.distances(edges, wrong, np.empty(n))
    with pytest.raises(ValueError, match="do not fit"):
        compiled.distances(edges._replace(storage=np.empty(1)), short, np.empty(n))
    with pytest.raises(ValueError, match="seven arrays"):
        compiled.distances(edges[:3], short, np.empty(n))
    with pytest.raises(ValueError, match="one weight an edge"):
        compiled.arborescence(edges, np.empty(1), np.empty(n, np.int32))
    with pytest.raises((BufferError, ValueError)):
        compiled.distances(edges, np.empty(n, np.int32), edges.storage)


@both
def test_the_lock_is_free_while_loops_run() -> None:
    """Threads that plan at once find what one finds."""
    graph = random_graph(5, matrices=100, degree=4, snapshots=9)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: optimize(graph, Objective(alpha=1.5)).edge.tolist(), "abc"))

    assert found[0] == found[1] == found[2]
    assert loops() is list(FOUND.values())[-1]
