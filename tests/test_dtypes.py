"""Names of dtypes."""

import numpy as np
import pytest

from modelhub.dtypes import NUMPY, is_opaque, name_of, numpy_dtype, size_bytes
from modelhub.errors import InputError


@pytest.mark.parametrize("name", NUMPY)
def test_names_and_numpy_types_agree(name: str) -> None:
    """Every name has a type, and the type has that name."""
    assert name_of(numpy_dtype(name)) == name
    assert size_bytes(name, (3, 2)) == 6 * numpy_dtype(name).itemsize
    assert size_bytes(name, ()) == numpy_dtype(name).itemsize
    assert size_bytes(name, (0, 5)) == 0


def test_opaque_dtypes_are_bytes() -> None:
    """Their shape is their number of bytes."""
    assert is_opaque("opaque:gguf.Q4_0")
    assert is_opaque("float4_e2m1fn_x2")
    assert size_bytes("opaque:gguf.Q4_0", (18,)) == 18


@pytest.mark.parametrize("name", ["float33", "opaque:", "opaque:a b", "", "object"])
def test_unknown_names(name: str) -> None:
    """The message lists the known ones."""
    with pytest.raises(InputError, match="known are"):
        numpy_dtype(name)


def test_arrays_that_are_no_tensors() -> None:
    """Objects and texts are refused."""
    with pytest.raises(InputError, match="cannot be stored"):
        name_of(np.dtype("O"))
