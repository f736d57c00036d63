"""Diagrams and comparisons as tables, for what cannot draw."""

from modelhub.pages.blocks import (
    Column,
    Comparison,
    Diagram,
    Kind,
    Pair,
    Plot,
    Vertex,
    as_table,
    blocks_of,
)

COLUMNS = [Column("parameters", Kind.COUNT)]


def test_a_chain_needs_no_word_about_what_it_reads() -> None:
    """A folded block is indented; its vertices read the one before, like all the others."""
    inner = [Vertex(name="a", label="a", values=[1]), Vertex(name="b", label="b", reads=["a"])]
    vertices = [
        Vertex(name="x", label="x"),
        Vertex(name="block", label="block (3 times)", values=[3], reads=["x"], inner=inner),
    ]
    table = as_table(Diagram(title="layer", columns=COLUMNS, vertices=vertices))

    assert [each.title for each in table.columns] == ["layer", "parameters"]
    assert table.rows == [("x", None), ("block (3 times)", 3), ("  a", 1), ("  b", None)]


def test_other_graphs_say_what_is_read() -> None:
    """A skip connection is a word in the last column, a mark one in the first."""
    vertices = [
        Vertex(name="x", label="x"),
        Vertex(name="conv", label="conv", reads=["x"], mark="added"),
        Vertex(name="add", label="add", reads=["conv", "x"]),
    ]
    table = as_table(Diagram(title="layer", columns=[], vertices=vertices))

    assert [each.title for each in table.columns] == ["", "layer", "reads"]
    assert table.rows[1] == ("+", "conv", ["x"])
    assert table.rows[2] == ("", "add", ["conv", "x"])


def test_a_comparison_has_counterparts_in_a_row() -> None:
    """What only one side has leaves the other empty."""
    one, other = Vertex(name="a", label="a"), Vertex(name="b", label="b")
    pairs = [Pair(before=one, after=one), Pair(before=None, after=other, mark="added", note="new")]
    table = as_table(Comparison(titles=("m@1", "m@2"), pairs=pairs))

    assert table.rows == [("", "a", "a", ""), ("+", None, "b", "new")]


def test_one_block_is_a_page() -> None:
    """A page is a block or several."""
    plot = Plot(metric="loss", curves=[])

    assert blocks_of(plot) == [plot]
    assert blocks_of(["a", plot]) == ["a", plot]
