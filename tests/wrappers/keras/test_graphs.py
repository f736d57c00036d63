"""Configurations become networks; what Keras says of its own models is the judge."""

import json

import pytest
from keras_zoo import ZOO, made

from modelhub.network import evaluate_shape, footprint_of, network_bytes
from modelhub.wrappers.keras.capture import capture, named_variables
from modelhub.wrappers.keras.graphs import network_of
from modelhub.wrappers.keras.parts import ConfigError, part_of


def read(model):
    return network_of(part_of(json.loads(model.to_json())))


def functional(**changes):
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}
    dense = {
        "module": "keras.layers",
        "class_name": "Dense",
        "name": "d",
        "config": {"name": "d", "units": 3},
        "inbound_nodes": [{"args": [tensor], "kwargs": {}}],
    }
    entry = {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "name": "x",
        "config": {"name": "x", "batch_shape": [None, 2]},
        "inbound_nodes": [],
    }
    config = {"name": "m", "layers": [entry, dense], "input_layers": ["x", 0, 0]}
    config["output_layers"] = ["d", 0, 0]
    return dense, {"class_name": "Functional", "config": config | changes}


@pytest.mark.parametrize("name", ZOO)
def test_sizes_are_those_of_keras(name) -> None:
    """The shape of each layer that is called once is Keras' own, and parameters are as many."""
    model = made(name)
    network = read(model).network
    sizes = {symbol: found.example for symbol, found in network.symbols.items()}
    layers = {layer.name: layer for layer in model.layers}
    seen = 0

    for node in network.nodes:
        layer = layers.get(node.module)
        if layer is None or len(layer._inbound_nodes) > 2 or not node.outputs:
            continue
        wanted = layer.output.shape
        found = evaluate_shape(node.outputs[0].shape, sizes)
        assert len(found) == len(wanted)
        assert all(w in (None, f) for w, f in zip(wanted, found, strict=True)), node.name
        seen += 1
    assert seen >= 1
    assert network.parameter_count == sum(
        int(w.value.numel()) for w in model.weights if not w.path.endswith(("mean", "variance"))
    )
    assert footprint_of(network).is_complete


@pytest.mark.parametrize("name", ZOO)
def test_file_and_memory_tell_the_same(name) -> None:
    """The rules find the variables that the model holds: names, shapes, kinds, order."""
    model = made(name)

    assert network_bytes(read(model).network) == network_bytes(capture(model).network)
    assert [state.name for state in read(model).network.states] == [
        f"{path}/{name}" for path, name, _ in named_variables(model)
    ]


def test_multiply_adds_of_lenet() -> None:
    """As counted by hand: 24² · 25 · 20, 8² · 500 · 50, 800 · 500, 500 · 10."""
    assert footprint_of(read(made("lenet")).network).macs == 288_000 + 1_600_000 + 400_000 + 5_000


def test_a_layer_called_twice_is_two_nodes_of_one_state() -> None:
    """And the second one says that it is the second."""
    network = read(made("nested")).network
    calls = [node for node in network.nodes if node.module == "encoder:dense"]

    assert [node.call for node in calls] == [0, 1]
    assert calls[0].states == calls[1].states == ["encoder:dense/kernel", "encoder:dense/bias"]
    assert dict(network.modules) == {
        "": "Functional",
        "encoder": "Sequential",
        "head": "Functional",
    }


def test_an_unknown_class_is_custom_and_said() -> None:
    """Its shape is what the file says of it; code of a Lambda layer is not kept."""
    dense, document = functional()
    dense |= {"class_name": "Lambda", "config": {"name": "d", "function": ["secret", None]}}
    found = network_of(part_of(document))
    node = found.network.by_name["d"]

    assert (node.template, node.kind, node.attributes) == ("CUSTOM", "Lambda", {})
    assert "Lambda" in found.notes[0]
    assert b"secret" not in network_bytes(found.network)


def test_a_class_of_its_own_is_partial() -> None:
    """Nothing says what it is made of."""
    found = network_of(part_of({"class_name": "Mine", "config": {}, "module": "m"})).network
    assert "Mine" in str(found.partial)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (["d", 0, 0], "what it gives itself"),
        (["gone", 0, 0], "not there"),
        (["x", 5, 0], "not there"),
        (["x", 0, 9], "not there|fewer"),
        (["x", 0, 1 << 60], "cannot give|not there"),
        (["x", -1, 0], "no place"),
        ("x", "no place"),
    ],
)
def test_references_to_nothing(place, said) -> None:
    """A cycle, a layer, call or output that is not there: each is one error."""
    dense, document = functional()
    dense["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = place
    with pytest.raises(ConfigError, match=said):
        network_of(part_of(document))


def test_models_that_multiply_are_refused() -> None:
    """Each calls the one inside it many times: a short file, and a network without end."""
    _, document = functional()
    for depth in range(6):
        inner = {**document, "name": f"m{depth}", "module": "keras"}
        tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}
        inner["inbound_nodes"] = [{"args": [tensor], "kwargs": {}}] * 40
        entry = document["config"]["layers"][0]
        config = {"layers": [entry, inner], "input_layers": ["x", 0, 0]}
        config["output_layers"] = [f"m{depth}", 1, 0]
        document = {"class_name": "Functional", "config": config}
    with pytest.raises(ConfigError, match="more than"):
        network_of(part_of(document))
