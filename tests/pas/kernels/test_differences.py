"""Tests of `modelhub.pas.kernels.differences`."""

import numpy as np
import pytest

from modelhub.pas.kernels.differences import differences, restored
from modelhub.pas.kernels.schemes import Delta


@pytest.mark.parametrize("delta", [Delta.HIER_SUB, Delta.XOR])
@pytest.mark.parametrize("bits", [1, 3, 4, 7, 8])
def test_a_stream_comes_back_from_its_base(bits, delta):
    """All pairs of symbols."""
    planes = [each.ravel().astype(np.uint8) for each in np.indices((1 << bits, 1 << bits))]
    (stored,) = differences(planes[:1], planes[1:], bits=(bits,), delta=delta)

    assert stored.max() < 1 << bits
    assert (restored(stored, planes[1], bits=bits, delta=delta) == planes[0]).all()


def test_one_less_is_the_greatest_symbol():
    """Differences are taken of each stream by itself, modulo its symbols; nothing is borrowed."""
    child, base = [np.uint8([3, 0])], [np.uint8([4, 1])]

    assert differences(child, base, bits=(7,), delta=Delta.HIER_SUB)[0].tolist() == [127, 127]
