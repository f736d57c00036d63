"""What a checkpoint alone tells of a network."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from modelhub.network import (
    Network,
    names_network,
    network_bytes,
    parse_network,
    standard_attributes,
)
from modelhub.network.names import MAX_NAME


def of(**shapes: tuple[int, ...]) -> Network:
    """A network of tensors; `__` in a name stands for a dot."""
    return names_network((n.replace("__", "."), "float32", shape) for n, shape in shapes.items())


def rows(network: Network) -> list[tuple[str, str | None, str | None]]:
    return [(node.name, node.template, node.kind) for node in network.nodes]


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = torch.nn.Embedding(30, 8)
        self.layer1 = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 5), torch.nn.BatchNorm2d(8))
        self.up = torch.nn.ModuleDict({"deconv": torch.nn.ConvTranspose2d(8, 4, 2)})
        self.conv = torch.nn.Conv1d(4, 6, 3)
        self.lstm = torch.nn.LSTM(8, 5, num_layers=2, bidirectional=True)
        self.gru = torch.nn.GRUCell(8, 5)
        self.attn = torch.nn.MultiheadAttention(8, 2)
        self.ln_1 = torch.nn.LayerNorm(8)
        self.fc = torch.nn.Linear(8, 10)
        self.scale = torch.nn.Parameter(torch.ones(8))


def test_layers_of_torch():
    """Each template from names and shapes, with its attributes."""
    state = Net().state_dict()
    network = names_network(
        (name, str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape))
        for name, tensor in state.items()
    )
    layers = network.by_name

    assert rows(network) == [
        ("scale", "CUSTOM", None),
        ("embed", "EMBED", None),
        ("layer1.0", "CONV", "2D"),
        ("layer1.1", "NORM", "BATCH"),
        ("up.deconv", "DECONV", "2D"),
        ("conv", "CONV", "1D"),
        ("lstm", "RNN", "LSTM"),
        ("gru", "CUSTOM", None),
        ("attn", "ATTENTION", None),
        ("attn.out_proj", "FULL", None),
        ("ln_1", "NORM", "LAYER"),
        ("fc", "FULL", None),
    ]
    assert standard_attributes(layers["layer1.0"]) == {
        "kernel": [5, 5],
        "in_channels": 3,
        "out_channels": 8,
    }
    assert standard_attributes(layers["up.deconv"])["out_channels"] == 4
    assert standard_attributes(layers["lstm"]) == {"features": 5, "layers": 2}
    assert standard_attributes(layers["fc"]) == {"in_features": 8, "out_features": 10}
    assert {s.name for s in network.states if s.kind == "buffer"} == {
        *("layer1.1.running_mean", "layer1.1.running_var", "layer1.1.num_batches_tracked")
    }
    assert network.partial


def test_names_of_gguf():
    """Blocks and short words; packed weights have no shape that says anything."""
    network = names_network(
        [
            ("token_embd.weight", "opaque:gguf.Q4_0", (1800,)),
            ("blk.0.attn_norm.weight", "float32", (64,)),
            ("blk.0.attn_q.weight", "opaque:gguf.Q4_0", (2304,)),
            ("blk.0.ffn_up.weight", "float16", (256, 64)),
            ("output_norm.weight", "float32", (64,)),
        ]
    )

    assert rows(network) == [
        ("token_embd", "EMBED", None),
        ("blk.0.attn_norm", "NORM", "RMS"),
        ("blk.0.attn_q", "FULL", None),
        ("blk.0.ffn_up", "FULL", None),
        ("output_norm", "NORM", "RMS"),
    ]


@pytest.mark.parametrize(
    ("shapes", "template"),
    [
        ({"experts__weight": (8, 16, 32)}, "CUSTOM"),
        ({"gate__weight": (8,)}, "CUSTOM"),
        ({"wte__weight": (50, 8)}, "EMBED"),
        ({"embed_proj__weight": (50, 8), "embed_proj__bias": (50,)}, "FULL"),
        ({"gn1__weight": (8,), "gn1__bias": (8,)}, "NORM"),
        ({"position_embedding": (50, 8)}, "EMBED"),
        ({"x__a": (2,), "x__b": (3,)}, "CUSTOM"),
        ({"x__weight": ()}, "CUSTOM"),
        ({"lstm__weight_hh_l0": (4,)}, "RNN"),
    ],
)
def test_guesses_are_careful(shapes, template):
    """Where name and shape do not agree, nothing is claimed."""
    assert of(**shapes).nodes[0].template == template


def test_a_bias_says_which_way_a_matrix_lies():
    """GPT-2 keeps its matrices turned."""
    network = of(c_attn__weight=(8, 24), c_attn__bias=(24,))

    assert network.nodes[0].attributes == {"in_features": 8, "out_features": 24}


NAMES = st.one_of(
    st.text(max_size=12), st.lists(st.sampled_from(["a", "weight", "0", "bias"])).map(".".join)
)
SHAPES = st.lists(st.integers(0, 5), max_size=6).map(tuple)
DTYPES = st.sampled_from(["float32", "int64", "opaque:gguf.Q4_0"])


@pytest.mark.property
@given(tensors=st.lists(st.tuples(NAMES, DTYPES, SHAPES), max_size=20))
def test_every_tensor_is_in_exactly_one_layer(tensors):
    """In the order given, with its dtype and shape; and the network can be stored."""
    tensors = [(n.encode("utf-8", "replace").decode(), d, s) for n, d, s in tensors]
    network = names_network(tensors)
    held = [name for node in network.nodes for name in node.states]

    assert [(s.dtype, s.shape) for s in network.states] == [(d, s) for _, d, s in tensors]
    assert sorted(held) == sorted(state.name for state in network.states)
    assert len(held) == len(set(held)) == len(tensors)
    firsts = [network.states.index(_state(network, node.states[0])) for node in network.nodes]
    assert firsts == sorted(firsts)
    assert parse_network(network_bytes(network)).partial == network.partial


def _state(network: Network, name: str):
    return next(state for state in network.states if state.name == name)


def test_names_that_are_too_long_stay_apart() -> None:
    """They are cut to one length, and numbered."""
    names = [f"{'x' * 600}.{number}" for number in range(12)]
    found = [state.name for state in names_network((n, "float32", ()) for n in names).states]
    assert len(set(found)) == len(names)
    assert {len(name) for name in found} == {MAX_NAME}
    assert found[1].endswith("x#2")
    assert found[11].endswith("x#12")
