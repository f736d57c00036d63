"""Layer templates."""

from modelhub.network import ALIASES, TEMPLATES, Node, standard_attributes


def test_names_and_aliases_are_different_words() -> None:
    """A query's word for a layer means one thing; only the kinds of RNN are aliases of it."""
    assert not set(TEMPLATES) & set(ALIASES)
    assert all(name == name.upper() for name in [*TEMPLATES, *ALIASES])


def test_frameworks_names_become_standard_ones() -> None:
    """A kernel is a kernel, whichever framework names it how."""
    torch = Node(name="a", op="layer", template="POOL", attributes={"kernel_size": 2, "x": 1})
    onnx = Node(name="b", op="layer", template="POOL", attributes={"kernel_shape": [2, 2]})

    assert standard_attributes(torch) == {"kernel": 2}
    assert standard_attributes(onnx) == {"kernel": [2, 2]}


def test_a_node_without_template_has_no_standard_attributes() -> None:
    """What we do not know, we do not name."""
    assert standard_attributes(Node(name="a", op="function", attributes={"p": 1})) == {}
