"""Rows as values."""

from sqlalchemy import select

from modelhub.dlv.catalog.rows import info_of, statistics_of
from modelhub.dlv.catalog.schema import tensor


def test_a_tensor_row(repository, state) -> None:
    """Dtype, shape, statistics."""
    version = repository.commit("net", {"w": state["fc.weight"]})
    (row,) = repository.catalog.rows(select(tensor))
    assert info_of(row).id == version.tensors["w"].id
    assert info_of(row).shape == (64, 128)
    assert statistics_of(row).zeros == 0
