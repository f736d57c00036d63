"""Tests of `modelhub.pas.plans.loops.reference.tree`."""

from storage_graphs import toy

from modelhub.pas.plans import Objective, optimize
from modelhub.pas.plans.loops.reference.tree import Tree


def test_vertices_are_hung_elsewhere_with_all_below() -> None:
    """m2 with m4 and m5 below it; m4 is hung on nothing and on m2 again."""
    graph = toy()
    plan = optimize(graph, Objective(), optimizer="mst").edge
    tree = Tree(graph.edges, plan)
    assert sorted(tree.below(2)) == [2, 4, 5]
    assert tree.is_below(4, 2)
    assert not tree.is_below(2, 4)

    whole = next(e for e in range(len(graph.given)) if graph.edges.target[e] == 4)
    tree.hang(4, whole)
    assert tree.parent(4) == 0
    assert sorted(tree.below(2)) == [2, 5]

    tree.hang(4, int(plan[4]))
    assert next(tree.children(2)) == 4
    assert sorted(tree.below(0)) == list(range(6))


def test_a_tree_grows_from_nothing() -> None:
    """Without a plan there is only nothing."""
    tree = Tree(toy().edges, None)
    tree.grow(1, 0)

    assert list(tree.below(0)) == [0, 1]
