"""A table that every form of a page must write."""

import pytest

from modelhub.pages import Column, Kind, Table


@pytest.fixture
def table() -> Table:
    """Each kind of column, a missing value, and a text that misleads."""
    return Table(
        columns=[
            Column("model"),
            Column("id", Kind.ID),
            Column("parameters", Kind.COUNT),
            Column("size", Kind.SIZE),
            Column("loss", Kind.NUMBER),
        ],
        rows=[
            ("lenet", "ab" * 32, 431_080, 1_725_624, 0.123456789),
            ("a|b\n<x>", "cd" * 32, 7, 12, None),
        ],
    )
