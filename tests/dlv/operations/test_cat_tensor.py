"""One tensor."""

import numpy as np
import pytest

from modelhub.dlv import cat_tensor
from modelhub.errors import InputError


def test_rows_cost_their_bytes(repository) -> None:
    """At most twice the bytes of the tensor, whatever else the model holds."""
    rng = np.random.default_rng(0)
    state = {f"w{i}": rng.normal(size=(1000, 300)).astype(np.float32) for i in range(8)}
    repository.commit("net", state)
    found = cat_tensor(repository, "net::w3")
    assert np.array_equal(found.values, state["w3"])
    assert found.bytes_read <= 2 * state["w3"].nbytes
    assert cat_tensor(repository, "net::w3", rows=(5, 7)).shape == (2, 300)


def test_a_number_has_no_rows(repository) -> None:
    """It is said."""
    repository.commit("net", {"n": np.float32(1)})
    with pytest.raises(InputError, match="single number"):
        cat_tensor(repository, "net::n", rows=(0, 1))
