"""Searches that do not learn."""

import pytest

from modelhub.trials import Choices, Drawn, Grid, Space
from modelhub.trials.search import SEARCHES

SPACE = Space(candidates=2, dimensions=[Choices(name="lr", values=[0.1, 0.01])])


def test_a_grid_is_gone_through_in_order() -> None:
    """Candidates slowest."""
    search = Grid(SPACE)
    found = [search.point(number) for number in range(search.count)]
    assert found == [(0, {"lr": 0.1}), (0, {"lr": 0.01}), (1, {"lr": 0.1}), (1, {"lr": 0.01})]


def test_drawn_trials_do_not_depend_on_order() -> None:
    """Nor on what was told before."""
    one, other = Drawn(SPACE, count=5, seed=3), Drawn(SPACE, count=5, seed=3)
    other.resume(0, 0, {"lr": 0.1})
    assert other.refuses(0, 1, {"loss": 1.0}) is None
    other.end(0, has_failed=False)
    assert [one.point(n) for n in range(5)] == [other.point(n) for n in reversed(range(5))][::-1]


def test_strategies_that_learn_are_an_extra() -> None:
    """Called like it, so that its absence says what to install."""
    assert list(SEARCHES.ours) == ["tune"]
    assert SEARCHES.group == "modelhub.search_strategies"


@pytest.mark.parametrize("count", [1, 7])
def test_as_many_are_drawn_as_asked_for(count: int) -> None:
    """Whatever the size of the space."""
    assert Drawn(SPACE, count=count, seed=0).count == count
