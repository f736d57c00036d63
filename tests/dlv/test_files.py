"""Files made again from their recipes."""

import pytest
from blake3 import blake3

from modelhub.dlv.files import file_parts, verified
from modelhub.errors import IntegrityError
from modelhub.values import FileId


def test_the_last_part_waits_for_the_hash() -> None:
    """A reader of a damaged file never gets its end."""
    right = FileId(blake3(b"abcd").hexdigest())
    assert list(verified([b"ab", b"cd"], right)) == [b"ab", b"cd"]
    wrong = verified([b"ab", b"cx"], right)
    assert next(wrong) == b"ab"
    with pytest.raises(IntegrityError):
        next(wrong)
    assert list(verified([], FileId(blake3(b"").hexdigest()))) == []


def test_an_unknown_file(repository) -> None:
    """It is not in the catalog."""
    with pytest.raises(IntegrityError, match="not in the catalog"):
        list(file_parts(repository, FileId("0" * 64)))
