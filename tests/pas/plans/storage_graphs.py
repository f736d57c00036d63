"""Storage graphs for tests, and what the best plan of a small one costs."""

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

from modelhub.pas.plans import Retrieval, from_costs
from modelhub.pas.plans.problem import pose

UNDIRECTED = [  # Fig. 5: ends, storage, recreation
    *[(0, 1, 2, 1), (0, 3, 2, 1), (0, 2, 8, 2), (0, 4, 8, 2), (0, 5, 8, 2)],
    *[(1, 3, 1, 0.5), (2, 4, 4, 1), (2, 5, 4, 1), (4, 5, 4, 1)],
]


def both_ways(undirected):
    return [*undirected, *[(b, a, *costs) for a, b, *costs in undirected if a]]


def toy():
    """The storage graph of Fig. 5."""
    return from_costs(5, both_ways(UNDIRECTED), {"s1": [1, 2], "s2": [3, 4, 5]})


def random_graph(seed, *, matrices=12, degree=3, snapshots=4, has_ties=False):
    """Matrices that can all be stored whole, deltas between some, snapshots that overlap."""
    random = np.random.default_rng(seed)

    def cost(low, high):
        return int(random.integers(low, high)) if has_ties else float(random.uniform(low, high))

    edges = [(0, v, cost(6, 12), cost(1, 4)) for v in range(1, matrices + 1)]
    for v in range(1, matrices + 1):
        bases = [base for base in random.integers(1, matrices + 1, degree).tolist() if base != v]
        edges += [(base, v, cost(1, 9), cost(0, 3)) for base in bases]
    members = np.array_split(random.permutation(matrices) + 1, snapshots)
    return from_costs(
        matrices,
        edges,
        {
            f"s{at}": {*part.tolist(), int(random.integers(1, matrices + 1))}
            for at, part in enumerate(members)
        },
    )


ANY_COST = st.one_of(st.integers(0, 6), st.floats(0, 6, allow_subnormal=False))
# Sums differ by far more than what an exact solver takes for nothing.
EIGHTHS = st.integers(0, 48).map(lambda eighths: eighths / 8)


@st.composite
def graphs(draw, *, most=7, cost=ANY_COST):
    """Any small graph: parallel edges, ties, costs of nothing, snapshots that overlap."""
    matrices = draw(st.integers(1, most))
    vertex = st.integers(1, matrices)
    whole = [(0, v, draw(cost), draw(cost)) for v in range(1, matrices + 1)]
    deltas = draw(
        st.lists(
            st.tuples(st.integers(0, matrices), vertex, cost, cost).filter(lambda e: e[0] != e[1]),
            max_size=3 * most,
        )
    )
    snapshots = draw(st.lists(st.sets(vertex), max_size=4))
    return from_costs(
        matrices, [*whole, *deltas], {f"s{at}": part for at, part in enumerate(snapshots)}
    )


def is_tree(graph, plan):
    """Whether every matrix has an edge of its own, and comes from nothing."""
    ends = graph.edges.target[plan.edge[1:]]
    return plan.edge[0] == -1 and (ends == np.arange(1, graph.vertices)).all() and reaches(plan)


def reaches(plan):
    for vertex in range(1, plan.graph.vertices):
        at, steps = vertex, 0
        while at:
            at, steps = int(plan.base[at - 1]), steps + 1
            if steps > plan.graph.vertices:
                return False
    return True


def by_hand(graph, plan, retrieval):
    """The recreation of each snapshot, by the words of Sec. IV-C."""
    edges = graph.edges

    def path(v):
        while v:
            yield int(plan.edge[v])
            v = int(edges.source[plan.edge[v]])

    found = []
    for at in range(len(graph.snapshots)):
        members = graph.member[graph.start[at] : graph.start[at + 1]].tolist()
        paths = [list(path(v)) for v in members]
        costs = [sum(edges.recreation[e] for e in p) for p in paths]
        if retrieval is Retrieval.REUSABLE:
            found.append(sum(edges.recreation[e] for e in {e for p in paths for e in p}))
        else:
            found.append(max(costs, default=0) if retrieval is Retrieval.PARALLEL else sum(costs))
    return np.array(found, float)


def optimum(graph, objective):
    """The least cost of any plan within budget: a flow of one unit to every matrix, by HiGHS."""
    problem = pose(graph, objective)
    edges, size, n = graph.edges, len(graph.given), graph.matrices
    columns = size * (n + 1)  # whether an edge is taken; whether the flow to v goes over it
    every = np.arange(size)
    rows = []

    def row(at, values, low, high):
        rows.append((np.asarray(at), np.broadcast_to(values, len(at)), low, high))

    for v in range(1, n + 1):
        row(np.flatnonzero(edges.target == v), 1.0, 1, 1)
        for u in range(1, n + 1):
            into, out = (np.flatnonzero(end == u) for end in (edges.target, edges.source))
            need = float(u == v)
            at = np.concatenate((into, out)) + size * v
            row(at, np.concatenate((np.ones(len(into)), -np.ones(len(out)))), need, need)
        for e in every:
            row([size * v + e, e], [1.0, -1.0], -np.inf, 0)
    for at, budget in enumerate(problem.budget):
        if np.isfinite(budget):
            members = graph.member[graph.start[at] : graph.start[at + 1]]
            groups = [[v] for v in members] if problem.is_parallel else [members]
            for group in groups:
                over = np.concatenate([size * v + every for v in group] or [every[:0]])
                row(over, np.tile(edges.recreation, len(group)), -np.inf, budget * (1 + 1e-9))
    matrix = vstack(
        [coo_array((values, (np.zeros(len(at), int), at)), (1, columns)) for at, values, *_ in rows]
    )
    weight = np.concatenate([w * edges.recreation for w in problem.weight[1:]] or [[]])
    found = milp(
        np.concatenate((edges.storage, weight)),
        integrality=np.concatenate((np.ones(size), np.zeros(size * n))),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, [r[2] for r in rows], [r[3] for r in rows]),
        options={"mip_rel_gap": 0.0},
    )
    assert found.success, found.message
    return float(found.fun)
