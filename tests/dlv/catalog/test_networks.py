"""The relations of networks: what queries see, inserted once, and freed with their last version."""

import json

import pytest
from small_networks import scale_id, small_captured, small_network, summary_of
from sqlalchemy import func, select

from modelhub.dlv.catalog.networks import add_network, summarize
from modelhub.dlv.catalog.rows import Vanished
from modelhub.dlv.catalog.schema import (
    edge,
    hop,
    network,
    network_tensor,
    node,
    template_count,
    tensor,
)
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.network import network_id


@pytest.fixture
def stored(repository, state):
    """A repository with the small network."""
    commit_state(repository, "lenet", state, options=CommitOptions(network=small_captured()))
    return repository


def rows(repository, statement) -> list[tuple[object, ...]]:
    return [tuple(row) for row in repository.catalog.rows(statement)]


def test_nodes_are_those_of_the_layer_graph(stored) -> None:
    """In order, with alias, scope and parameters; plumbing and states are not among them."""
    columns = (node.c.name, node.c.alias, node.c.scope, node.c.template, node.c.kind)
    assert rows(stored, select(*columns, node.c.parameters).order_by(node.c.position)) == [
        ("image", "input1", "", "INPUT", "", 0),
        ("conv", "conv1", "", "CONV", "2D", 296),
        ("relu", "relu1", "", "RELU", "", 0),
        ("block.pool", "pool1", "block", "POOL", "MAX", 0),
        ("add", "add1", "", "ADD", "", 0),
        ("fc", "fc1", "", "FULL", "", 8192),
        ("output", "output1", "", "OUTPUT", "", 0),
    ]


def test_what_is_known_of_a_node(stored) -> None:
    """Attributes, shape and dtype; a shape that nobody knows is null."""
    columns = select(node.c.op, node.c.attributes, node.c.shape, node.c.dtype)
    (conv,) = rows(stored, columns.where(node.c.name == "conv"))
    (relu,) = rows(stored, columns.where(node.c.name == "relu"))

    assert conv[0] == "layer"
    assert json.loads(conv[1]) == {"in_channels": 4, "out_channels": 8, "kernel_size": [3, 3]}
    assert (json.loads(conv[2]), conv[3]) == (["s0", 8, 6, 6], "float32")
    assert relu == ("function", "{}", None, None)


def test_edges_lead_past_plumbing(stored) -> None:
    """`fc` reads `add`, whatever rearranges in between; slots tell inputs apart."""
    assert rows(stored, select(edge.c.source, edge.c.target, edge.c.slot)) == [
        (0, 1, 0),
        (1, 2, 0),
        (2, 3, 0),
        (2, 4, 0),
        (3, 4, 1),
        (4, 5, 0),
        (5, 6, 0),
    ]


def test_one_hop_is_one_row(stored) -> None:
    """The question `relu.next has POOL("MAX")` needs no join."""
    found = select(hop.c.source).where(
        (hop.c.target_template == "POOL") & (hop.c.target_kind == "MAX")
    )
    assert rows(stored, found) == [("relu",)]
    (relu,) = rows(stored, select(hop).where(hop.c.source == "conv"))
    assert relu[1:] == ("conv", "relu", "CONV", "2D", "RELU", "")


def test_templates_are_counted(stored) -> None:
    """By template and kind."""
    found = select(template_count.c.template, template_count.c.kind, template_count.c.count)
    assert ("POOL", "MAX", 1) in rows(stored, found)


def test_the_summary_is_the_one_before(stored) -> None:
    """What the catalog says in brief is what the network says."""
    found = small_network()
    brief = summary_of(stored.catalog, network_id(found))

    assert brief == summarize(found, network_id(found))
    assert brief is not None
    assert (brief.nodes, brief.edges, brief.parameters, brief.partial) == (7, 7, 8488, None)
    assert summary_of(stored.catalog, "0" * 64) is None


def test_versions_share_a_network(stored, state) -> None:
    """Its rows are there once."""
    state["conv.bias"] += 1
    commit_state(stored, "lenet", state, options=CommitOptions(network=small_captured()))
    other = CommitOptions(network=small_captured(kind="AVG"))
    commit_state(stored, "other", state, options=other)

    assert rows(stored, select(func.count()).select_from(network)) == [(2,)]
    assert rows(stored, select(func.count()).select_from(node)) == [(14,)]
    query = select(tensor.c.id).join(network_tensor, network_tensor.c.tensor == tensor.c.key)
    assert rows(stored, query) == [(scale_id(),)] * 2


def test_a_tensor_that_is_gone(repository) -> None:
    """A network whose constant is not in the index is not inserted."""
    found = small_network()
    with pytest.raises(Vanished), repository.catalog.write() as connection:
        add_network(connection, network_id(found), found)
    assert summary_of(repository.catalog, network_id(found)) is None
