"""Vertices on cycles."""

import random

import pytest

from modelhub.wrappers.torch.components import cyclic


@pytest.mark.parametrize(
    ("successors", "wanted"),
    [
        ([], []),
        ([[0]], []),
        ([[1], [2], []], []),
        ([[1], [0]], [{0, 1}]),
        ([[1], [2], [0], [4], [3], [0]], [{0, 1, 2}, {3, 4}]),
    ],
)
def test_components_of_more_than_one_vertex(successors, wanted):
    """A vertex alone is on no cycle that matters."""
    assert sorted(map(set, cyclic(successors)), key=min) == wanted


def test_as_reachability_says():
    """Two vertices are together just if each reaches the other."""
    source = random.Random(0)
    for _ in range(50):
        n = source.randrange(2, 12)
        successors = [[j for j in range(n) if source.random() < 0.15] for _ in range(n)]
        reach = [reached(successors, i) for i in range(n)]
        together = {
            frozenset(j for j in range(n) if j in reach[i] and i in reach[j]) for i in range(n)
        }
        found = {frozenset(each) for each in cyclic(successors)}
        assert found == {each for each in together if len(each) > 1}


def reached(successors, start):
    found, waiting = {start}, [start]
    while waiting:
        new = [each for each in successors[waiting.pop()] if each not in found]
        found.update(new)
        waiting += new
    return found


def test_a_long_path_needs_no_recursion():
    """A hundred thousand layers in a row."""
    n = 100_000
    assert cyclic([[(i + 1) % n] for i in range(n)])[0][0] == n - 1
