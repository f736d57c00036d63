"""Graphs as rails."""

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.rails import beside, rails


def test_a_chain_runs_in_one_lane() -> None:
    """Layers one after the other stand below each other."""
    found = rails(["x", "conv", "relu", "y"], {"conv": ["x"], "relu": ["conv"], "y": ["relu"]})

    assert [each.lane for each in found] == [0, 0, 0, 0]
    assert not any(each.through or each.ends or each.taps for each in found)
    assert [each.begins for each in found] == [True, True, True, False]
    assert [each.continues for each in found] == [False, True, True, True]


def test_a_skip_connection_runs_beside() -> None:
    """A value that is read again later passes by the layers between."""
    previous = {"conv1": ["x"], "conv2": ["conv1"], "add": ["conv2", "x"]}
    found = dict(
        zip(["x", "conv1", "conv2", "add"], rails(["x", *previous], previous), strict=True)
    )

    assert found["conv1"].taps == [0]
    assert found["conv1"].lane == 1
    assert found["conv2"].through == [0]
    assert found["add"].ends == [0]
    assert found["add"].lane == 1


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], dict[str, list[str]]]:
    names = [f"n{i}" for i in range(draw(st.integers(1, 30)))]
    previous = {
        name: draw(st.lists(st.sampled_from(names[:i]), max_size=3, unique=True)) if i else []
        for i, name in enumerate(names)
    }
    return names, previous


@given(graphs())
def test_no_two_live_values_share_a_lane(graph: tuple[list[str], dict[str, list[str]]]) -> None:
    """Every edge can be followed: what a row reads is where it was made, and nothing covers it."""
    names, previous = graph
    found = dict(zip(names, rails(*graph), strict=True))
    last = {read: i for i, name in enumerate(names) for read in previous[name]}
    for i, name in enumerate(names):
        rail = found[name]
        alive = [n for n in names[:i] if last.get(n, -1) >= i]
        lanes = [found[n].lane for n in alive]
        assert len(set(lanes)) == len(lanes)
        assert rail.begins == (last.get(name, -1) > i)
        read = {found[each].lane for each in previous[name]}
        own = {rail.lane} if rail.continues else set()
        assert read == {*rail.ends, *rail.taps} | own
        assert set(rail.through) == {found[n].lane for n in alive} - read


def test_values_pass_rows_without_a_node() -> None:
    """A row of the other side of a comparison is crossed by what is alive."""
    first, second = rails(["x", "conv"], {"conv": ["x"]})
    foreign = beside([first, None, second])[1]

    assert foreign.lane == -1
    assert foreign.through == [0]
    assert beside([second, None])[1].through == []
