"""Networks of Caffe, as their authors wrote them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from modelhub.wrappers.caffe_network.reader import reader
from modelhub.wrappers.networks import Captured


def conv(name: str, bottom: str, outputs: int, kernel: int, more: str = "") -> str:
    return f"""
layer {{
  name: "{name}"
  type: "Convolution"
  bottom: "{bottom}"
  top: "{name}"
  param {{ lr_mult: 1 decay_mult: 1 }}
  param {{ lr_mult: 2 decay_mult: 0 }}
  convolution_param {{ num_output: {outputs} kernel_size: {kernel} {more} }}
}}"""


def in_place(kind: str, name: str, blob: str, more: str = "") -> str:
    return f'layer {{ name: "{name}" type: "{kind}" bottom: "{blob}" top: "{blob}" {more} }}'


def pool(name: str, bottom: str) -> str:
    window = "pooling_param { pool: MAX kernel_size: 3 stride: 2 }"
    return f'layer {{ name: "{name}" type: "Pooling" bottom: "{bottom}" top: "{name}" {window} }}'


def norm(name: str, bottom: str) -> str:
    window = "lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 }"
    return f'layer {{ name: "{name}" type: "LRN" bottom: "{bottom}" top: "{name}" {window} }}'


def full(name: str, bottom: str, outputs: int) -> str:
    more = f"inner_product_param {{ num_output: {outputs} }}"
    return (
        f'layer {{ name: "{name}" type: "InnerProduct" bottom: "{bottom}" top: "{name}" {more} }}'
    )


DROPOUT = "dropout_param { dropout_ratio: 0.5 }"
ALEXNET = "\n".join(  # models/bvlc_alexnet/deploy.prototxt
    (
        'name: "AlexNet"',
        'layer { name: "data" type: "Input" top: "data"',
        "  input_param { shape: { dim: 10 dim: 3 dim: 227 dim: 227 } } }",
        *(conv("conv1", "data", 96, 11, "stride: 4"), in_place("ReLU", "relu1", "conv1")),
        *(norm("norm1", "conv1"), pool("pool1", "norm1")),
        conv("conv2", "pool1", 256, 5, "pad: 2 group: 2"),
        in_place("ReLU", "relu2", "conv2"),
        *(norm("norm2", "conv2"), pool("pool2", "norm2")),
        *(conv("conv3", "pool2", 384, 3, "pad: 1"), in_place("ReLU", "relu3", "conv3")),
        *(conv("conv4", "conv3", 384, 3, "pad: 1 group: 2"), in_place("ReLU", "relu4", "conv4")),
        *(conv("conv5", "conv4", 256, 3, "pad: 1 group: 2"), in_place("ReLU", "relu5", "conv5")),
        pool("pool5", "conv5"),
        *(full("fc6", "pool5", 4096), in_place("ReLU", "relu6", "fc6")),
        in_place("Dropout", "drop6", "fc6", DROPOUT),
        *(full("fc7", "fc6", 4096), in_place("ReLU", "relu7", "fc7")),
        in_place("Dropout", "drop7", "fc7", DROPOUT),
        full("fc8", "fc7", 1000),
        'layer { name: "prob" type: "Softmax" bottom: "fc8" top: "prob" }',
    )
)


@pytest.fixture
def alexnet() -> str:
    return ALEXNET


@pytest.fixture
def capture(tmp_path: Path) -> Callable[[str], Captured]:
    def of(text: str) -> Captured:
        path = tmp_path / "deploy.prototxt"
        path.write_text(text)
        return reader.read(path)

    return of
