"""Strategies that learn, by Optuna."""

import pytest

from modelhub.trials import Choices, Interval, Space
from modelhub.trials.tuning import OptunaSearch

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
SPACE = Space(
    candidates=2,
    dimensions=[
        Choices(name="kind", values=[[1], "b"]),
        Interval(name="lr", low=1e-3, high=1.0, is_log=True),
    ],
)
GRID = Space(candidates=1, dimensions=[Choices(name="x", values=list(range(9)))])


def search(kind: str, space: Space = SPACE, **options: int) -> OptunaSearch:
    options = {"seed": 0, "max": 9, **options}
    return OptunaSearch(kind, space, metric="loss", is_falling=True, options=options)


def loss(point) -> float:
    return abs(point["lr"] - 0.1) + (point["kind"] == "b")


@pytest.mark.parametrize("kind", ["tpe", "gp"])
def test_it_learns_and_is_within_bounds(kind: str) -> None:
    """Failed trials are told, too; their numbers do not come again."""
    found = search(kind, n=12)
    assert found.count == 12
    for number in range(12):
        candidate, point = found.point(number)
        assert candidate in (0, 1)
        assert point["kind"] in ([1], "b")
        assert 1e-3 <= point["lr"] <= 1.0
        assert found.refuses(number, 1, {"loss": loss(point)}) is None
        found.end(number, has_failed=number == 3)


def test_a_run_goes_on_with_what_was_learned() -> None:
    """Trials of before are told by their points and courses."""
    found = search("tpe", n=3)
    point = {"kind": "b", "lr": 0.5}
    found.resume(0, 1, point)
    found.refuses(0, 1, {"loss": loss(point)})
    found.end(0, has_failed=False)
    assert found.point(1)[1].keys() == point.keys()


@pytest.mark.parametrize("kind", ["asha", "hyperband"])
def test_trials_that_are_behind_are_stopped(kind: str) -> None:
    """The first of a grid go on, since there is nobody to compare them with."""
    found = search(kind, GRID, min=1, factor=3)
    stopped = set()
    for number in range(found.count):
        _, point = found.point(number)
        for step in range(1, 10):
            if found.refuses(number, step, {"loss": float(point["x"]), "other": 1.0}):
                stopped.add(number)
                break
        found.end(number, has_failed=False)
    assert stopped
    assert 0 not in stopped
    assert found.refuses(0, 10, {"other": 1.0}) is None
