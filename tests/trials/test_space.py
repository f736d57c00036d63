"""What settings may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.errors import InputError
from modelhub.trials import Choices, Interval, Space, ranged


def test_ranges_are_lists_with_both_ends() -> None:
    """And intervals are lists where they say how many."""
    assert ranged("x", "range", [0.1, 0.5, 0.2]) == Choices(name="x", values=[0.1, 0.3, 0.5])
    assert ranged("x", "int", [2, 4]).values == [2, 3, 4]
    assert ranged("x", "uniform", [0, 1, 3]).values == [0, 0.5, 1]
    assert ranged("x", "loguniform", [0.01, 1, 3]).values == pytest.approx([0.01, 0.1, 1])
    assert ranged("x", "loguniform", [0.01, 1]) == Interval(
        name="x", low=0.01, high=1.0, is_log=True
    )


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("range", [0, 1]),
        ("range", [0, 1, 0]),
        ("range", [0, 1, 1e-9]),
        ("range", [1, 0, 1]),
        ("int", [0.5, 3]),
        ("uniform", ["a", 1]),
        ("uniform", [0, 1, 1]),
        ("loguniform", [0, 1]),
    ],
)
def test_ranges_that_are_none_are_refused(kind: str, arguments) -> None:
    """Empty, endless, or of no numbers."""
    with pytest.raises(InputError, match="x"):
        ranged("x", kind, arguments)


@pytest.mark.property
@given(
    candidates=st.integers(1, 4),
    lengths=st.lists(st.integers(1, 4), max_size=3),
)
def test_a_grid_has_each_point_once(candidates: int, lengths) -> None:
    """The last setting goes fastest."""
    dimensions = [Choices(name=f"x{i}", values=range(n)) for i, n in enumerate(lengths)]
    space = Space(candidates=candidates, dimensions=dimensions)
    points = [space.at(number) for number in range(space.size)]
    assert len({repr(each) for each in points}) == space.size
    assert points == sorted(points, key=lambda p: (p[0], *p[1].values()))


def test_random_points_depend_on_seed_and_number_alone() -> None:
    """So that a run goes on with the same ones; each is within its bounds."""
    space = Space(
        candidates=3,
        dimensions=[
            Interval(name="lr", low=1e-4, high=1.0, is_log=True),
            Choices(name="k", values=["a", "b"]),
        ],
    )
    assert space.drawn(1, 5) == space.drawn(1, 5)
    assert len({repr(space.drawn(1, n)) for n in range(20)}) == 20
    for number in range(200):
        candidate, point = space.drawn(7, number)
        assert 0 <= candidate < 3
        assert 1e-4 <= point["lr"] <= 1.0
        assert point["k"] in "ab"


def test_an_interval_has_no_grid() -> None:
    """The way out is told, and so is a grid that is too large."""
    with pytest.raises(InputError, match=r"using random\(20\)"):
        _ = Space(candidates=1, dimensions=[Interval(name="x", low=0, high=1)]).size
    wide = [Choices(name=f"x{i}", values=range(1000)) for i in range(2)]
    with pytest.raises(InputError, match="1,000,000 trials"):
        _ = Space(candidates=1, dimensions=wide).size
