"""Which alpha a graph calls for, if nobody says."""

import numpy as np

from modelhub.pas.plans.graph import EMPTY, StorageGraph
from modelhub.pas.plans.loops import loops


def default_alpha(graph: StorageGraph) -> float:
    """Where one delta fits anywhere: the median of what reading through one delta costs.

    Each delta against a matrix that is read at its fastest is compared with the fastest way to
    read its target, and counts as much as that takes: in a snapshot of a large matrix and many
    small ones it is the large one that must fit. Below that, budgets are met by storing whole
    what could be a delta; above, longer chains save little more. 1 without deltas.

    Cost:
        O(edges × log(matrices)).
    """
    edges = graph.edges
    nearest, shortest = np.empty(graph.vertices), np.empty(graph.vertices, np.int32)
    loops().shortest_paths(edges, nearest, shortest)
    delta = (edges.source != EMPTY) & (nearest[edges.target] > 0)
    if not delta.any():
        return 1.0
    through = nearest[edges.source[delta]] + edges.recreation[delta]
    fastest = nearest[edges.target[delta]]
    ratio = through / fastest
    order = np.argsort(ratio, kind="stable")
    half = np.cumsum(fastest[order])
    return float(ratio[order][np.searchsorted(half, half[-1] / 2)])
