"""What every `modelhub.pas.Optimizer` does."""

from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np
import pytest

from modelhub.errors import BudgetError, InputError, NotFoundError
from modelhub.pas import (
    GraphBuilder,
    Objective,
    Optimizer,
    Retrieval,
    StorageGraph,
    StoragePlan,
)

MOST_PLANS = 50_000  # that are tried to find the best by hand
NEARLY = 1e-9


def random_graph(seed: int, *, matrices: int = 7, snapshots: int = 3) -> StorageGraph:
    """A small graph: each matrix whole, some deltas, snapshots that share matrices."""
    random = np.random.default_rng(seed)
    builder = GraphBuilder(matrices)
    every = np.arange(1, matrices + 1)
    builder.add_many(
        np.zeros(matrices),
        every,
        storage=random.uniform(6, 12, matrices),
        recreation=random.uniform(1, 2, matrices),
    )
    ends = random.integers(1, matrices + 1, (2 * matrices, 2))
    for source, target in ends[ends[:, 0] != ends[:, 1]].tolist():
        storage, recreation = random.uniform(1, 8), random.uniform(0, 3)
        builder.add(source, target, storage=storage, recreation=recreation)
    for at, members in enumerate(np.array_split(random.permutation(every), snapshots)):
        builder.snapshot(f"s{at}", {*members.tolist(), int(random.integers(1, matrices + 1))})
    return builder.build()


def trees(graph: StorageGraph) -> Iterator[list[int]]:
    """All plans of a small graph: for each matrix its edge."""
    bounds = graph.edges.in_start.tolist()
    for edges in product(*(range(bounds[v], bounds[v + 1]) for v in range(1, graph.vertices))):
        if costs(graph, edges) is not None:
            yield list(edges)


def costs(graph: StorageGraph, edges: tuple[int, ...] | list[int]) -> list[float] | None:
    """The recreation of each vertex; None if the edges are no tree."""
    found: list[float] = [0.0]
    for matrix in range(1, graph.vertices):
        total, at, steps = 0.0, matrix, 0
        while at and steps < graph.vertices:
            total += float(graph.edges.recreation[edges[at - 1]])
            at, steps = int(graph.edges.source[edges[at - 1]]), steps + 1
        if at:
            return None
        found.append(total)
    return found


def recreation(graph: StorageGraph, far: list[float], retrieval: Retrieval) -> list[float]:
    """Of each snapshot, of independent or parallel retrieval."""
    bounds, combine = graph.start.tolist(), max if retrieval is Retrieval.PARALLEL else sum
    members = [graph.member[a:b].tolist() for a, b in pairwise(bounds)]
    return [float(combine(far[v] for v in group)) if group else 0.0 for group in members]


class OptimizerContract:
    """Inherit, define `optimizer`, and run it with pytest.

    Attributes:
        keeps_budgets: whether a plan is always within budgets that are possible.
        retrievals: that it can plan for.
    """

    keeps_budgets = True
    retrievals: tuple[Retrieval, ...] = (Retrieval.INDEPENDENT, Retrieval.PARALLEL)

    @pytest.fixture
    def optimizer(self) -> Optimizer:
        """The optimizer under test."""
        raise NotImplementedError

    def plans(self, optimizer: Optimizer) -> Iterator[tuple[StorageGraph, Objective, StoragePlan]]:
        """Plans of some graphs, for each kind of retrieval, and tight and loose budgets."""
        for seed, retrieval, alpha in product(range(6), self.retrievals, (1.0, 1.3, 2.0, None)):
            graph = random_graph(seed)
            objective = Objective(retrieval=retrieval, alpha=alpha)
            yield graph, objective, optimizer(graph, objective)

    def test_a_plan_is_a_tree(self, optimizer: Optimizer) -> None:
        """Each matrix has an edge of its own, and comes from nothing."""
        for graph, _, plan in self.plans(optimizer):
            edges = plan.edge[1:].tolist()
            assert graph.edges.target[edges].tolist() == list(range(1, graph.vertices))
            assert costs(graph, edges) is not None

    def test_what_it_claims_is_so(self, optimizer: Optimizer) -> None:
        """Storage, recreation and what is over budget, computed anew."""
        for graph, objective, plan in self.plans(optimizer):
            edges = plan.edge[1:].tolist()
            far = costs(graph, edges)
            assert far is not None
            if objective.retrieval is not Retrieval.REUSABLE:
                found = recreation(graph, far, objective.retrieval)
                assert plan.recreation.tolist() == pytest.approx(found)
            assert plan.storage == pytest.approx(sum(graph.edges.storage[edges]))

    def test_possible_budgets_are_kept(self, optimizer: Optimizer) -> None:
        """Or the plan says which are not."""
        for *_, plan in self.plans(optimizer):
            late = plan.recreation > plan.budget * (1 + NEARLY)
            assert list(plan.over) == [plan.graph.snapshots[at] for at in np.flatnonzero(late)]
            assert not (self.keeps_budgets and plan.over)

    def test_no_plan_within_budget_is_below_the_bound(self, optimizer: Optimizer) -> None:
        """All plans of a small graph are tried."""
        for seed, alpha in product(range(3), (1.2, 1.6)):
            graph = random_graph(seed, matrices=5)
            plan = optimizer(graph, Objective(alpha=alpha))
            best = np.inf
            for edges in trees(graph):
                far = costs(graph, edges)
                assert far is not None
                found = recreation(graph, far, Retrieval.INDEPENDENT)
                if (np.array(found) <= plan.budget * (1 + NEARLY)).all():
                    best = min(best, sum(graph.edges.storage[edges]))
            assert plan.bound <= best * (1 + NEARLY)
            assert plan.over or plan.storage >= best * (1 - NEARLY)

    def test_an_impossible_budget_names_the_snapshot(self, optimizer: Optimizer) -> None:
        """And the least that is possible, which then is."""
        graph = random_graph(0)
        with pytest.raises(BudgetError, match="'s1'") as refused:
            optimizer(graph, Objective(budgets={"s1": 0.5}))
        plan = optimizer(graph, Objective(budgets={"s1": refused.value.least}))

        assert plan.is_within or not self.keeps_budgets

    def test_an_unknown_snapshot_is_refused(self, optimizer: Optimizer) -> None:
        """A budget for nothing is a mistake."""
        with pytest.raises(NotFoundError, match="'s9'"):
            optimizer(random_graph(0), Objective(budgets={"s9": 99}))

    def test_other_retrieval_is_refused(self, optimizer: Optimizer) -> None:
        """With a clear error, and no plan for something else."""
        for retrieval in set(Retrieval) - set(self.retrievals):
            with pytest.raises(InputError):
                optimizer(random_graph(0), Objective(retrieval=retrieval, alpha=2))

    def test_it_plans_the_same_twice(self, optimizer: Optimizer) -> None:
        """For the same graph, made anew."""
        first = [plan.edge.tolist() for *_, plan in self.plans(optimizer)]

        assert first == [plan.edge.tolist() for *_, plan in self.plans(optimizer)]

    @pytest.mark.parametrize("matrices", [0, 1])
    def test_little_is_planned_as_well(self, optimizer: Optimizer, matrices: int) -> None:
        """Nothing, and one matrix."""
        builder = GraphBuilder(matrices)
        for matrix in range(1, matrices + 1):
            builder.add(0, matrix, storage=5, recreation=2)
        builder.snapshot("s", range(1, matrices + 1))
        plan = optimizer(builder.build(), Objective(alpha=1))

        assert plan.storage == 5 * matrices
        assert plan.recreation.tolist() == [2 * matrices]
        assert plan.is_within
