"""Layers put into graphs, and taken out."""

from dataclasses import replace

import pytest
import zoo
from small_networks import small_network

from modelhub.errors import InputError
from modelhub.network import (
    Node,
    State,
    delete_node,
    insert_node,
    layer_graph,
    network_bytes,
    network_id,
    parse_network,
    replace_node,
    values_between,
)

NEW = Node(name="new", op="layer", template="TANH", target="torch.nn.Tanh", module="new")
DENSE = Node(
    name="dense",
    op="layer",
    template="FULL",
    target="torch.nn.Linear",
    attributes={"in_features": 6, "out_features": 6, "bias": False},
    states=["dense.weight"],
    module="dense",
)
WEIGHT = State(name="dense.weight", kind="parameter", dtype="float32", shape=(6, 6))


def check_sound(network) -> None:
    """Each node stands behind those that it reads, and its states are there."""
    known: set[str] = set()
    states = {state.name for state in network.states}
    for node in network.nodes:
        assert set(node.reads) <= known, node.name
        assert set(node.states) <= states
        known.add(node.name)
    assert len(known) == len(network.nodes)
    assert network_id(parse_network(network_bytes(network))) == network_id(network)


def test_all_that_read_the_value_read_the_new_node() -> None:
    """And it reads the value; its states come last."""
    found = insert_node(small_network(), DENSE, [WEIGHT], source=("relu", 0))
    check_sound(found)
    graph = layer_graph(found)
    assert graph.next["relu"] == ["dense"]
    assert set(graph.next["dense"]) == {"block.pool", "add"}
    assert found.states[-1] == WEIGHT


def test_one_edge_can_be_split() -> None:
    """Other readers read what they read before."""
    found = insert_node(small_network(), NEW, source=("relu", 0), reader="add")
    check_sound(found)
    assert found.by_name["add"].reads == ["new", "block.pool"]
    assert found.by_name["block.pool"].reads == ["relu"]
    assert values_between(small_network(), "add", "fc") == [("view", 0)]


def test_readers_of_a_deleted_node_read_what_it_read() -> None:
    """Its states are gone."""
    found = delete_node(small_network(), "conv")
    check_sound(found)
    assert found.by_name["relu"].reads == ["image"]
    assert "conv.weight" not in {state.name for state in found.states}


def test_parameters_that_nobody_reads_go_with_their_reader() -> None:
    """The node that fetched them, too."""
    found = delete_node(small_network(), "fc")
    check_sound(found)
    assert "loose" not in found.by_name
    assert [state.name for state in found.states][2:] == ["steps", "scale"]


@pytest.mark.parametrize("name", ["relu", "dense"])
def test_a_node_is_replaced(name: str) -> None:
    """By one of its own name, or of another."""
    states = [replace(WEIGHT, name=f"{name}.weight")]
    new = replace(DENSE, name=name, module=name, states=[f"{name}.weight"])
    found = replace_node(small_network(), "relu", new, states)
    check_sound(found)
    assert found.by_name[name].reads == ["conv"]
    assert found.by_name["add"].reads == [name, "block.pool"]
    assert ("relu" in found.by_name) == (name == "relu")


def test_what_cannot_be_done_is_told() -> None:
    """In one line."""
    small = small_network()
    for name in ("relu", "conv.weight", "block"):
        with pytest.raises(InputError, match="is taken"):
            insert_node(small, replace(NEW, name=name), source=("conv", 0))
    with pytest.raises(InputError, match="would stand in 'far'"):
        insert_node(small, replace(NEW, name="far.new"), source=("conv", 0))
    with pytest.raises(InputError, match=r"'add' has 2 inputs \(relu, block.pool\)"):
        delete_node(small, "add")
    with pytest.raises(InputError, match="no layer, but an output"):
        delete_node(small, "output")


@pytest.mark.parametrize("name", ["lenet", "resnet18", "bert"])
def test_what_is_inserted_and_deleted_leaves_the_same_network(name: str) -> None:
    """By its id, wherever it was."""
    network = zoo.captured(name)[1].network
    network = replace(network, training=[], training_gap=None)
    for layer in layer_graph(network).layers[:-1:5]:
        put = insert_node(network, DENSE, [WEIGHT], source=(layer.name, 0))
        check_sound(put)
        assert network_id(put) != network_id(network)
        assert network_id(delete_node(put, "dense")) == network_id(network)
