"""Tests of `modelhub.dlv.catalog.bases`."""

from sqlalchemy import insert

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.bases import NEEDED
from modelhub.dlv.catalog.schema import copy, tensor


def test_a_chain_is_walked_to_its_end(tmp_path):
    """The third of a chain needs the second and the first; the first needs nothing."""
    with BaseRepository.init(tmp_path) as repository:
        with repository.catalog.write() as connection:
            for key, base in ((1, None), (2, "1"), (3, "2")):
                row = {"key": key, "id": str(key), "dtype": "int8", "shape": "[1]", "size": 1}
                connection.execute(insert(tensor).values(**row))
                row = {"tensor": key, "number": 0, "encoding": "x", "base": base, "levels": 1}
                connection.execute(insert(copy).values(**row, groups=1, group_size=1))
        rows = repository.catalog.ask(NEEDED)

    assert sorted(map(tuple, rows)) == [(2, 1), (3, 1), (3, 2)]
