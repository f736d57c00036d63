"""Layers as they are written down."""

import pytest

from modelhub.wrappers.caffe_network.definitions import Input, inputs_of, layers_of
from modelhub.wrappers.caffe_network.prototxt import parse_prototxt


def names(rules: str, phase: str = "TEST") -> list[str]:
    net = parse_prototxt(f'layer {{ name: "a" type: "ReLU" {rules} }}')
    return [layer.name for layer in layers_of(net, phase)]


@pytest.mark.parametrize(
    ("rules", "test", "train"),
    [
        ("", True, True),
        ("include { phase: TRAIN }", False, True),
        ("include: { phase: TEST }", True, False),
        ("include { phase: TRAIN } include { phase: TEST }", True, True),
        ("exclude { phase: TEST }", False, True),
        ("include { phase: 1 }", True, False),
        ('include { phase: TEST stage: "deploy" }', False, False),
        ('exclude { stage: "deploy" }', True, True),
        ("include { min_level: 1 }", False, False),
    ],
)
def test_phases(rules, test, train):
    """What a layer includes decides, else what it excludes."""
    assert bool(names(rules)) == test
    assert bool(names(rules, "TRAIN")) == train


def test_both_versions_of_the_format():
    """Types have the names of the second; shared weights are named in two ways."""
    net = parse_prototxt(
        'layers { name: "a" type: SOFTMAX_LOSS param: "w" param: "b" }'
        'layer { name: "b" type: "TanH" bottom: "x" bottom: "y" top: "z" param { name: "w" } }'
    )
    first, second = layers_of(net)

    assert (first.type, first.share) == ("SoftmaxWithLoss", ["w", "b"])
    assert (second.type, second.share) == ("TanH", ["w"])
    assert (second.bottoms, second.tops) == (["x", "y"], ["z"])
    assert second.parameter("tanh_param").fields == {}


def test_inputs_at_the_top():
    """With shapes, with four dimensions each, or with neither."""
    shaped = 'input: "a" input_shape { dim: 1 dim: 2 } input: "b"'
    dims = 'input: "a" input_dim: 1 input_dim: 2 input_dim: 3 input_dim: 4'

    assert inputs_of(parse_prototxt(shaped)) == [
        Input(blob="a", shape=[1, 2]),
        Input(blob="b", shape=None),
    ]
    assert inputs_of(parse_prototxt(dims)) == [Input(blob="a", shape=[1, 2, 3, 4])]
