"""Aliases: what a layer is, and the how-manieth of its kind."""

from modelhub.network import Node, layer_aliases


def test_layers_are_numbered_by_template() -> None:
    """Each template counts from 1, in the order of execution."""
    templates = ("CONV", "POOL", "CONV", "FULL", "FULL")
    layers = [Node(name=f"f.{i}", op="layer", template=t) for i, t in enumerate(templates)]

    found = layer_aliases(layers)

    assert list(found.values()) == ["conv1", "pool1", "conv2", "fc1", "fc2"]
    assert found["f.2"] == "conv2"


def test_a_layer_without_template_is_an_op() -> None:
    """Nothing is without an alias."""
    assert layer_aliases([Node(name="x", op="layer")]) == {"x": "op1"}
