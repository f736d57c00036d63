"""Tests of `modelhub.pas.kernels.contexts`."""

import numpy as np

from modelhub.pas.kernels.contexts import Contexts
from modelhub.pas.kernels.schemes import Scheme


def plane(*symbols):
    return np.array(symbols, np.uint8)


def test_a_whole_group_is_known_by_its_exponents():
    """Nothing is known before them; then the class is how far they are below the top."""
    contexts = Contexts(Scheme.BFLOAT16, (8, 1, 7), 3, None)
    before = contexts.of_next(130)
    contexts.learn(plane(129, 120, 0))

    assert contexts.count == 16
    assert before.tolist() == [0, 0, 0]
    assert contexts.of_next(130).tolist() == [1, 10, 15]
    assert contexts.top() == 130


def test_a_difference_is_known_by_how_far_it_moved():
    """The status follows the streams: up, down, far, the same, and another sign."""
    bases = [plane(100, 100, 100, 100, 100), plane(0, 0, 0, 0, 0), plane(5, 5, 5, 5, 5)]
    contexts = Contexts(Scheme.BFLOAT16, (8, 1, 7), 5, bases)
    contexts.learn(plane(101, 99, 90, 100, 100))
    after_exponent = contexts.of_next(100)
    contexts.learn(plane(0, 0, 0, 0, 1))

    assert contexts.count == 96
    assert (after_exponent // 16).tolist() == [3, 1, 0, 2, 2]
    assert (contexts.of_next(100) // 16).tolist() == [3, 1, 0, 2, 5]
    contexts.learn(plane(5, 5, 5, 6, 5))
    assert (contexts.of_next(100) // 16).tolist() == [4, 0, 0, 3, 5]


def test_zeros_make_it_worth_while():
    """One zero in 64 is enough, one in 65 is not."""
    for count, expected in ((64, True), (65, False)):
        contexts = Contexts(Scheme.FLOAT32, (8, 1, 7, 8, 8), count, None)
        contexts.learn(np.arange(count, dtype=np.uint8))
        assert contexts.may_tell() is expected
