"""Bars beside numbers."""

import math

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.bars import WIDTH, block_bar, length, longest
from modelhub.pages.blocks import Column, Diagram, Estimate, Kind, Table, Vertex

BAR = Column("change", Kind.NUMBER, has_bar=True)


def test_the_greatest_number_has_the_longest_bar() -> None:
    """Of each column; what is no number, or not finite, does not count."""
    rows = [(1, 4.0, "a"), (None, math.nan, 2), (Estimate(2.5), math.inf, 1)]

    assert longest(Table(columns=[BAR, BAR, Column("x")], rows=rows)) == [2.5, 4.0, 0.0]


def test_columns_may_share_a_scale() -> None:
    """Then a bar of one column can be compared with that of another."""
    table = Table(columns=[Column("x"), BAR, BAR], rows=[("a", 1.0, 8.0)], has_one_scale=True)

    assert longest(table)[1:] == [8.0, 8.0]


def test_shares_are_shares_of_the_whole() -> None:
    """Half is half a bar, whatever stands beside it."""
    assert longest(Table(columns=[Column("s", Kind.SHARE)], rows=[(0.5,)])) == [1.0]


def test_folded_rows_of_a_diagram_count() -> None:
    """A layer inside of a block is measured like the others."""
    inner = [Vertex(name="in", label="in", values=[9.0])]
    vertices = [Vertex(name="a", label="a", values=[3.0], inner=inner)]

    assert longest(Diagram(title="layer", columns=[BAR], vertices=vertices)) == [9.0]


@given(st.floats(0, 1e300), st.floats(1e-300, 1e300))
def test_a_bar_is_never_longer_than_its_track(value: float, most: float) -> None:
    """In a picture and in a terminal; and what is above 0 is seen."""
    share = length(value, most)

    assert share is not None
    assert 0 <= share <= 1
    assert len(block_bar(share)) <= WIDTH
    assert bool(block_bar(share)) == (share > 0)


def test_what_has_no_bar() -> None:
    """Text, nothing, and numbers that are not finite; a negative one has an empty bar."""
    assert [length(each, 1.0) for each in ("a", None, math.nan, math.inf)] == [None] * 4
    assert length(-1.0, 2.0) == 0.0
    assert length(0.0, 0.0) == 0.0
