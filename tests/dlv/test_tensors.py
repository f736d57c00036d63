"""Lazy tensors."""

import numpy as np
import pytest
import torch

from modelhub.dlv.operations.commit import commit
from modelhub.dlv.tensors import Tensor
from modelhub.dlv.versions import SnapshotTensor
from modelhub.errors import InputError, NotFoundError
from modelhub.values import View


@pytest.fixture
def tensors(repository):
    state = {"w": np.arange(600_000, dtype=np.float32).reshape(6000, 100), "b": np.float32(3)}
    return repository.commit("net", state).tensors


@pytest.mark.parametrize(
    "index", [0, -1, slice(5, 9), slice(-3, None), slice(9, 5), (3, 4), slice(0, 10, 2), ...]
)
def test_it_is_indexed_as_numpy_does(tensors, index) -> None:
    """Rows, negative rows, steps, several axes."""
    whole = tensors["w"].numpy()
    assert np.array_equal(tensors["w"][index], whole[index])
    assert tensors["w"][index].shape == whole[index].shape


def test_rows_are_read_alone(repository, tensors) -> None:
    """Far fewer bytes than the tensor has."""
    before = repository.store.bytes_read
    assert tensors["w"][10:12].shape == (2, 100)
    assert repository.store.bytes_read - before < tensors["w"].size_bytes
    with pytest.raises(IndexError):
        tensors["w"][6000]


def test_patterns_and_names(tensors) -> None:
    """One name is a tensor, a pattern is several."""
    assert list(tensors["*"]) == ["w", "b"]
    assert tensors["b"].shape == ()
    assert np.asarray(tensors["b"]) == 3
    with pytest.raises(NotFoundError, match="there are: w, b"):
        tensors["x"]
    with pytest.raises(NotFoundError, match="no tensor matches"):
        tensors["x*"]


def test_views_of_torch_storages(repository, root) -> None:
    """Transposed, cut and repeated tensors are what torch says they are."""
    base = torch.arange(24.0).reshape(4, 6)
    state = {"base": base, "t": base.t(), "cut": base[1:3, ::2], "row": torch.ones(1).expand(5)}
    torch.save(state, root / "views.pt")
    commit(repository, "net", paths=[root / "views.pt"])
    found = repository["net"].tensors
    for name, expected in state.items():
        assert np.array_equal(found[name].numpy(), expected.numpy())
    assert np.array_equal(found["t"][1:3], base.t()[1:3].numpy())


def test_elements_are_read_into_memory(repository, state) -> None:
    """Of exactly the tensor's size, and no other."""
    tensor = repository.commit("net", state).tensors["fc.weight"]
    out = bytearray(tensor.size_bytes)
    tensor.read_into(memoryview(out))
    assert bytes(out) == state["fc.weight"].tobytes()
    for wrong in (memoryview(bytearray(3)), memoryview(bytes(tensor.size_bytes))):
        with pytest.raises(InputError):
            tensor.read_into(wrong)


def test_a_view_is_read_into_memory_as_the_framework_sees_it(tensors) -> None:
    """Its elements in the order of its own shape."""
    stored = tensors["w"]
    view = View(shape=(100, 6000), strides=(1, 100), offset=0)
    seen = Tensor(stored._repository, SnapshotTensor(name="v", info=stored._found.info, view=view))
    out = np.empty((100, 6000), np.float32)
    seen.read_into(out.data.cast("B"))

    np.testing.assert_array_equal(out, stored.numpy().T)
