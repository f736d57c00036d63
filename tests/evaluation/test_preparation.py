"""Rows made into inputs."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from modelhub.errors import InputError
from modelhub.evaluation.data import DataOptions, Field, WantedInput
from modelhub.evaluation.preparation import fits, prepare

BYTES = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 4), np.uint8)


def wanted(dtype="float32", shape=(3, 4, 4)):
    return WantedInput(name="image", dtype=dtype, shape=shape)


def field(dtype="uint8", shape=(3, 4, 4), **more):
    return Field(dtype=dtype, shape=shape, **more)


def test_nothing_is_converted_unasked() -> None:
    """Neither bytes into numbers nor doubles into singles; the message says the way."""
    with pytest.raises(InputError, match="--scale 1/255"):
        prepare("x", field(), wanted(), DataOptions())
    with pytest.raises(InputError, match=r"'x' is float64, .* takes float32; convert with --cast"):
        prepare("x", field("float64"), wanted(), DataOptions())
    found = prepare("x", field("float64"), wanted(), DataOptions(cast=True))(BYTES / 3)
    np.testing.assert_array_equal(found, (BYTES / 3).astype(np.float32))


def test_it_is_what_torchvision_does() -> None:
    """ToTensor and Normalize, bit for bit."""
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    options = DataOptions(scale=Fraction(1, 255), mean=mean, std=std)
    found = prepare("x", field(), wanted(), options)(BYTES)
    tensor = torch.from_numpy(BYTES).to(torch.float32).div(255)
    centre, spread = (torch.tensor(v)[None, :, None, None] for v in (mean, std))
    np.testing.assert_array_equal(found, tensor.sub(centre).div(spread).numpy())


def test_half_precision_is_computed_in_single() -> None:
    """And rounded once."""
    found = prepare("x", field(), wanted("float16"), DataOptions(scale=Fraction(1, 255)))(BYTES)
    np.testing.assert_array_equal(found, (BYTES.astype(np.float32) / 255).astype(np.float16))


def test_rows_of_tables_take_the_shape() -> None:
    """Decimals have no dtype of their own; arrays keep their shape."""
    flat = Field(dtype=None, shape=(48,), is_flat=True)
    found = prepare("features", flat, wanted(), DataOptions())(np.ones((2, 48)))
    assert (found.shape, found.dtype) == ((2, 3, 4, 4), np.float32)
    with pytest.raises(InputError, match=r"shape \[48\], .* takes \[3, 4, 4\]"):
        prepare("x", field("float32", (48,)), wanted(), DataOptions())


def test_whole_numbers_stay_whole() -> None:
    """For networks that take indices."""
    flat = Field(dtype=None, shape=(3,), is_flat=True)
    take = prepare("features", flat, wanted("int64", (None,)), DataOptions())
    assert take(np.array([[1.0, 2.0, 3.0]])).dtype == np.int64
    with pytest.raises(InputError, match="no int64"):
        take(np.array([[1.0, 2.5, 3.0]]))
    with pytest.raises(InputError, match="not scaled"):
        prepare("x", field("int64"), wanted("int64"), DataOptions(mean=(1.0,)))


def test_channels_must_fit() -> None:
    """One number, or one a channel; a deviation of 0 divides nothing."""
    with pytest.raises(InputError, match="--mean has 2 numbers"):
        prepare("x", field("float32"), wanted(), DataOptions(mean=(1.0, 2.0)))
    with pytest.raises(InputError, match="must not be 0"):
        prepare("x", field("float32"), wanted(), DataOptions(std=(0.0,)))
    assert fits((1, 2), (None, 2))
    assert not fits((1, 2), (None,))
