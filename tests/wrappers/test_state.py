"""Tensors in memory."""

import ml_dtypes
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from modelhub.errors import InputError
from modelhub.wrappers import state_arrays


def one(value):
    ((name, dtype, shape, data),) = state_arrays({"w": value})
    assert name == "w"
    return dtype, shape, data


@pytest.mark.property
@given(
    hnp.arrays(
        st.sampled_from(["<f4", ">f4", "<f8", ">i8", "<u2", "|b1", ">c8", "<f2"]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    st.booleans(),
)
def test_arrays_become_bytes(array, is_transposed):
    """Little-endian, in C order, whatever they were."""
    array = array.T if is_transposed else array
    dtype, shape, data = one(array)
    assert (dtype, shape) == (array.dtype.name, array.shape)
    assert bytes(data) == array.astype(array.dtype.newbyteorder("<")).tobytes()


def test_narrow_dtypes():
    """Those of ml_dtypes, too."""
    for name in ("bfloat16", "float8_e4m3fn", "float8_e8m0fnu"):
        array = np.array([1, 2], getattr(ml_dtypes, name))
        dtype, shape, data = one(array)
        assert (dtype, shape, bytes(data)) == (name, (2,), array.tobytes())


def test_arrays_are_not_copied():
    """The bytes are the array's own."""
    array = np.zeros((3, 4), np.float32)
    _, _, data = one(array)
    array[0, 0] = 1
    assert bytes(data) == array.tobytes()
    assert np.shares_memory(array, np.frombuffer(data, np.uint8))


def test_tensors_are_not_copied():
    """Neither are those of torch on the CPU, nor parameters."""
    parameter = torch.nn.Parameter(torch.zeros(3))
    _, _, data = one(parameter)
    with torch.no_grad():
        parameter[1] = 1
    assert np.frombuffer(data, np.float32).tolist() == [0, 1, 0]


def test_python_s_numbers():
    """They have no extents."""
    assert one(3) == ("int64", (), np.int64(3).tobytes())
    assert one(0.5) == ("float64", (), np.float64(0.5).tobytes())
    assert one(value=True) == ("bool", (), b"\x01")
    assert one(1j) == ("complex128", (), np.complex128(1j).tobytes())
    assert one(np.float32(2)) == ("float32", (), np.float32(2).tobytes())


class Arrayish:
    def __array__(self, dtype=None, copy=None):
        return np.array([1, 2], np.int8)


class Mine(torch.Tensor):
    """A subclass from elsewhere."""


def test_whatever_can_be_an_array():
    """By NumPy's protocol, or by its class's ancestors."""
    assert one(Arrayish()) == ("int8", (2,), b"\x01\x02")
    assert one(torch.ones(2).as_subclass(Mine).requires_grad_())[:2] == ("float32", (2,))


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        [1, 2],
        {"a": 1},
        object(),
        np.array(["a"]),
        np.array([None]),
        np.array([(1,)], [("a", "i4")]),
        np.array(["2020-01-01"], "datetime64[D]"),
        1 << 70,
        torch.nn.Linear(1, 1),
        torch.Size([1]),
    ],
)
def test_what_is_no_tensor_is_refused(value):
    """By its name."""
    with pytest.raises(InputError, match="'w'"):
        one(value)


@pytest.mark.parametrize(
    "value",
    [
        np.ma.masked_array([1.0, 2.0], [False, True]),
        np.ma.masked_array([1.0, 2.0]),
        np.ma.masked,
    ],
)
def test_masked_arrays_are_refused(value):
    """Their mask would be lost."""
    with pytest.raises(InputError, match=r"'w' is a Masked.* mask would be lost; fill it"):
        one(value)


class Deleted:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("it was\ndonated")


def test_what_gives_no_array_is_refused():
    """With the reason that its framework gives, in one line."""
    with pytest.raises(InputError, match=r"'w' is a Deleted that gives no array \(it was donated"):
        one(Deleted())


@pytest.mark.parametrize("name", [3, None, "a\ud800"])
def test_names_are_texts(name):
    """Such as can be written."""
    with pytest.raises(InputError, match="has the key"):
        list(state_arrays({name: 1}))


def test_a_state_can_be_walked_twice():
    """The same comes out, in the order of the state."""
    state = {"b": np.arange(3), "a": torch.ones(2), "c": 5}
    first, second = ([(*each[:3], bytes(each[3])) for each in state_arrays(state)] for _ in "ab")
    assert first == second
    assert [name for name, *_ in first] == ["b", "a", "c"]
