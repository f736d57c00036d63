"""Networks as nodes and values."""

from modelhub.network import Arguments, Network, Node, State, references


def test_references_are_found_wherever_they_stand() -> None:
    """A value in a list, in a mapping, or by its position among a node's outputs is read."""
    tree = [{"$": "a"}, {"map": [["k", [{"$": "b", "i": 2}, 3]]]}, {"dtype": "float32"}, None]

    assert list(references(tree)) == [("a", 0), ("b", 2)]


def test_a_node_reads_each_other_once() -> None:
    """A value that is read twice counts once."""
    node = Node(name="sq", op="function", inputs=Arguments(args=[{"$": "x"}, {"$": "x"}]))

    assert node.reads == ["x"]


def test_tied_parameters_and_buffers_do_not_count_as_parameters() -> None:
    """The number of parameters is that of different trained elements."""
    states = [
        State(name="wte", kind="parameter", dtype="float32", shape=(10, 4)),
        State(name="head", kind="parameter", dtype="float32", shape=(10, 4), tied="wte"),
        State(name="mean", kind="buffer", dtype="float32", shape=(7,)),
    ]

    assert Network(dialect="aten", nodes=[], states=states).parameter_count == 40
