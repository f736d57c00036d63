"""Arrays put by."""

import io

import numpy as np
import pytest

from modelhub.dtypes import NUMPY
from modelhub.errors import InputError
from modelhub.evaluation.spool import Spool
from modelhub.recipes import write_npz


def test_rows_come_back() -> None:
    """As one array, and as a member of a .npz file."""
    rows = np.arange(12, dtype=np.float32).reshape(6, 2)
    with Spool("outputs") as spool:
        for part in (rows[:4], rows[4:]):
            spool.append(part)
        np.testing.assert_array_equal(spool.array(), rows)
        file = io.BytesIO()
        write_npz(file, [spool.outgoing("outputs")])
    file.seek(0)
    np.testing.assert_array_equal(np.load(file)["outputs"], rows)


def test_rows_must_be_alike() -> None:
    """They are told apart by shape and dtype."""
    with Spool("outputs") as spool:
        spool.append(np.zeros((2, 3)))
        with pytest.raises(InputError, match=r"outputs have the shape \[4\] .* \[3\]"):
            spool.append(np.zeros((2, 4)))


def test_nothing_and_dtypes_that_numpy_lacks() -> None:
    """An empty spool is an empty array; bfloat16 is written as float32."""
    with Spool("outputs") as spool:
        assert spool.array().shape == (0,)
        spool.append(np.ones((2, 2), NUMPY["bfloat16"]))
        assert spool.outgoing("o").dtype == "float32"
