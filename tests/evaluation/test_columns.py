"""Arrays side by side."""

import numpy as np
import pytest

from modelhub.errors import InputError
from modelhub.evaluation import open_data


def test_only_columns_of_one_length_go_together(tmp_path) -> None:
    """Others may lie beside them."""
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=np.zeros((5, 2)), y_train=np.zeros(5), x_test=np.ones((3, 2)))
    source = open_data(str(path))
    assert [len(b["x_test"]) for b in source.batches(2, ["x_test"])] == [2, 1]
    with pytest.raises(InputError, match="'x_test' has 3, 'y_train' has 5"):
        list(source.batches(2, ["x_test", "y_train"]))


def test_a_column_by_column_array_is_read_by_rows(tmp_path) -> None:
    """A view of its bytes is what is cut into batches."""
    path = tmp_path / "a.npz"
    rows = np.asfortranarray(np.arange(12.0).reshape(4, 3))
    np.savez(path, x=rows)
    found = np.concatenate([b["x"] for b in open_data(str(path)).batches(3, ["x"])])
    np.testing.assert_array_equal(found, rows)
