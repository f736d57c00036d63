"""Networks that run with stored weights."""

import numpy as np
import pytest
import torch
from torch import nn

from modelhub.dlv.catalog.versions import snapshot_rows, version_row
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.dlv.running import RunningVersion, runnable_network
from modelhub.errors import InputError
from modelhub.network import PARAMETER, Network, Node, State
from modelhub.wrappers import MODULES, Captured

W = State(name="w", kind=PARAMETER, dtype="float64", shape=(3,))


def with_network(repository, captured, state):
    commit_state(repository, "net", state, options=CommitOptions(network=captured))
    ref = repository["net"].ref
    return ref, version_row(repository.catalog, ref.id)


def test_a_version_runs_as_its_module_does(repository) -> None:
    """Batch normalisation and dropout in evaluation mode, bit for bit; built once for all."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.ReLU())
    module(torch.randn(8, 1, 6, 6))
    captured = MODULES.get("torch").capture(module, (torch.randn(2, 1, 6, 6),))
    ref, row = with_network(repository, captured, module.state_dict())
    running = RunningVersion(repository, row, runnable_network(repository, ref, row))
    (snapshot,) = snapshot_rows(repository.catalog, row.key)
    x = torch.randn(5, 1, 6, 6)
    found = []
    for _ in range(2):
        with running.at(snapshot) as model:
            found.append((model, model({model.inputs[0]: x.numpy()})[0]))

    with torch.no_grad():
        expected = module.eval()(x).numpy()
    np.testing.assert_array_equal(found[0][1], expected)
    np.testing.assert_array_equal(found[1][1], expected)
    assert found[0][0] is found[1][0]


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (None, "has no network, only weights; record one with"),
        (Network(dialect="aten", nodes=[], states=[W], partial="a loop"), "it is partial: a loop"),
        (
            Network(dialect="caffe", nodes=[Node(name="o", op="output")], states=[W]),
            "dialect 'caffe'",
        ),
    ],
)
def test_networks_that_cannot_be_run(repository, network, message) -> None:
    """The reason is told, and what to do."""
    captured = None if network is None else Captured(network=network)
    ref, row = with_network(repository, captured, {"w": np.ones(3)})
    with pytest.raises(InputError, match=message):
        runnable_network(repository, ref, row)


def test_a_prefix_of_the_trainer_is_no_misfit(repository) -> None:
    """What was saved from a parallel wrapper runs as it comes back as a module."""
    module = nn.Sequential(nn.Linear(3, 2))
    captured = MODULES.get("torch").capture(module, (torch.zeros(2, 3),))
    state = {f"module.{name}": value for name, value in module.state_dict().items()}
    ref, row = with_network(repository, captured, state)
    (snapshot,) = snapshot_rows(repository.catalog, row.key)
    network = runnable_network(repository, ref, row)
    data = torch.randn(2, 3)
    with RunningVersion(repository, row, network).at(snapshot) as model:
        (found,) = model({model.inputs[0]: data.numpy()})

    np.testing.assert_array_equal(found, module(data).detach().numpy())
