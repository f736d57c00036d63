"""Pieces: small trees of deltas, and the ways in which a path can start within them."""

import numpy as np
import numpy.typing as npt

from modelhub.pas.plans.graph import Edges, Ids, Reals

Marks = npt.NDArray[np.bool_]


def join_pairs(vertices: int, a: Ids, b: Ids, order: Ids, most: int, taken: Marks) -> None:
    """Mark the pairs of a spanning forest whose trees have at most `most` matrices.

    Args:
        vertices: how many there are.
        a: one vertex of each pair.
        b: the other.
        order: pairs, those to be taken before others first.
        most: matrices of a tree.
        taken: out.

    Source:
        Kruskal, "On the shortest spanning subtree of a graph", 1956.
    """
    up = [-1] * vertices
    first, second = a.tolist(), b.tolist()
    for pair in order.tolist():
        x, y = _root(up, first[pair]), _root(up, second[pair])
        taken[pair] = x != y and -(up[x] + up[y]) <= most
        if taken[pair]:
            if up[x] > up[y]:
                x, y = y, x
            up[x] += up[y]
            up[y] = x


def _root(up: list[int], x: int) -> int:
    while up[x] >= 0:
        if up[up[x]] >= 0:
            up[x] = up[up[x]]
        x = up[x]
    return x


def lay_out(
    start: Ids, near: Ids, pair: Ids, vertex: Ids, parent: Ids, by: Ids, end: Ids, first: Ids
) -> int:
    """Write the trees of a forest in preorder, one after the other; how many there are.

    Args:
        start: neighbours of vertex v are `near[start[v]:start[v + 1]]`.
        near: neighbours.
        pair: the pair that leads to each.
        vertex: out, the vertex at each place.
        parent: out, the place of its parent, or -1.
        by: out, the pair that leads to it, or -1.
        end: out, the place behind the last one of its subtree.
        first: out, where each tree starts, and where the last one ends.
    """
    begin, neighbours, pairs = start.tolist(), near.tolist(), pair.tolist()
    seen = [False] * (len(begin) - 1)
    at = pieces = 0
    for root in range(1, len(seen)):
        if seen[root]:
            continue
        first[pieces] = opening = at
        pieces += 1
        seen[root] = True
        stack = [(root, -1, -1)]
        while stack:
            v, above, joined = stack.pop()
            vertex[at], parent[at], by[at], end[at] = v, above, joined, at + 1
            for j in range(begin[v], begin[v + 1]):
                if not seen[neighbours[j]]:
                    seen[neighbours[j]] = True
                    stack.append((neighbours[j], at, pairs[j]))
            at += 1
        for place in range(at - 1, opening, -1):
            end[parent[place]] = max(end[parent[place]], end[place])
    first[pieces] = at
    return pieces


def facilities(
    edges: Edges,
    vertex: Ids,
    in_tree: Marks,
    price: Reals,
    start: Ids,
    edge: Ids,
    cost: Reals,
    distance: Reals,
) -> int:
    """Write the edges that are in no piece and may start a path in one; how many there are.

    Of a vertex's edges, those are left out that store no less and lead no nearer than another.

    Args:
        edges: of the graph.
        vertex: at each place of the layout.
        in_tree: edges that are in a piece.
        price: the recreation at which each vertex is to be had.
        start: out, facilities of place i are `start[i]` to `start[i + 1]`.
        edge: out.
        cost: out, its storage.
        distance: out, the recreation that it gives.
    """
    count = 0
    start[0] = 0
    for place, v in enumerate(vertex.tolist()):
        ways = sorted(
            (float(edges.storage[e]), float(price[edges.source[e]] + edges.recreation[e]), e)
            for e in range(*edges.in_start[v : v + 2])
            if not in_tree[e]
        )
        nearest = np.inf
        for storage, far, e in ways:
            if far < nearest:
                nearest = far
                edge[count], cost[count], distance[count] = e, storage, far
                count += 1
        start[place + 1] = count
    return count
