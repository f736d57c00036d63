"""Values are frozen."""

import dataclasses

import pytest

from modelhub.values import TensorId, TensorInfo


def test_values_do_not_change() -> None:
    """An assignment fails; equal content is equal."""
    info = TensorInfo(id=TensorId("a" * 64), dtype="float32", shape=(2, 3))
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.dtype = "float64"  # type: ignore[misc]
    assert info == TensorInfo(id=TensorId("a" * 64), dtype="float32", shape=(2, 3))
