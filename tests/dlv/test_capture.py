"""Modules become networks; what a user's builder does wrong is said in one line."""

from pathlib import Path

import pytest
import torch

from modelhub.dlv.capture import ExampleInput, capture_built, capture_module, parse_example
from modelhub.errors import InputError

SOURCE = """
from torch import nn

def build():
    return nn.Sequential(nn.Linear(4, 3), nn.ReLU())

def broken():
    raise ValueError("no such size\\nand more")

def tensor():
    return nn.Linear(1, 1).weight

def leaves():
    raise SystemExit(3)

number = 7
"""


@pytest.fixture
def folder(tmp_path: Path, request) -> tuple[Path, str]:
    """A folder with a module of its own name."""
    name = f"models_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    return tmp_path, name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,1,28,28", ExampleInput(dtype="float32", shape=(1, 1, 28, 28))),
        ("1,16:int64", ExampleInput(dtype="int64", shape=(1, 16))),
        ("ids=1,16:int64", ExampleInput(dtype="int64", shape=(1, 16), name="ids")),
        (":float16", ExampleInput(dtype="float16", shape=())),
    ],
)
def test_an_example_input(text, found) -> None:
    """Extents, a dtype, and the argument's name."""
    assert parse_example(text) == found


@pytest.mark.parametrize(
    "text", ["a,b", "1,-2", "=1,2", "a b=1", "1,2:float31", "1:opaque:x", "1,,2", "99999999,9999"]
)
def test_no_example_input(text) -> None:
    """The form is said, and nothing huge is made."""
    with pytest.raises(InputError, match="example input"):
        parse_example(text)


def test_a_builder_is_run(folder) -> None:
    """Its module is followed on zeros."""
    place, name = folder
    found = capture_built(f"{name}:build", [parse_example("1,4")], place)

    assert found.network.partial is None
    assert [node.template for node in found.network.nodes if node.op == "layer"] == ["FULL", "RELU"]


def test_without_examples_only_the_tree_is_known(folder) -> None:
    """And the network says so."""
    place, name = folder
    assert capture_built(f"{name}:build", [], place).network.partial


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("broken", r"broken failed: ValueError: no such size \(.*\.py:8\)$"),
        ("leaves", r"leaves failed: SystemExit: 3 \(.*\.py:14\)$"),
        ("tensor", "type Parameter, which is no module of keras or torch"),
        ("number", "has no function called 'number'"),
        ("none", "has no function called 'none'"),
    ],
)
def test_a_builder_that_builds_nothing(folder, function, said) -> None:
    """One line: type, message, and the place in the user's own file."""
    place, name = folder
    with pytest.raises(InputError, match=said) as caught:
        capture_built(f"{name}:{function}", [], place)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("builder", ["models", "models.build", "a b:c", ":build", "os:"])
def test_no_builder(tmp_path, builder) -> None:
    """The form is said; nothing is imported."""
    with pytest.raises(InputError, match=r"write package\.module:function"):
        capture_built(builder, [], tmp_path)


def test_a_module_that_cannot_be_imported(tmp_path) -> None:
    """The line of the user's file, or that there is none."""
    (tmp_path / "wrong_syntax_here.py").write_text("x = 1\nraise OSError('nothing there')\n")
    with pytest.raises(InputError, match=r"cannot be imported: OSError: nothing there .*\.py:2\)"):
        capture_built("wrong_syntax_here:build", [], tmp_path)
    with pytest.raises(InputError, match="No module named 'not_there_at_all'"):
        capture_built("not_there_at_all:build", [], tmp_path)


@pytest.mark.parametrize(
    "inputs", [torch.zeros(1, 4), (torch.zeros(1, 4),), {"input": torch.zeros(1, 4)}]
)
def test_example_inputs_of_a_module(inputs) -> None:
    """A tensor, a tuple of them, or a mapping by argument."""
    assert capture_module(torch.nn.Linear(4, 3), inputs).network.partial is None


def test_no_module() -> None:
    """The framework's other objects are none."""
    with pytest.raises(InputError, match="no module of keras or torch"):
        capture_module(torch.zeros(3))


def test_an_example_of_another_shape() -> None:
    """What does not fit is said by the module's wrapper."""
    with pytest.raises(InputError):
        capture_module(torch.nn.Linear(4, 3), torch.zeros(1, 5))
