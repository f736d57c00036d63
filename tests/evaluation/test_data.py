"""What data are."""

import pytest
from blake3 import blake3

from modelhub.errors import InputError
from modelhub.evaluation.data import Field, check_batch, file_content


def test_the_content_of_a_file_is_its_hash(tmp_path) -> None:
    """The id that a repository gives the same file."""
    path = tmp_path / "data"
    path.write_bytes(b"digits")
    assert file_content(path) == blake3(b"digits").hexdigest()


def test_batches_have_a_limit() -> None:
    """Whatever a header says, nothing huge is allocated."""
    check_batch("x", Field(dtype="float32", shape=(1000,)), 1000)
    with pytest.raises(InputError, match="smaller --batch-size"):
        check_batch("x", Field(dtype="float32", shape=(1 << 30,)), 1)
