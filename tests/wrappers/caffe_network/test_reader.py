"""Networks of prototxt files."""

from random import Random

import pytest

from modelhub.errors import DamagedFileError
from modelhub.network import layer_graph, network_bytes, parse_network, standard_attributes
from modelhub.wrappers.caffe_network.reader import reader
from modelhub.wrappers.networks import NETWORK_READERS

LENET_V1 = """
name: "LeNet"
input: "data"
input_dim: 64  # one for each axis
input_dim: 1 input_dim: 28 input_dim: 28
layers {
  name: "conv1" type: CONVOLUTION bottom: "data" top: "conv1"
  blobs_lr: 1 blobs_lr: 2
  convolution_param { num_output: 20 kernel_size: 5 stride: 1 weight_filler { type: "xavier" } }
}
layers { name: "pool1" type: POOLING bottom: "conv1" top: "pool1"
  pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layers { name: "ip1" type: INNER_PRODUCT bottom: "pool1" top: "ip1"
  inner_product_param { num_output: 500 } }
layers { name: "relu1" type: RELU bottom: "ip1" top: "ip1" }
layers { name: "prob" type: SOFTMAX bottom: "ip1" top: "prob" }
"""
TRAIN_VAL = """
layer { name: "mnist" type: "Data" top: "data" top: "label" include { phase: TRAIN }
  transform_param { crop_size: 20 } data_param { source: "train" batch_size: 64 } }
layer { name: "mnist" type: "Data" top: "data" top: "label" include { phase: TEST }
  transform_param { crop_size: 24 } data_param { source: "test" batch_size: 100 } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 8 kernel_size: 5 } }
layer { name: "conv2" type: "Convolution" bottom: "conv1" top: "conv2"
  convolution_param { num_output: 4 kernel_h: 3 kernel_w: 1 pad: 1 bias_term: false } }
layer { name: "drop" type: "Dropout" bottom: "conv2" top: "conv2" exclude { phase: TEST } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "conv2" bottom: "label" top: "loss" }
"""


def edges(network) -> set[tuple[str, str]]:
    graph = layer_graph(network)
    return {(before, name) for name, all_before in graph.previous.items() for before in all_before}


def test_alexnet(capture, alexnet):
    """Layers in place stand between their blob's layer and what reads it after them."""
    found = capture(alexnet)
    network = found.network
    following = layer_graph(network).next

    assert following["conv1"] == ["relu1"]
    assert following["relu1"] == ["norm1"]
    assert following["norm1"] == ["pool1"]
    assert following["relu5"] == ["pool5"]
    assert following["drop7"] == ["fc8"]
    assert network.by_name["pool5"].outputs[0].shape == (10, 256, 6, 6)
    assert network.by_name["conv1"].outputs[0].shape == (10, 96, 55, 55)
    assert network.parameter_count == 60_965_224
    assert standard_attributes(network.by_name["conv2"]) == {
        "kernel": [5, 5],
        "stride": [1, 1],
        "padding": [2, 2],
        "dilation": [1, 1],
        "in_channels": 96,
        "out_channels": 256,
        "groups": 2,
    }
    assert standard_attributes(network.by_name["norm1"]) == {"size": 5}
    assert standard_attributes(network.by_name["drop6"]) == {"p": 0.5}
    assert network.by_name["output"].attributes == {"names": ["prob"]}
    assert found.notes == []


def test_the_question_of_query_1(capture, alexnet):
    """`m["conv[1,3,5]"].next has POOL("MAX")`: false one hop away; true of conv5 past its ReLU."""
    graph = layer_graph(capture(alexnet).network)
    kinds = {node.name: (node.template, node.kind) for node in graph.layers}

    def after(name: str) -> set[tuple[str | None, str | None]]:
        return {kinds[each] for each in graph.next[name]}

    assert [after(name) for name in ("conv1", "conv3", "conv5")] == [{("RELU", None)}] * 3
    assert after("relu5") == {("POOL", "MAX")}
    assert after("relu1") == {("LRN", None)}
    assert after("relu3") == {("CONV", "2D")}


