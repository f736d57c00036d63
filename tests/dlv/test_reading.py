"""A repository that is only read."""

import numpy as np
import pytest

from modelhub.dlv.operations.checkout import checkout
from modelhub.dlv.reading import ReadableRepository


def test_it_is_enough_to_check_out(repository, root, tmp_path) -> None:
    """What the whole repository wrote comes back."""
    version = repository.commit("net", {"w": np.arange(9000.0)})
    with ReadableRepository.find(root) as reading:
        done = checkout(reading, "net", to=tmp_path)
        assert reading.footer(next(reading.store.ids())).tensors
    assert done.version == version.ref
    assert (tmp_path / done.written[0]).stat().st_size > 9000 * 8


def test_it_has_no_place_for_objects_outside_of_writing(repository) -> None:
    """Whoever tries has forgotten the lock."""
    with pytest.raises(AssertionError, match="inside `writing` only"):
        repository.scratch()
