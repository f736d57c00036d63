"""What a layout says, compared with what the file holds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from modelhub.dtypes import numpy_dtype
from modelhub.recipes import Layout

Contents = dict[str, tuple[str, tuple[int, ...], bytes]]


def contents(path: Path, layout: Layout) -> Contents:
    """Each tensor by name: dtype, shape, and its elements in C order, views resolved."""
    raw = path.read_bytes()
    found = {}
    for tensor in layout.tensors:
        data = b""
        if tensor.span is not None:
            span = layout.spans[tensor.span]
            flat = np.frombuffer(
                raw, numpy_dtype(span.dtype), span.length // width(span), span.offset
            )
            array = flat.reshape(span.shape)
            if tensor.view is not None:
                strides = [stride * flat.itemsize for stride in tensor.view.strides]
                array = np.lib.stride_tricks.as_strided(
                    flat[tensor.view.offset :], tensor.view.shape, strides
                )
            assert span.dtype == tensor.dtype
            assert array.shape == tensor.shape
            data = array.tobytes()
        found[tensor.name] = (tensor.dtype, tensor.shape, data)
    assert len(found) == len(layout.tensors), "a name stands twice"
    return found


def width(span) -> int:
    return numpy_dtype(span.dtype).itemsize


def check(path: Path, layout: Layout) -> None:
    """The promises of a layout: spans ascend, apart from one another, inside the file."""
    position = 0
    for span in layout.spans:
        assert span.length > 0
        assert span.offset >= position
        position = span.offset + span.length
    assert position <= layout.size == path.stat().st_size
    assert all(t.span is None or 0 <= t.span < len(layout.spans) for t in layout.tensors)


@pytest.fixture
def tensors_of() -> Callable[[Path, Layout], Contents]:
    def of(path: Path, layout: Layout) -> Contents:
        check(path, layout)
        return contents(path, layout)

    return of


@pytest.fixture
def checked() -> Callable[[Path, Layout], None]:
    return check
