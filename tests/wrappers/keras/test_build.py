"""Networks and weights become models that compute the same, bit for bit."""

import dataclasses

import numpy as np
import pytest
from keras_zoo import ZOO, made

from modelhub.errors import InputError
from modelhub.network import network_bytes, parse_network
from modelhub.wrappers.keras.backend import keras
from modelhub.wrappers.keras.build import build
from modelhub.wrappers.keras.capture import capture
from modelhub.wrappers.keras.wrapper import MODULES


def inputs_of(network):
    rng = np.random.default_rng(0)
    found = []
    for node in network.inputs:
        shape = [extent if isinstance(extent, int) else 3 for extent in node.outputs[0].shape]
        is_index = node.outputs[0].dtype == "int32"
        values = rng.integers(0, 9, shape) if is_index else rng.random(shape)
        found.append(values.astype(node.outputs[0].dtype))
    return found


def outputs_of(model, network, arrays):
    key = network.inputs[0].attributes.get("key")
    given = {key: arrays[0]} if key else arrays if len(arrays) > 1 else arrays[0]
    found = keras.tree.flatten(model(given, training=False))
    return [keras.ops.convert_to_numpy(each) for each in found]


@pytest.mark.parametrize("name", ZOO)
def test_outputs_are_bit_equal(name) -> None:
    """From the stored bytes and the weights alone; what is built is captured as the same."""
    model = made(name)
    raw = network_bytes(capture(model).network)
    network = parse_network(raw)
    built = build(network, MODULES.state(model))
    arrays = inputs_of(network)

    pairs = zip(outputs_of(model, network, arrays), outputs_of(built, network, arrays), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
    assert list(MODULES.state(built)) == list(MODULES.state(model))


def test_weights_that_do_not_fit_are_named() -> None:
    """Missing, of another shape, unknown: in one line."""
    model = made("late")
    network, state = capture(model).network, dict(MODULES.state(model))
    state["dense/bias"] = np.zeros(7, np.float32)
    state["more"] = state.pop("dense/kernel")
    with pytest.raises(InputError, match=r"dense/kernel is missing.*dense/bias is .*; more is not"):
        build(network, state)


@pytest.mark.parametrize(
    "target",
    ["keras.layers.Lambda", "keras.layers.TFSMLayer", "os.system", "keras.layers.__class__"],
)
def test_no_other_class_is_built(target) -> None:
    """Neither code, nor what reads files, nor a class that nobody registered."""
    network = capture(made("late")).network
    nodes = [
        dataclasses.replace(node, target=target) if node.name == "conv" else node
        for node in network.nodes
    ]
    with pytest.raises(InputError, match="not built from what is stored"):
        build(dataclasses.replace(network, nodes=nodes), {})
