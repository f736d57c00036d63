"""Trees whose paths are kept short by putting single vertices on their shortest paths."""

import math

from modelhub.pas.plans.graph import Edges, Ids, Reals
from modelhub.pas.plans.loops.reference.tree import Tree

EQUAL = 1e-12  # relative: as far as


def balance(
    edges: Edges, tree: Ids, nearest: Reals, shortest: Ids, alpha: float, plan: Ids
) -> None:
    """Write a tree in which no vertex is beyond `alpha` times its least recreation.

    Args:
        edges: of the graph.
        tree: to start from, the minimum arborescence.
        nearest: the least recreation of each vertex.
        shortest: the edges of the shortest paths.
        alpha: 1 + ε.
        plan: out.

    Source:
        Khuller, Raghavachari and Young, "Balancing minimum spanning trees and shortest-path
        trees", 1995 (LAST).
    """
    limits = [alpha * far * (1 + EQUAL) for far in nearest.tolist()]
    plan[:] = _walk(edges, tree, nearest, shortest, limits, [-1] * len(tree), is_last=True)


def chop(edges: Edges, tree: Ids, ceiling: Reals, nearest: Reals, shortest: Ids, plan: Ids) -> None:
    """Write a tree in which no vertex is beyond its ceiling."""
    limits = ceiling.tolist()
    plan[:] = _walk(edges, tree, nearest, shortest, limits, tree.tolist(), is_last=False)


def _walk(
    edges: Edges,
    tree: Ids,
    nearest: Reals,
    shortest: Ids,
    limits: list[float],
    plan: list[int],
    *,
    is_last: bool,
) -> list[int]:
    """Depth first over `tree`; what is beyond its limit goes on its shortest path."""
    links = Tree(edges, tree)
    source, recreation = links.source, edges.recreation.tolist()
    least, short, original = nearest.tolist(), shortest.tolist(), tree.tolist()
    far = [math.inf] * len(plan)
    far[0] = 0.0
    stack = [0]
    while stack:
        v = stack.pop()
        if v:
            edge = original[v] if is_last else plan[v]
            reached = far[source[edge]] + recreation[edge]
            if reached < far[v]:
                far[v], plan[v] = reached, edge
            if far[v] > limits[v]:
                x = v
                path = []
                while x and far[x] > least[x]:
                    path.append(x)
                    x = source[short[x]]
                for x in reversed(path):
                    far[x], plan[x] = least[x], short[x]
        stack.extend(links.children(v))
    return plan
