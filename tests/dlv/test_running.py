"""Networks that run with stored weights."""

import numpy as np
import pytest
import torch
from torch import nn

from modelhub.dlv.catalog.versions import snapshot_rows, version_row
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.dlv.running import RunningVersion, StoredWeight, runnable_network
from modelhub.dlv.versions import SnapshotTensor
from modelhub.errors import InputError
from modelhub.network import PARAMETER, Network, Node, State
from modelhub.values import View
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


def test_views_are_read_as_the_framework_sees_them(repository, state) -> None:
    """Their elements in the order of their own shape."""
    repository.commit("net", state)
    stored = repository["net"].tensors["fc.weight"]
    view = View(shape=(128, 64), strides=(1, 128), offset=0)
    found = SnapshotTensor(name="w", info=stored._found.info, view=view)
    out = np.empty((128, 64), np.float32)
    StoredWeight(repository, found).read_into(out.data)
    np.testing.assert_array_equal(out, state["fc.weight"].T)
