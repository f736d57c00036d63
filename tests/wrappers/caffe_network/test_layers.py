"""What Caffe's layers are, and the shapes that they give."""

import pytest
import torch

from modelhub.network import TEMPLATES
from modelhub.wrappers.caffe_network.definitions import layers_of
from modelhub.wrappers.caffe_network.layers import Described, described
from modelhub.wrappers.caffe_network.prototxt import parse_prototxt

IMAGE = (2, 4, 13, 11)
MESSAGES = {
    "Convolution": "convolution_param",
    "Deconvolution": "convolution_param",
    "Pooling": "pooling_param",
    "InnerProduct": "inner_product_param",
    "Embed": "embed_param",
    "Scale": "scale_param",
    "PReLU": "prelu_param",
    "Reshape": "reshape_param",
}


def of(kind: str, parameters: str = "", *shapes, tops: int = 1, bottoms: int = 1) -> Described:
    names = " ".join(['bottom: "x"'] * bottoms + ['top: "y"'] * tops)
    [layer] = layers_of(parse_prototxt(f'layer {{ type: "{kind}" {names} {parameters} }}'))
    return described(layer, shapes or [IMAGE])


@pytest.mark.parametrize(
    ("kind", "parameters", "template", "given", "weights"),
    [
        (
            "Convolution",
            "num_output: 6 kernel_size: 3 pad: 1 stride: 2",
            "CONV",
            (2, 6, 7, 6),
            [(6, 4, 3, 3), (6,)],
        ),
        (
            "Convolution",
            "num_output: 6 kernel_size: 3 group: 2 dilation: 2 bias_term: false",
            "CONV",
            (2, 6, 9, 7),
            [(6, 2, 3, 3)],
        ),
        (
            "Convolution",
            "num_output: 6 kernel_size: 3 kernel_size: 1",
            "CONV",
            (2, 6, 11, 11),
            [(6, 4, 3, 1), (6,)],
        ),
        (
            "Deconvolution",
            "num_output: 6 kernel_size: 4 stride: 2 pad: 1 group: 2",
            "DECONV",
            (2, 6, 26, 22),
            [(4, 3, 4, 4), (6,)],
        ),
        ("Pooling", "pool: AVE kernel_size: 3 stride: 2", "POOL", (2, 4, 6, 5), []),
        ("Pooling", "pool: AVE global_pooling: true", "POOL", (2, 4, 1, 1), []),
        ("InnerProduct", "num_output: 5", "FULL", (2, 5), [(5, 572), (5,)]),
        (
            "InnerProduct",
            "num_output: 5 axis: 3 transpose: true bias_term: false",
            "FULL",
            (2, 4, 13, 5),
            [(11, 5)],
        ),
        ("Embed", "num_output: 5 input_dim: 9 bias_term: false", "EMBED", (*IMAGE, 5), [(9, 5)]),
        ("BatchNorm", "", "NORM", IMAGE, [(4,), (4,), (1,)]),
        ("Scale", "bias_term: true", "MUL", IMAGE, [(4,), (4,)]),
        ("Bias", "", "ADD", IMAGE, [(4,)]),
        ("PReLU", "", "RELU", IMAGE, [(4,)]),
        ("PReLU", "channel_shared: true", "RELU", IMAGE, [()]),
        ("LRN", "", "LRN", IMAGE, []),
        ("Flatten", "", "FLATTEN", (2, 572), []),
        ("Reshape", "shape { dim: 0 dim: -1 dim: 2 }", "FLATTEN", (2, 286, 2), []),
        ("TanH", "", "TANH", IMAGE, []),
        ("Accuracy", "", "OP", (), []),
    ],
)
def test_templates_shapes_and_weights(kind, parameters, template, given, weights):
    """For one image of each layer."""
    found = of(kind, f"{MESSAGES[kind]} {{ {parameters} }}" if parameters else "")

    assert found.template == template
    assert found.template in TEMPLATES
    assert list(found.outputs) == [given]
    assert [blob.shape for blob in found.blobs] == weights


@pytest.mark.parametrize("size", range(6, 15))
@pytest.mark.parametrize(("kernel", "stride", "pad"), [(3, 2, 0), (3, 2, 1), (2, 2, 1), (5, 3, 2)])
def test_pooling_drops_what_begins_in_the_padding(size, kernel, stride, pad):
    """As torch does with `ceil_mode`."""
    found = of(
        "Pooling",
        f"pooling_param {{ kernel_size: {kernel} stride: {stride} pad: {pad} }}",
        (1, 1, size, size),
    )
    expected = torch.nn.functional.max_pool2d(
        torch.zeros(1, 1, size, size), kernel, stride, pad, ceil_mode=True
    )

    assert found.outputs[0] == tuple(expected.shape)


def test_layers_of_several_blobs():
    """Sums, products and maxima; blobs put together and taken apart."""
    two = [IMAGE, (2, 6, 13, 11)]

    assert of("Concat", "", *two, bottoms=2).outputs == [(2, 10, 13, 11)]
    assert of("Eltwise", "", IMAGE, IMAGE, bottoms=2).template == "ADD"
    assert of("Eltwise", "eltwise_param { operation: PROD }", IMAGE, IMAGE).template == "MUL"
    assert of("Eltwise", "eltwise_param { operation: MAX }", IMAGE, IMAGE).kind == "MAX"
    assert of("Slice", "slice_param { slice_point: 1 }", tops=2).outputs == [
        (2, 1, 13, 11),
        (2, 3, 13, 11),
    ]
    assert of("Scale", "", IMAGE, (4,), bottoms=2).blobs == []


@pytest.mark.parametrize("kind", ["Convolution", "InnerProduct", "BatchNorm", "Pooling", "Concat"])
def test_nothing_is_made_up_where_nothing_is_known(kind):
    """Without the shape of the bottom there is none of the top."""
    found = of(kind, "convolution_param { num_output: 3 kernel_size: 3 }", None)

    assert list(found.outputs) == [None]
    assert all(blob.shape is None or len(blob.shape) == 1 for blob in found.blobs)


def test_parameters_that_do_not_fit():
    """A layer that cannot be is kept as CUSTOM; so is one that is not known."""
    assert of("InnerProduct", "inner_product_param { num_output: 5 axis: 9 }").template == "FULL"
    assert of("Concat", "concat_param { axis: 9 }").template == "CUSTOM"
    assert of("Zauber").kind == "Zauber"
    assert not of("Zauber").is_known
