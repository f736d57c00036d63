"""dlv eval."""

import numpy as np
import pytest
import torch
from torch import nn

from modelhub.dlv import Repository
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.wrappers import MODULES


@pytest.fixture
def net(dlv, folder):
    """Two versions of a small network, and data."""
    assert dlv("init").status == 0
    torch.manual_seed(0)
    for _ in range(2):
        module = nn.Linear(4, 3)
        captured = MODULES.get("torch").capture(module, (torch.zeros(2, 4),))
        with Repository.open(folder) as repository:
            options = CommitOptions(network=captured)
            commit_state(repository, "net", module.state_dict(), options=options)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 4)).astype(np.float32), rng.integers(0, 3, 20)
    np.savez(folder / "data.npz", x=x, y=y)
    return dlv


def test_a_row_for_each_snapshot(net) -> None:
    """And what was asked of each."""
    found = net("eval", "net@1", "net@2", "--data", "data.npz", "--metric", "f1", "--per-class")
    assert found.status == 0, found.err
    assert "version" in found.out.splitlines()[0]
    assert "Classes, F1 of each" in found.out
    assert "BLAKE3" in found.out


def test_json_and_options(net) -> None:
    """The JSON has all of it."""
    arguments = ("--data", "data.npz", "--scale", "1/2", "--mean", "0.1", "--std", "2", "--json")
    found = net("eval", "net", *arguments, "--save-predictions", "o.npz", "--annotate").json
    assert set(found["rows"][0]["metrics"]) == {"accuracy", "loss"}
    assert (found["predictions"], found["annotated"]) == ("o.npz", ["net@2"])
    assert net("eval", "net", "--data", "data.npz", "-q").out.startswith("net@2/")
    one = net("eval", "net", "--data", "data.npz", "--per-class")
    assert "precision" in one.out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--data", "no.npz"), 3, "there are no data at no.npz"),
        (("--data", "data.npz", "--metric", "acuracy"), 3, "did you mean accuracy"),
        (("--data", "data.npz", "--scale", "1/0"), 2, "write 1/255"),
        (("--data", "data.npz", "--mean", "a"), 2, "no list of numbers"),
        (("--data", "data.npz", "--image-size", "axb"), 2, "write 28 or 28x32"),
        (("--data", "."), 1, "holds no pictures"),
        ((), 2, "--data"),
    ],
)
def test_what_is_wrong(net, arguments, status, message) -> None:
    """One line, and the status of its kind."""
    found = net("eval", "net", *arguments)
    assert found.status == status
    assert message in found.err
    assert len(found.err.splitlines()) == 1
