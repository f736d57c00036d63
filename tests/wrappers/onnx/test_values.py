"""Small tensors, whichever way they are written."""

import ml_dtypes
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from modelhub.recipes import LENGTH, Field, tensor_message
from modelhub.wrappers.onnx.values import array_of, attribute_of


def read(tensor: TensorProto):
    raw = tensor.SerializeToString()
    message = Field(number=5, wire_type=LENGTH, value=0, begin=0, end=len(raw))
    return array_of(raw, tensor_message(raw, message, ""))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.array(-7, np.int32),
        np.float32([0.1, np.inf]),
        np.array([True, False]),
        np.zeros((0, 2), np.int64),
    ],
)
@pytest.mark.parametrize("is_raw", [True, False])
def test_arrays_come_back(array, *, is_raw):
    """Bytes as in memory, and numbers that are written out."""
    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    values = array.tobytes() if is_raw else array.reshape(-1).tolist()
    found = read(helper.make_tensor("t", kind, array.shape, values, raw=is_raw))

    assert found is not None
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "tensor",
    [
        numpy_helper.from_array(np.zeros(65)),
        TensorProto(name="t", data_type=7, dims=[2], raw_data=b"123"),
        TensorProto(name="t", data_type=7, dims=[2], int64_data=[1]),
        TensorProto(name="t", data_type=3, dims=[1], int32_data=[300]),
        TensorProto(name="t", data_type=8, dims=[1], string_data=[b"a"]),
        TensorProto(name="t", data_type=7, dims=[1], data_location=1),
        TensorProto(name="t", data_type=22, dims=[1], raw_data=b"1"),
        TensorProto(name="t", data_type=7, dims=[-1]),
    ],
)
def test_others_are_left_alone(tensor):
    """Large ones, damaged ones, texts, and those that lie elsewhere."""
    assert read(tensor) is None


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (np.array(3), 3),
        (np.array([[1], [2]]), [1, 2]),
        (np.array([True]), [True]),
        (np.float32([0.1, np.nan]), [0.1, "nan"]),
        (np.array(2, ml_dtypes.bfloat16), "2"),
    ],
)
def test_attributes(array, found):
    """Numbers as JSON has them."""
    assert attribute_of(array) == found
