"""dlv commit."""

import json
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file


def test_says_what_it_made(lenet, weights) -> None:
    """Version, snapshots, and bytes as they are and as stored."""
    weights("model_0030.safetensors", 7)
    lines = lenet("commit", "lenet", "model_0030.safetensors").out.splitlines()
    assert lines[0].startswith("committed lenet@3 (")
    assert lines[1] == "  snapshots  step-30"
    assert lines[2].startswith("  files      1, 5.0 KiB, stored in ")


def test_identical_content_is_said(lenet) -> None:
    """Exit status 0, and nothing is made."""
    done = lenet("commit", "lenet", "model_0010.safetensors", "--metric", "accuracy=0.5")
    assert done.status == 0
    assert done.out == "lenet@2 holds exactly this already; nothing was committed\n"


def test_a_dry_run_makes_nothing(lenet, weights) -> None:
    """It shows what would be taken for what."""
    weights("model_0030.safetensors", 7)
    assert "would commit" in lenet("commit", "new", "model_0030.safetensors", "--dry-run").out
    assert lenet("log", "new").status == 3


def test_quiet_prints_the_id(lenet, weights) -> None:
    """One id, 64 digits."""
    weights("model_0030.safetensors", 7)
    assert len(lenet("commit", "new", "model_0030.safetensors", "-q").out.strip()) == 64


def test_wrong_input(lenet) -> None:
    """Each is one line, and nothing is recorded."""
    for arguments, said in (
        (["a b", "model_0010.safetensors"], "cannot be a model's name"),
        (["x", "model_0010.safetensors", "--parent", "lennet"], "did you mean lenet"),
        (["x", "model_0010.safetensors", "--tag", "1"], "cannot be a tag"),
        (["x"], "nothing is staged"),
    ):
        done = lenet("commit", *arguments)
        assert done.status in (1, 3)
        assert said in done.err
        assert done.err.count("\n") == 1
    assert lenet("commit", "x", "--metric", "loss").status == 2


SOURCE = """
from torch import nn

def build():
    return nn.Sequential(nn.Linear(4, 3), nn.ReLU())

def broken():
    raise ValueError("no such size")
"""


@pytest.fixture
def built(folder, monkeypatch):
    """A folder with a file that builds a module, and weights that fit it."""
    (folder / "cli_builders.py").write_text(SOURCE)
    state = {"0.weight": np.ones((3, 4), np.float32), "0.bias": np.ones(3, np.float32)}
    save_file(state, folder / "net.safetensors")
    monkeypatch.delitem(sys.modules, "cli_builders", raising=False)


@pytest.mark.usefixtures("built")
def test_a_builder_gives_the_network(lenet) -> None:
    """It is said how many layers there are, and where they come from; a dry run says it, too."""
    asked = ("commit", "net", "net.safetensors", "--network", "cli_builders:build")
    told = "  network    4 nodes, 15 parameters, from cli_builders:build"
    for more in (("--dry-run",), ()):
        done = lenet(*asked, "--example-input", "1,4", *more)
        assert told in done.out.splitlines(), done
    found = json.loads(lenet(*asked, "--example-input", "1,4", "--dry-run", "--json").out)
    assert found["network"]["dialect"] == "aten"


@pytest.mark.usefixtures("built")
def test_a_builder_that_is_wrong(lenet) -> None:
    """One line each, and nothing is recorded."""
    for arguments, said in (
        (["--network", "cli_builders:broken"], "ValueError: no such size ("),
        (["--network", "cli_builders:build", "--example-input", "1,5"], "does not run on"),
        (["--network", "cli_builders:build", "--example-input", "x"], "is no example input"),
        (["--network", "cli_builders"], "write package.module:function"),
    ):
        done = lenet("commit", "net", "net.safetensors", *arguments)
        assert done.status == 1
        assert said in done.err
        assert done.err.count("\n") == 1, done.err
    done = lenet("commit", "net", "net.safetensors", "--example-input", "1,4")
    assert done.status == 2
    done = lenet("commit", "x", "model_0010.safetensors", "--network", "cli_builders:build")
    assert "do not fit the network of cli_builders:build: missing: 0.weight, 0.bias" in done.err
    assert lenet("log", "net").status == 3


def test_a_checkpoint_alone(lenet, weights) -> None:
    """Its names tell of layers, and that is said to be all."""
    weights("model_0030.safetensors", 7)
    out = lenet("commit", "new", "model_0030.safetensors").out
    assert "from the names of its tensors; partial: only a checkpoint is known" in out
