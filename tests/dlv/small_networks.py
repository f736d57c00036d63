"""A small network made by hand, which fits the state of conftest."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from modelhub.dlv.catalog.networks import NetworkSummary
from modelhub.dlv.catalog.schema import network
from modelhub.identity import tensor_hasher
from modelhub.network import Arguments, Network, Node, State, Symbol, Value
from modelhub.values import TensorId
from modelhub.wrappers import Captured

SCALE = np.array([0.5, 2.0], np.float32)


def scale_id() -> TensorId:
    found = tensor_hasher("float32", (2,))
    found.update(SCALE.tobytes())
    return TensorId(found.hexdigest())


def read(*names: str) -> Arguments:
    return Arguments(args=[{"$": name} for name in names])


def value(*shape: int | str) -> list[Value]:
    return [Value(dtype="float32", shape=shape)]


def small_network(*, kind: str = "MAX") -> Network:
    """image -> conv -> relu -> pool -> (view) -> fc, and relu -> add <- pool; one constant."""
    return Network(
        dialect="aten",
        nodes=[
            Node(name="image", op="input", template="INPUT", outputs=value("s0", 4, 8, 8)),
            Node(
                name="conv",
                op="layer",
                template="CONV",
                kind="2D",
                target="torch.nn.Conv2d",
                attributes={"in_channels": 4, "out_channels": 8, "kernel_size": [3, 3]},
                inputs=read("image"),
                states=["conv.weight", "conv.bias"],
                module="conv",
                outputs=value("s0", 8, 6, 6),
            ),
            Node(name="relu", op="function", template="RELU", inputs=read("conv")),
            Node(name="block.pool", op="layer", template="POOL", kind=kind, inputs=read("relu")),
            Node(name="scale", op="state", states=["scale"], outputs=value(2)),
            Node(name="add", op="function", template="ADD", inputs=read("relu", "block.pool")),
            Node(name="view", op="function", inputs=read("add", "scale"), plumbing=True),
            Node(name="loose", op="state", states=["fc.weight"], outputs=value(64, 128)),
            Node(
                name="fc",
                op="function",
                template="FULL",
                inputs=read("view", "loose"),
                outputs=value("s0", 64),
            ),
            Node(name="output", op="output", template="OUTPUT", inputs=read("fc")),
        ],
        states=[
            State(name="conv.weight", kind="parameter", dtype="float32", shape=(8, 4, 3, 3)),
            State(name="conv.bias", kind="parameter", dtype="float32", shape=(8,)),
            State(name="fc.weight", kind="parameter", dtype="float32", shape=(64, 128)),
            State(name="steps", kind="buffer", dtype="int64", shape=()),
            State(name="scale", kind="constant", dtype="float32", shape=(2,), tensor=scale_id()),
        ],
        symbols={"s0": Symbol(example=2, min=1)},
    )


def small_captured(*, kind: str = "MAX") -> Captured:
    data = memoryview(SCALE.tobytes())
    return Captured(network=small_network(kind=kind), tensors={scale_id(): ("float32", (2,), data)})


def small_state(seed: int) -> dict[str, npt.NDArray[Any]]:
    """Weights that fit the small network."""
    rng = np.random.default_rng(seed)
    return {
        each.name: np.asarray(rng.normal(size=each.shape)).astype(each.dtype)
        for each in small_network().states
        if each.is_stored_with_weights
    }


def summary_of(catalog: Any, id_: str) -> NetworkSummary | None:
    """What the catalog says of a network in brief, or None if it does not know it."""
    row = catalog.first(select(network).where(network.c.id == id_))
    names = NetworkSummary.__slots__
    return None if row is None else NetworkSummary(**{name: getattr(row, name) for name in names})
