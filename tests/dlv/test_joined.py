"""Weights that lie in several tensors."""

import numpy as np
import pytest

from modelhub.dlv.joined import JoinedTensor
from modelhub.errors import InputError
from modelhub.network import Part

WHOLE = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


@pytest.fixture
def tensors(repository):
    """Each row of the first axis, and the same cut along the last."""
    state = {f"row{at}": WHOLE[at] for at in range(2)}
    state |= {"left": np.ascontiguousarray(WHOLE[..., :1]), "right": WHOLE[..., 1:].copy()}
    return repository.commit("cut", state | {"half": np.zeros(3, np.float16)}).tensors


def test_parts_in_one_piece_and_others(tensors) -> None:
    """Rows are read where they belong; columns pass through memory of their own."""
    rows = [(Part(name=f"row{at}", start=(at, 0, 0), shape=(1, 3, 4)), at) for at in range(2)]
    by_row = JoinedTensor("w", (2, 3, 4), [(part, tensors[f"row{at}"]) for part, at in rows])
    columns = [
        (Part(name="left", start=(0, 0, 0), shape=(2, 3, 1)), tensors["left"]),
        (Part(name="right", start=(0, 0, 1), shape=(2, 3, 3)), tensors["right"]),
    ]
    for found in (by_row, JoinedTensor("w", (2, 3, 4), columns)):
        assert (found.dtype, found.shape) == ("float32", (2, 3, 4))
        assert np.array_equal(found.numpy(), WHOLE)
        known = found.levels(2)
        assert known.values.shape == WHOLE.shape
        assert (np.abs(known.values - WHOLE) <= known.radius).all()
        assert known.bytes_read <= known.bytes_stored == WHOLE.nbytes
        with pytest.raises(InputError, match="w needs memory"):
            found.read_into(memoryview(bytearray(5)))


def test_unequal_dtypes(tensors) -> None:
    """There is no array that holds both."""
    part = Part(name="x", start=(0,), shape=(3,))
    with pytest.raises(InputError, match="unequal dtypes: float16, float32"):
        JoinedTensor("w", (6,), [(part, tensors["half"]), (part, tensors["row0"])])
