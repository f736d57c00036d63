"""Sizes that graphs compute."""

from pathlib import Path

import numpy as np
import pytest

from modelhub.network import Value, network_bytes
from modelhub.wrappers.networks import RUNNERS
from modelhub.wrappers.onnx.arithmetic import MAX_LENGTH, Contents, Counting, contents_of, evaluated
from modelhub.wrappers.onnx.reader import reader

# Written by torch.onnx: a network that views, splits and joins by x.shape[0] and x.size(1) // 2.
EXPORTED = Path(__file__).parents[2] / "data/onnx/computed_sizes.onnx"
IMAGE = Value(dtype="float32", shape=("n", 3, 8, 8))


def scalar(size):
    return Contents(elements=(size,), is_scalar=True)


def row(*sizes):
    return Contents(elements=sizes)


def of(operator, *inputs, first=None, **attributes):
    return evaluated(Counting(operator=operator, inputs=inputs, first=first, attributes=attributes))


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (of("Shape", None, first=IMAGE), row("n", 3, 8, 8)),
        (of("Shape", None, first=IMAGE, start=1, end=-1), row(3, 8)),
        (of("Size", None, first=IMAGE), scalar("(((n)*(3))*(8))*(8)")),
        (of("Gather", row("n", 3, 8), scalar(0), axis=0), scalar("n")),
        (of("Gather", row("n", 3, 8), row(2, -1)), row(8, 8)),
        (of("Concat", row("n"), row(-1)), row("n", -1)),
        (of("Unsqueeze", scalar(3), row(0)), row(3)),
        (of("Squeeze", row("n"), row(0)), scalar("n")),
        (of("Slice", row("n", 3, 8), row(1), row(1 << 40)), row(3, 8)),
        (of("Slice", row("n", 3, 8), row(0), row(3), row(0), row(2)), row("n", 8)),
        (of("Slice", row("n", 3, 8), starts=[0], ends=[-1]), row("n", 3)),
        (of("Cast", scalar("n")), scalar("n")),
        (of("Add", row("n", 3), scalar(1)), row("(n + 1)", 4)),
        (of("Mul", scalar("n"), scalar(1)), scalar("n")),
        (of("Sub", scalar("n"), scalar(1)), scalar("(n)-(1)")),
        (of("Div", scalar(9), scalar(2)), scalar(4)),
        (of("Div", scalar("n"), scalar(2)), scalar("(n)//(2)")),
    ],
)
def test_what_is_sure(found, wanted):
    """Numbers are computed, symbols become expressions."""
    assert found == wanted


@pytest.mark.parametrize(
    "found",
    [
        of("Relu", row(1)),
        of("Shape", None),
        of("Shape", None, first=Value(dtype="", shape=())),
        of("Gather", row("n"), scalar("n")),
        of("Gather", row("n"), scalar(3)),
        of("Gather", None, scalar(0)),
        of("Div", scalar(1), scalar(0)),
        of("Div", scalar(-9), scalar(2)),
        of("Add", row(1, 2), row(1, 2, 3)),
        of("Mul", scalar("n"), scalar(-1)),
        of("Mul", scalar(1 << 40), scalar(1 << 40)),
        of("Concat", *[row(*range(40))] * 2),
        of("Add", scalar("n" * MAX_LENGTH), scalar("n")),
        of("Unsqueeze", row(1), row(0)),
        of("Slice", row(1, 2), row(0), row(1, 2)),
    ],
)
def test_what_is_not_sure_or_too_large_is_nothing(found):
    """Neither is any input able to make it raise or grow."""
    assert found is None


def test_constants_that_hold_sizes():
    """Whole numbers only."""
    assert contents_of([2, -1]) == row(2, -1)
    assert contents_of(4) == scalar(4)
    assert [contents_of(each) for each in ([0.5], "a", [True])] == [None, None, None]


def test_shapes_of_an_exported_network_are_known():
    """They are those that onnxruntime gives, for any batch."""
    network = reader.read(EXPORTED).network
    network_bytes(network)
    shapes = {node.name: node.outputs[0].shape for node in network.nodes if node.outputs}

    assert shapes["reshape"] == ("batch", 32)
    assert shapes["fc"] == ("batch", 6)
    assert shapes["reshape_1"] == ("batch", 2, 3)
    assert shapes["matmul"] == ("batch", 2, 2)
    model = RUNNERS.get("onnx").load(network, {}, {"m.onnx": EXPORTED})
    (y,) = model({"image": np.zeros((5, 1, 8, 8), np.float32)})
    assert y.shape == (5, 4)
