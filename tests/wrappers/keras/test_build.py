"""Networks and weights become models that compute the same, bit for bit."""

import dataclasses

import numpy as np
import pytest
from keras_zoo import ZOO, made

from modelhub.errors import InputError
from modelhub.network import network_bytes, parse_network
from modelhub.wrappers.keras.backend import as_array, keras
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
    return [as_array(each) for each in found]


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


def changed(network, name, **changes):
    nodes = [
        dataclasses.replace(node, **changes) if node.name == name else node
        for node in network.nodes
    ]
    return dataclasses.replace(network, nodes=nodes)


@pytest.mark.parametrize(
    "target",
    [
        *("keras.layers.Lambda", "keras.layers.TFSMLayer", "keras.layers.StringLookup"),
        *(
            "keras.layers.TextVectorization",
            "keras.layers.TorchModuleWrapper",
            "keras.layers.Layer",
        ),
        *("os.system", "keras.layers.__class__", "Mine>Mine", "Dense"),
    ],
)
def test_no_other_class_is_built(target) -> None:
    """Neither code, nor what reads files, nor a class of anybody else."""
    model = made("late")
    network = changed(capture(model).network, "conv", target=target)
    with pytest.raises(InputError, match="not built from what is stored"):
        build(network, MODULES.state(model))


def test_a_registered_class_is_not_built() -> None:
    """Even if this process has it: a file is not to choose among what is loaded."""

    @keras.saving.register_keras_serializable(package="Mine")
    class Mine(keras.layers.Layer):
        def __init__(self, **_) -> None:
            raise AssertionError("it was built")

    model = made("late")
    network = changed(capture(model).network, "conv", target="Mine>Mine")
    with pytest.raises(InputError, match="not built from what is stored"):
        build(network, MODULES.state(model))


HIDDEN = [
    {"layer": "Lambda", "layer.function": "secret"},
    {"layer": "StringLookup", "layer.vocabulary": "/etc/passwd"},
    {"layer": "TimeDistributed", "layer.layer": "TFSMLayer", "layer.layer.filepath": "x"},
    {"layer": "Dense", "layer.()": "Mine>Dense", "layer.units": 4},
    {"layer": "function", "layer.()": "system"},
    {"layer": "{}", "layer.class_name": "function", "layer.module": "os", "layer.config": "system"},
]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("around", ["TimeDistributed", "Bidirectional", "SpectralNormalization"])
def test_no_other_class_is_built_inside_a_layer(around, hidden) -> None:
    """Wherever a setting may be an object."""
    model = made("late")
    network = capture(model).network
    network = changed(network, "conv", target=f"keras.layers.{around}", attributes=hidden)
    with pytest.raises(InputError, match=r"cannot be built|other weights"):
        build(network, MODULES.state(model))


@pytest.mark.parametrize("setting", ["kernel_initializer", "activation", "dtype", "more"])
@pytest.mark.parametrize("name", ["function", "Lambda", "GetFile", "__lambda__"])
def test_settings_name_no_other_class(setting, name) -> None:
    """Neither a function, nor a class of another kind."""
    model = made("late")
    network = capture(model).network
    settings = {**network.by_name["conv"].attributes, setting: name, f"{setting}.value": "x"}
    with pytest.raises(InputError, match="is no class of Keras' that is built"):
        build(changed(network, "conv", attributes=settings), MODULES.state(model))


@pytest.mark.parametrize("name", ["zeros", "map", "while_loop", "convert_to_numpy", "__name__"])
def test_no_other_function_is_called(name) -> None:
    """Those that make arrays, call what they are given, or are none."""
    model = made("residual")
    network = capture(model).network
    node = next(node for node in network.nodes if node.target == "keras.ops.relu")
    with pytest.raises(InputError, match=r"no function of keras\.ops that is built"):
        build(changed(network, node.name, target=f"keras.ops.{name}"), MODULES.state(model))


def test_settings_do_not_say_how_much_memory_is_taken() -> None:
    """A layer of 2^40 units is refused before it has weights."""
    model = made("late")
    network = capture(model).network
    settings = {**network.by_name["dense"].attributes, "units": 1 << 40}
    with pytest.raises(InputError, match="'dense' would hold other weights"):
        build(changed(network, "dense", attributes=settings), MODULES.state(model))


def test_a_mode_that_a_call_says_is_kept() -> None:
    """A dropout called as while evaluating, in a model inside, too, while nobody says a mode."""
    value = keras.Input((8,), name="value")
    inner = keras.Sequential([keras.Input((8,)), keras.layers.Dropout(0.5, name="drop")], name="in")
    x = keras.layers.BatchNormalization(name="bn")(inner(value, training=False), training=False)
    model = keras.Model(value, keras.layers.EinsumDense("...x,xy->...y", 3, name="e")(x))
    network = parse_network(network_bytes(capture(model).network))
    for name in ("in:drop", "bn"):
        assert network.by_name[name].inputs.kwargs["training"] is False

    built = build(network, MODULES.state(model))
    assert network_bytes(capture(built).network).count(b'["training",false]') == network_bytes(
        network
    ).count(b'["training",false]')
    x = np.ones((2, 8), np.float32)
    assert np.array_equal(*(as_array(each(x)) for each in (model, built)))


def test_layers_that_change_images_and_heads() -> None:
    """What is by chance while training only; heads that share keys."""
    layers = keras.layers
    image = keras.Input((6, 8), name="image")
    x = layers.GroupQueryAttention(4, 4, 2, name="heads")(image, image)
    x = layers.Reshape((6, 8, 1))(x)
    x = layers.RandomZoom(0.1, name="zoom")(layers.RandomFlip(name="flip")(x))
    model = keras.Model(image, layers.CenterCrop(4, 4, name="crop")(x))
    network = parse_network(network_bytes(capture(model).network))
    built = build(network, MODULES.state(model))
    found = [outputs_of(each, network, inputs_of(network))[0] for each in (model, built)]
    assert np.array_equal(*found)
