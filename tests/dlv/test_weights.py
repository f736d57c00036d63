"""Weights by the names of a network's states."""

import numpy as np
import pytest
from small_networks import SCALE, small_captured, small_network

from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.dlv.versions import SnapshotTensor
from modelhub.dlv.weights import network_weights
from modelhub.errors import InputError
from modelhub.values import TensorInfo


def stored(version) -> list[SnapshotTensor]:
    return [
        SnapshotTensor(name=name, info=TensorInfo(id=t.id, dtype=t.dtype, shape=t.shape))
        for name, t in version.tensors.items()
    ]


def test_states_have_their_tensors(repository, state) -> None:
    """Those of the snapshot under the network's names, and the constants of the network."""
    wrapped = {f"module.{name}": value for name, value in state.items()}
    commit_state(repository, "lenet", wrapped, options=CommitOptions(network=small_captured()))
    found = network_weights(repository, small_network(), stored(repository["lenet"]))

    assert set(found) == {*state, "scale"}
    assert np.array_equal(found["fc.weight"].numpy(), state["fc.weight"])
    out = bytearray(8)
    found["scale"].read_into(memoryview(out))
    assert bytes(out) == SCALE.tobytes()


def test_weights_that_do_not_fit(repository, state) -> None:
    """Which names and shapes."""
    del state["fc.weight"]
    version = repository.commit("lenet", state)
    with pytest.raises(InputError, match=r"missing: fc\.weight"):
        network_weights(repository, small_network(), stored(version))
