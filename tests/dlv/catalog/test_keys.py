"""Keys of rows by id."""

import pytest

from modelhub.dlv.catalog.keys import keys_of, known_keys, pieces
from modelhub.dlv.catalog.rows import Vanished
from modelhub.dlv.catalog.schema import tensor


def test_pieces_hold_each_value_once() -> None:
    """At most 500 at a time, in their order."""
    assert [len(piece) for piece in pieces([*range(1200), 7])] == [500, 500, 200]
    assert list(pieces([])) == []


def test_what_is_not_there_has_vanished(repository, state) -> None:
    """Unless it is only asked what is known."""
    version = repository.commit("net", state)
    known = version.tensors["fc.weight"].id
    with repository.catalog.write() as connection:
        assert keys_of(connection, tensor, [known]) == known_keys(
            connection, tensor, [known, "0" * 64]
        )
        with pytest.raises(Vanished, match="0" * 64):
            keys_of(connection, tensor, [known, "0" * 64])
