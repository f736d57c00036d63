"""Tensors in memory as a safetensors file that is never written."""

import ml_dtypes
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from modelhub.errors import InputError


def test_torch_tensors(repository, tmp_path) -> None:
    """Dtypes that NumPy lacks, and views, come back as they were."""
    base = torch.randn(6, 8)
    state = {"a": base.t(), "b": base.bfloat16(), "c": torch.nn.Parameter(base[2:4])}
    version = repository.commit("net", state)
    version.checkout(tmp_path)
    loaded = load_file(tmp_path / "model.safetensors")
    assert all(torch.equal(loaded[name], state[name].detach()) for name in state)
    assert version.tensors["b"].numpy().dtype == ml_dtypes.bfloat16


def test_many_tensors_make_a_long_header(repository, tmp_path) -> None:
    """The header is cut into literals like any other bytes."""
    state = {f"layer.{'x' * 100}.{i}": np.float32(i) for i in range(30_000)}
    version = repository.commit("net", state)
    version.checkout(tmp_path)
    assert version.tensors[f"layer.{'x' * 100}.7"].numpy() == 7


@pytest.mark.parametrize("value", [object(), "text", np.array([object()]), None])
def test_what_is_no_tensor(repository, value) -> None:
    """The name stands in the message, and nothing is recorded."""
    with pytest.raises(InputError, match="'bad'"):
        repository.commit("net", {"good": np.ones(2), "bad": value})
    assert list(repository) == []
