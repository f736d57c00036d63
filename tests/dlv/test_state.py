"""Tensors in memory as a safetensors file that is never written."""

import ml_dtypes
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from modelhub.dlv.operations.commit import commit
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
    state = {f"layer.{'x' * 900}.{i}": np.float32(i) for i in range(5000)}
    version = repository.commit("net", state)
    version.checkout(tmp_path)
    assert version.tensors[f"layer.{'x' * 900}.7"].numpy() == 7


@pytest.mark.parametrize("value", [1j, np.zeros(2, complex), torch.zeros(2, dtype=torch.cdouble)])
def test_what_other_readers_would_not_read_is_refused(repository, value) -> None:
    """The name stands in the message, and the way out; nothing is recorded."""
    with pytest.raises(InputError, match=r"'bad' is complex128, .*complex64, or commit a file"):
        repository.commit("net", {"good": np.ones(2), "bad": value})
    assert list(repository) == []


def test_the_ways_out_for_complex_numbers(repository, root, tmp_path) -> None:
    """A file that holds them comes back, and other readers read it; so do narrower ones."""
    wide = np.array([1 + 2j, 3 - 4j])
    np.savez(root / "model.npz", w=wide)
    commit(repository, "file", paths=[root / "model.npz"])
    repository["file"].checkout(tmp_path)
    assert np.array_equal(np.load(tmp_path / "model.npz")["w"], wide)
    assert np.array_equal(repository["file"].tensors["w"].numpy(), wide)
    narrow = wide.astype(np.complex64)
    repository.commit("memory", {"w": narrow}).checkout(tmp_path)
    loaded = load_file(tmp_path / "model.safetensors")["w"]
    assert np.array_equal(loaded.numpy(), narrow)


@pytest.mark.parametrize("value", [object(), "text", np.array([object()]), None])
def test_what_is_no_tensor(repository, value) -> None:
    """The name stands in the message, and nothing is recorded."""
    with pytest.raises(InputError, match="'bad'"):
        repository.commit("net", {"good": np.ones(2), "bad": value})
    assert list(repository) == []
