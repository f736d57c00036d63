"""Networks as canonical JSON and back."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.errors import InputError, IntegrityError, NewerFormatError
from modelhub.identity import canonical_json
from modelhub.network import (
    Arguments,
    Body,
    Network,
    Node,
    Operation,
    State,
    Symbol,
    Value,
    network_bytes,
    network_id,
    parse_network,
)

SMALL = Network(
    dialect="aten",
    nodes=[
        Node(
            name="image",
            op="input",
            template="INPUT",
            attributes={"argument": "image"},
            outputs=[Value(dtype="float32", shape=("s0", 1, 28, 28))],
        ),
        Node(
            name="norm",
            op="layer",
            template="NORM",
            kind="RMS",
            inputs=Arguments(args=[{"$": "image"}]),
            states=["norm.weight"],
            body=Body(
                inputs=1,
                ops=[
                    Operation(
                        name="mul",
                        target="aten::mul.Tensor",
                        inputs=Arguments(args=[{"$": "in0"}, {"$": "state:norm.weight"}]),
                        outputs=[Value(dtype="float32", shape=("s0", 1, 28, 28))],
                    )
                ],
                returns=[{"$": "mul"}],
            ),
            module="norm",
            outputs=[Value(dtype="float32", shape=("s0", 1, 28, 28))],
        ),
        Node(name="output", op="output", inputs=Arguments(args=[{"map": [["y", {"$": "norm"}]]}])),
    ],
    states=[State(name="norm.weight", kind="parameter", dtype="float32", shape=(28,))],
    modules=[("", "Net")],
    symbols={"s0": Symbol(example=2, min=1)},
)


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(network_bytes(SMALL))
    return found


def test_a_network_comes_back() -> None:
    """Writing and reading gives the same network, and the same bytes."""
    again = parse_network(network_bytes(SMALL))

    assert network_bytes(again) == network_bytes(SMALL)
    assert network_id(again) == network_id(SMALL)
    assert [each.name for each in again.nodes] == ["image", "norm", "output"]
    assert again.states == SMALL.states
    assert again.symbols == SMALL.symbols


@given(
    attributes=st.dictionaries(
        st.text(max_size=8), st.integers(-9, 9) | st.text(max_size=5) | st.lists(st.integers())
    ),
    literal=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=5,
    ),
)
def test_attributes_and_literals_come_back(attributes: dict[str, Any], literal: Any) -> None:
    """Whatever an operator is called with is kept."""
    nodes = [
        Node(name="x", op="input", attributes=attributes),
        Node(name="f", op="function", inputs=Arguments(args=[{"$": "x"}, literal])),
        Node(name="output", op="output", inputs=Arguments(args=[{"$": "f"}])),
    ]
    again = parse_network(network_bytes(Network(dialect="aten", nodes=nodes)))

    assert again.nodes[0].attributes == attributes
    assert network_bytes(again) == network_bytes(Network(dialect="aten", nodes=nodes))


def broken(path: list[Any], value: object) -> bytes:
    found = document()
    place = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["nodes", 1, "name"], "image"),
        (["nodes", 1, "name"], "two words"),
        (["nodes", 1, "op"], "call"),
        (["nodes", 1, "inputs"], {"args": [{"$": "output"}]}),
        (["nodes", 1, "inputs"], {"args": [{"$": "image", "i": 1}]}),
        (["nodes", 1, "inputs"], {"args": [{"$": "image", "x": 1}]}),
        (["nodes", 1, "inputs"], {"args": [{"eval": "1"}]}),
        (["nodes", 1, "states"], ["other"]),
        (["nodes", 1, "body", "returns"], [{"$": "div"}]),
        (["nodes", 1, "body", "inputs"], 2),
        (["nodes", 0, "outputs"], [{"dtype": "float32", "shape": [-1]}]),
        (["nodes", 0, "outputs"], [{"dtype": "float32", "shape": ["f(1)"]}]),
        (["nodes", 0, "attributes"], {"a": {"b": 1}}),
        (["nodes", 0, "call"], True),
        (["nodes", 2], {"name": "o", "op": "function"}),
        (["states", 0, "kind"], "weight"),
        (["states", 0, "shape"], [-1]),
        (["states", 0, "tied"], "nothing"),
        (["states", 0, "tensor"], "../../etc/passwd"),
        (["symbols"], {"s0": {"example": "2", "min": None, "max": None}}),
        (["modules"], [["a"]]),
        (["nodes"], None),
    ],
)
def test_what_breaks_the_format_is_refused(path: list[Any], value: object) -> None:
    """Every rule of the specification is checked when a network is read."""
    with pytest.raises(IntegrityError):
        parse_network(broken(path, value))


def test_a_later_format_is_named() -> None:
    """A network that a later version wrote says so."""
    with pytest.raises(NewerFormatError, match="format 2"):
        parse_network(broken(["format"], 2))


def test_deep_nesting_is_refused() -> None:
    """Arguments are nested no deeper than is allowed, whatever the parser would take."""
    tree: Any = 1
    for _ in range(100):
        tree = [tree]
    with pytest.raises(IntegrityError, match="deeper"):
        parse_network(broken(["nodes", 1, "inputs"], {"args": [{"$": "image"}, tree]}))
    with pytest.raises(IntegrityError):
        parse_network(b"[" * 100_000)


def test_a_wrong_network_is_not_written() -> None:
    """What could not be read again is refused when it is made."""
    with pytest.raises(InputError, match="cannot be stored"):
        network_bytes(Network(dialect="aten", nodes=[Node(name="a b", op="input")]))


@given(st.binary(max_size=200))
def test_noise_is_refused(raw: bytes) -> None:
    """Bytes that are no network give an error, and nothing else."""
    with pytest.raises(IntegrityError):
        parse_network(raw)


def with_training(*names):
    """A network that trains by nodes of its own."""
    start = Node(name="image", op="input")
    nodes = [Node(name=name, op="function", target="aten::relu.default") for name in names]
    end = Node(name="output", op="output", inputs=Arguments(args=[[{"$": n} for n in names]]))
    return dataclasses.replace(SMALL, training=[start, *nodes, end])


def test_what_is_optional_comes_back():
    """Nodes of training have names of their own; parameters may be frozen."""
    frozen = dataclasses.replace(SMALL.states[0], frozen=True, in_files=("old", "older"))
    network = dataclasses.replace(
        with_training("norm", "other"), states=[frozen], training_gap="it throws dice"
    )
    found = parse_network(network_bytes(network))

    assert [node.name for node in found.training] == ["image", "norm", "other", "output"]
    assert found.training_gap == "it throws dice"
    assert found.states[0] == frozen


GRID = [
    {"name": "a", "start": [0, 0], "shape": [2, 3]},
    {"name": "b", "start": [0, 3], "shape": [2, 1]},
]


def in_parts(parts) -> bytes:
    state = {"name": "w", "kind": "parameter", "dtype": "float32", "shape": [2, 4], "parts": parts}
    raw = {"format": 1, "dialect": "aten", "partial": "test", "nodes": [], "states": [state]}
    return canonical_json(raw | {"modules": [], "symbols": {}})


def test_a_state_of_parts() -> None:
    """The cells of a grid, each once."""
    found = parse_network(in_parts(GRID))
    assert [part.name for part in found.states[0].parts] == ["a", "b"]
    assert parse_network(network_bytes(found)) == found


@pytest.mark.parametrize(
    "parts",
    [
        GRID[:1],
        [*GRID, GRID[0]],
        [GRID[0], GRID[1] | {"start": [0, 4]}],
        [GRID[0], GRID[1] | {"shape": [1, 1]}],
        [GRID[0], GRID[1] | {"start": [3]}],
        [GRID[0], GRID[1] | {"start": [1, 3]}],
        [GRID[0] | {"start": [0, -1]}, GRID[1]],
        [GRID[0], {"name": "b"}],
    ],
)
def test_parts_that_do_not_fill_a_state(parts) -> None:
    """Some are missing, twice there, outside, or of another size."""
    with pytest.raises(IntegrityError):
        parse_network(in_parts(parts))


def test_names_that_are_left_out() -> None:
    """What is not said of a state takes no bytes."""


def test_what_is_usual_is_not_written():
    """So networks without it have the ids that they had before the format knew it."""
    assert not any(word in network_bytes(SMALL) for word in (b"training", b"frozen", b"in_files"))


@pytest.mark.parametrize(
    "broken",
    [
        {"nodes": [Node(name="output", op="output")]},
        {"nodes": [Node(name="image", op="input"), Node(name="y", op="function")]},
        {"nodes": [Node(name="image", op="input", states=["unknown"])]},
    ],
)
def test_broken_nodes_of_training_are_refused(broken):
    """Other inputs, no output, unknown states."""
    with pytest.raises(InputError, match=r"other inputs|output nodes|unknown state"):
        network_bytes(dataclasses.replace(SMALL, training=broken["nodes"]))
