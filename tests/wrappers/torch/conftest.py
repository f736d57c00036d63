"""Weights of captured modules, as a repository would bring them."""

import pytest
import torch


def weights_of(module, captured):
    """A copy of the module's state dict, and the values that the network keeps."""
    weights = {name: value.detach().clone() for name, value in module.state_dict().items()}
    for state in captured.network.states:
        if state.tensor is not None:
            dtype, shape, data = captured.tensors[state.tensor]
            flat = torch.frombuffer(bytearray(data), dtype=getattr(torch, dtype))
            weights[state.name] = flat.reshape(shape)
    return weights


@pytest.fixture(autouse=True)
def one_thread():
    """Sums are the same each time, and workers do not fight for cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(name="weights_of")
def weights_of_fixture():
    return weights_of
