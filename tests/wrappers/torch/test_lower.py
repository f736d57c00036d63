"""Networks as graphs; what strangers write into networks."""

# ruff: noqa: FBT003

import dataclasses

import pytest
import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.network import Arguments, Network, Node, State, Value
from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.lower import lower

X = Node(name="x", op="input", outputs=[Value(dtype="float32", shape=(2,))])
END = Node(name="end", op="output", inputs=Arguments(args=[{"$": "y"}]))


def network(*nodes, states=()):
    return Network(dialect="aten", nodes=[X, *nodes, END], states=states)


def call(target, *args, **kwargs):
    return Node(name="y", op="function", target=target, inputs=Arguments(args=args, kwargs=kwargs))


def test_operators_run():
    """A graph of one operator."""
    found = build(network(call("aten::mul.Tensor", {"$": "x"}, 2)), {})
    assert found(torch.ones(2)).tolist() == [2, 2]


@pytest.mark.parametrize(
    ("node", "problem"),
    [
        (call("aten::from_file.default", "/etc/passwd"), "cannot be|not one that"),
        (call("os::system.default", "true"), "not one that"),
        (call("python::operator.mul", "x", 9), "no sizes"),
        (call("python::operator.mul", [0], 1 << 40), "no sizes"),
        (call("aten::relu.default", {"$": "x"}, **{"a=1)+f(": 2}), "does not have"),
        (call("aten::relu.default", {"$": "x"}, 1, 2, 3), "does not have"),
        (call("aten::relu.default", {"$": "x", "i": 3}), "none"),
        (call("aten::to.dtype", {"$": "x"}, {"dtype": "load"}), "none here"),
        (Node(name="y", op="layer", target="os.system", module="m"), "cannot be|unknown"),
        (Node(name="y", op="layer", target="torch.nn.Module", module="m"), "cannot be|unknown"),
        (Node(name="y", op="function"), "how to compute"),
        (Node(name="y", op="state", states=["w"]), "does not have"),
    ],
)
def test_what_strangers_write_is_refused(node, problem):
    """Before anything runs."""
    with pytest.raises(InputError, match=problem):
        build(network(node), {})


@pytest.mark.parametrize("path", ['a")+exit(")', "a\\", "a.b\n.c", "a..b"])
def test_paths_cannot_become_code(path):
    """What would end a text in generated code is no path."""
    node = Node(
        name="y",
        op="layer",
        target="torch.nn.ReLU",
        module=path,
        inputs=Arguments(args=[{"$": "x"}]),
    )
    with pytest.raises(InputError, match="path"):
        build(network(node), {})


def test_odd_names_are_still_names():
    """Blanks and digits stand for themselves."""
    node = Node(
        name="y",
        op="layer",
        target="torch.nn.ReLU",
        module="my layer.none.0-1",
        inputs=Arguments(args=[{"$": "x"}]),
    )
    assert build(network(node), {})(-torch.ones(2)).tolist() == [0, 0]


def test_partial_networks_and_other_dialects_are_refused():
    """With the reason."""
    found = network(call("aten::relu.default", {"$": "x"}))
    with pytest.raises(InputError, match=r"no edges.*: a loop"):
        lower(dataclasses.replace(found, partial="a loop"))
    with pytest.raises(InputError, match="onnx's"):
        lower(dataclasses.replace(found, dialect="onnx"))


def test_functions_obey_the_mode_of_their_module():
    """Dropout drops while training; a batch norm counts its batches."""
    states = [
        State(name=f"bn.{name}", kind="buffer", dtype=dtype, shape=shape)
        for name, dtype, shape in (
            ("running_mean", "float32", (2,)),
            ("running_var", "float32", (2,)),
            ("num_batches_tracked", "int64", ()),
        )
    ]
    nodes = [Node(name=state.name, op="state", states=[state.name]) for state in states[:2]]
    norm = Node(
        name="n",
        op="function",
        target="aten::batch_norm.default",
        module="bn",
        inputs=Arguments(
            args=[
                {"$": "x"},
                None,
                None,
                {"$": "bn.running_mean"},
                {"$": "bn.running_var"},
                False,
                0.1,
                1e-5,
                True,
            ]
        ),
    )
    drop = dataclasses.replace(call("aten::dropout.default", {"$": "n"}, 0.5, False), module="d")
    module = build(
        network(*nodes, norm, drop, states=states),
        {
            "bn.running_mean": torch.zeros(2),
            "bn.running_var": torch.ones(2),
            "bn.num_batches_tracked": torch.tensor(0),
        },
    )
    x = torch.randn(64, 2)
    assert not (module(x) == 0).any()
    assert module.bn.num_batches_tracked == 0
    module.train()
    assert (module(x) == 0).any()
    assert module.bn.num_batches_tracked == 1
    module.d.eval()
    assert not (module(x) == 0).any()
    assert isinstance(module, nn.Module)
