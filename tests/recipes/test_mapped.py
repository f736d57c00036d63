"""Files as bytes."""

import pytest

from modelhub.errors import DamagedFileError
from modelhub.recipes.mapped import mapped, text


def test_a_file_is_mapped(tmp_path):
    """Its bytes are there, and cannot be changed."""
    path = tmp_path / "f"
    path.write_bytes(b"some bytes")
    with mapped(path) as buffer:
        assert buffer[5:] == b"bytes"
        with pytest.raises(TypeError):
            buffer[0] = 0


def test_an_empty_file_is_damaged(tmp_path):
    """There is nothing to map."""
    (tmp_path / "f").touch()
    with pytest.raises(DamagedFileError, match="is empty"), mapped(tmp_path / "f"):
        pass


def test_texts_are_cut():
    """At a number of characters, whatever bytes they take; what is invalid is replaced."""
    assert text("ééé".encode(), 0, 6, 2) == "éé"
    assert text(b"a\xffb", 0, 3, 10) == "a\ufffdb"
    assert text(b"abc", 1, 2, 10) == "b"
