"""Files of tensors."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from modelhub.errors import InputError
from modelhub.evaluation import open_data

X = np.random.default_rng(0).normal(size=(7, 2, 3)).astype(np.float32)
Y = np.arange(7)


def rows(path):
    source = open_data(str(path))
    batches = list(source.batches(3, ["x", "y"]))
    assert [len(batch["y"]) for batch in batches] == [3, 3, 1]
    return source, {name: np.concatenate([b[name] for b in batches]) for name in ("x", "y")}


def test_safetensors(tmp_path) -> None:
    """Tensors by name."""
    save_file({"x": X, "y": Y}, tmp_path / "a.safetensors")
    source, found = rows(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(found["x"], X)
    np.testing.assert_array_equal(found["y"], Y)
    assert source.fields["x"].shape == (2, 3)
    assert source.fields["y"].count == 7


def test_torch_files_and_their_views(tmp_path) -> None:
    """A transposed tensor is a view of its storage."""
    turned = torch.from_numpy(np.ascontiguousarray(X.transpose(2, 1, 0))).permute(2, 1, 0)
    torch.save({"x": turned, "y": torch.from_numpy(Y)}, tmp_path / "a.pt")
    np.testing.assert_array_equal(rows(tmp_path / "a.pt")[1]["x"], X)


def test_nothing_is_executed(tmp_path) -> None:
    """A pickle that asks for other things holds no data."""
    torch.save(torch.nn.Linear(2, 2), tmp_path / "a.pt")
    with pytest.raises(InputError, match="without executing it"):
        open_data(str(tmp_path / "a.pt"))


def test_empty_tensors(tmp_path) -> None:
    """There is nothing to go through."""
    save_file({"x": X[:0]}, tmp_path / "a.safetensors")
    assert list(open_data(str(tmp_path / "a.safetensors")).batches(3, ["x"])) == []
