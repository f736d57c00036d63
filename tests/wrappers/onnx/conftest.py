"""ONNX models, made by the reference implementation."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from modelhub.wrappers.networks import Captured
from modelhub.wrappers.onnx.reader import reader

RNG = np.random.default_rng(7)


def weight(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def model(
    nodes: Sequence[Any],
    inputs: Mapping[str, Sequence[Any] | None],
    outputs: Sequence[str],
    tensors: Mapping[str, np.ndarray] | None = None,
    *,
    opset: int = 20,
    **more: Any,
) -> onnx.ModelProto:
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in (tensors or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], **more)


def lenet() -> onnx.ModelProto:
    node = helper.make_node
    nodes = [
        node("Conv", ["image", "conv1.weight", "conv1.bias"], ["c1"], "conv1"),
        node("MaxPool", ["c1"], ["p1"], "pool1", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["p1", "conv2.weight", "conv2.bias"], ["c2"], "conv2"),
        node("MaxPool", ["c2"], ["p2"], "pool2", kernel_shape=[2, 2], strides=[2, 2]),
        node("Flatten", ["p2"], ["f"], "flatten"),
        node("Gemm", ["f", "fc1.weight", "fc1.bias"], ["h"], "fc1", transB=1),
        node("Relu", ["h"], ["r"], "relu1"),
        node("Gemm", ["r", "fc2.weight", "fc2.bias"], ["s"], "fc2", transB=1),
        node("Softmax", ["s"], ["prob"], "prob"),
    ]
    tensors = {
        "conv1.weight": weight(20, 1, 5, 5),
        "conv1.bias": weight(20),
        "conv2.weight": weight(50, 20, 5, 5),
        "conv2.bias": weight(50),
        "fc1.weight": weight(500, 800) / 30,
        "fc1.bias": weight(500),
        "fc2.weight": weight(10, 500) / 30,
        "fc2.bias": weight(10),
    }
    return model(nodes, {"image": ["batch", 1, 28, 28]}, ["prob"], tensors)


@pytest.fixture
def make() -> Callable[..., onnx.ModelProto]:
    return model


@pytest.fixture
def capture(tmp_path: Path) -> Callable[[onnx.ModelProto], Captured]:
    def of(made: onnx.ModelProto) -> Captured:
        path = tmp_path / "model.onnx"
        path.write_bytes(made.SerializeToString())
        return reader.read(path)

    return of


@pytest.fixture(name="lenet")
def lenet_model() -> onnx.ModelProto:
    return lenet()
