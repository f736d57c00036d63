"""Tensors in another format."""

import numpy as np
import pytest
import torch

from modelhub.dlv import export
from modelhub.errors import ConflictError, InputError, NotFoundError


def test_torch_loads_what_is_written(repository, state, tmp_path) -> None:
    """Names, dtypes, shapes and values; views are made."""
    torch.save({"t": torch.arange(6.0).reshape(2, 3).t()}, repository.root / "v.pt")
    repository.commit("net", state)
    repository.commit("view", "v.pt")
    done = export(repository, "net", form="pt", to=tmp_path)
    loaded = torch.load(tmp_path / done.written[0], weights_only=True)
    assert {n: t.numpy().tolist() for n, t in loaded.items()} == {
        n: t.tolist() for n, t in state.items()
    }
    done = export(repository, "view", form="npz", to=tmp_path)
    with np.load(tmp_path / done.written[0]) as arrays:
        assert arrays["t"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_what_a_format_cannot_hold(repository, tmp_path) -> None:
    """Nothing is left behind."""
    import ml_dtypes

    repository.commit("net", {"w": np.ones(3, ml_dtypes.bfloat16)})
    with pytest.raises(InputError, match="--as safetensors"):
        export(repository, "net", form="npz", to=tmp_path)
    assert list(tmp_path.glob("*.npz")) == []


def test_a_file_in_the_way_and_no_tensors(repository, state, tmp_path) -> None:
    """Refused, each with its reason."""
    (repository.root / "a.txt").write_text("x")
    repository.commit("net", state)
    repository.commit("text", "a.txt")
    export(repository, "net", form="pt", to=tmp_path)
    with pytest.raises(ConflictError, match="--force"):
        export(repository, "net", form="pt", to=tmp_path)
    with pytest.raises(NotFoundError, match="no tensors"):
        export(repository, "text", form="pt", to=tmp_path)
