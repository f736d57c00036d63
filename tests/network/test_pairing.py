"""Which layer is which."""

from by_hand import chain, lenet, transformer

from modelhub.network.pairing import pair_layers, side


def names(before, after):
    one, other = side(before), side(after)
    return [
        (one.graph.layers[a].name, other.graph.layers[b].name) for a, b in pair_layers(one, other)
    ]


def test_layers_of_equal_names_are_pairs() -> None:
    """Whatever their sizes."""
    assert all(a == b for a, b in names(lenet(), lenet(conv1=7, fc1=9)))


def test_an_input_is_no_layer() -> None:
    """Inputs are paired with inputs, the output with the output."""
    found = dict(names(lenet(), transformer(1)))

    assert found["image"] in {"tokens", "mask"}
    assert found["output"] == "output"


def test_turned_round_the_pairs_are_the_same() -> None:
    """The question's order does not matter."""
    one, other = chain("conv4", "relu", "conv4"), chain("relu", "conv4", "relu", "conv4", "pool")

    assert sorted(names(one, other)) == sorted((a, b) for b, a in names(other, one))
    assert names(one, other)[0] == ("image", "image")


def test_symbols_have_no_names() -> None:
    """A batch is a batch, whatever it is called."""
    assert side(lenet()).labels[0] == '["input", ["float32"], [["?", 1, 28, 28]]]'