def test_the_first_version_of_the_format(capture):
    """Types are words, inputs stand at the top, and the network is the same."""
    network = capture(LENET_V1).network

    assert [(n.name, n.template) for n in network.nodes] == [
        ("data", "INPUT"),
        ("conv1", "CONV"),
        ("pool1", "POOL"),
        ("ip1", "FULL"),
        ("relu1", "RELU"),
        ("prob", "SOFTMAX"),
        ("output", "OUTPUT"),
    ]
    assert network.by_name["conv1"].target == "Convolution"
    assert {state.name: state.shape for state in network.states} == {
        "conv1.weight": (20, 1, 5, 5),
        "conv1.bias": (20,),
        "ip1.weight": (500, 2880),
        "ip1.bias": (500,),
    }


def test_what_is_there_while_testing(capture):
    """Phases are told apart; what the file does not say of the data is a symbol, and told."""
    found = capture(TRAIN_VAL)
    network = found.network

    assert edges(network) >= {("mnist", "conv1"), ("conv2", "loss"), ("label", "loss")}
    assert "drop" not in network.by_name
    assert network.by_name["mnist"].outputs[0].shape == (100, "channels", 24, 24)
    assert network.by_name["conv2"].outputs[0].shape == (100, 4, 20, 22)
    assert [state.name for state in network.states] == ["conv1.bias", "conv2.weight"]
    assert any("shape of the input" in note for note in found.notes)


def test_unknown_layers_and_shared_weights(capture):
    """A type that is not known is CUSTOM, and told; named weights are one."""
    found = capture(
        'layer { name: "a" type: "Input" top: "a" top: "b"'
        "  input_param { shape { dim: 2 dim: 3 } } }"
        'layer { name: "l" type: "InnerProduct" bottom: "a" top: "l" param { name: "w" }'
        "  inner_product_param { num_output: 4 bias_term: false } }"
        'layer { name: "r" type: "InnerProduct" bottom: "b" top: "r" param { name: "w" }'
        "  inner_product_param { num_output: 4 bias_term: false } }"
        'layer { name: "z" type: "Zauber" bottom: "l" bottom: "r" top: "z" zauber_param { k: 3 } }'
    )
    left, right = found.network.states

    assert (right.name, right.tied) == ("r.weight", left.name)
    assert found.network.parameter_count == 12
    assert found.network.by_name["z"].kind == "Zauber"
    assert found.network.by_name["z"].attributes == {"k": 3}
    assert found.notes == ["kept as CUSTOM, for they are not known here: Zauber"]


def test_files_are_recognised(tmp_path, alexnet):
    """Networks by name and first words; a solver's settings are none."""
    path = tmp_path / "deploy.prototxt"
    path.write_text(alexnet)
    solver = tmp_path / "solver.prototxt"
    solver.write_text('net: "train_val.prototxt"\nbase_lr: 0.01\n')

    assert reader.claims(path)
    assert not reader.claims(solver)
    assert not reader.claims(tmp_path / "absent.prototxt")
    assert NETWORK_READERS.get("caffe") is reader


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('layer { name: "a" type: "ReLU" bottom: "x" top: "y" }', "'a' reads the blob 'x'"),
        ('name: "nothing"', "no layers"),
        ('layer { name: "a" ', "'}' is missing, in line 1"),
        ('layer {\n name: "a', "in line 2"),
        ("layer { " * 60, "nested deeper"),
        ("layer { name: [1, 2 }", "']' is missing|',' is missing"),
    ],
)
def test_damage_is_told_in_one_line(capture, text, said):
    """The file, what is wrong, and the line."""
    with pytest.raises(DamagedFileError, match=said) as caught:
        capture(text)
    assert "\n" not in str(caught.value)
    assert "deploy.prototxt" in str(caught.value)


def test_damaged_files_are_refused_or_harmless(tmp_path, alexnet):
    """Truncations and mutations: DamagedFileError in one line, or a network that can be stored."""
    path = tmp_path / "d.prototxt"
    random = Random(7)
    words = (b"", b"{", b"}", b'"', b"\\", b"\xff", b"999999999999999999999", b"-1", b"0", b":")
    raw = alexnet.encode()[:2500]
    for case in range(1000):
        data = bytearray(raw)
        if case % 4 == 0:
            del data[random.randrange(len(data)) :]
        at = random.randrange(len(data) + 1)
        data[at : at + random.choice((0, 1, 5))] = random.choice(words)
        path.write_bytes(data)
        try:
            network = reader.read(path).network
        except DamagedFileError as error:
            assert "\n" not in str(error)  # noqa: PT017 - it may not be raised at all
        else:
            parse_network(network_bytes(network))
