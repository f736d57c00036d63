"""Multiply-adds by hand; tests/network/test_footprint.py asks torch."""

import pytest

from modelhub.network.flops import Call, layer_macs, operator_macs


def call(inputs, outputs, states=(), constants=(), dialect="aten") -> Call:
    return Call(inputs=inputs, states=states, outputs=outputs, constants=constants, dialect=dialect)


@pytest.mark.parametrize(
    ("target", "found", "macs"),
    [
        ("aten::mm.default", call([(2, 3), (3, 5)], [(2, 5)]), 30),
        ("aten::linear", call([(4, 2, 3), (5, 3), (5,)], [(4, 2, 5)]), 120),
        ("aten::addmm.default", call([(5,), (2, 3), (3, 5)], [(2, 5)]), 30),
        ("aten::bmm", call([(4, 2, 3), (4, 3, 5)], [(4, 2, 5)]), 120),
        ("aten::conv2d.default", call([(1, 4, 8, 8), (6, 2, 3, 3)], [(1, 6, 6, 6)]), 216 * 18),
        ("aten::conv_transpose2d", call([(1, 4, 8, 8), (4, 6, 2, 2)], [(1, 6, 9, 9)]), 256 * 24),
        (
            "aten::convolution",
            call([(1, 4, 8, 8), (4, 6, 2, 2)], [(1, 6, 9, 9)], constants=[[1, 1], True, 1]),
            256 * 24,
        ),
        (
            "aten::scaled_dot_product_attention",
            call([(2, 4, 3, 8), (2, 4, 5, 8), (2, 4, 5, 8)], [(2, 4, 3, 8)]),
            2 * 4 * 3 * 5 * 16,
        ),
        (
            "aten::einsum",
            call([(2, 3, 4), (2, 4, 5)], [(2, 3, 5)], constants=["bij,bjk -> bik"]),
            120,
        ),
        ("aten::lstm.input", call([(2, 7, 3), (1, 2, 4), (16, 3), (16, 4)], [(2, 7, 4)]), 14 * 112),
    ],
)
def test_operators(target: str, found: Call, macs: int) -> None:
    """Sum over what is summed over."""
    assert operator_macs(target, found) == macs


def test_operators_without_matrices_are_not_ours_to_count() -> None:
    """The caller then looks at the template."""
    assert operator_macs("aten::add.Tensor", call([(2,), (2,)], [(2,)])) is None


@pytest.mark.parametrize(
    ("template", "found", "macs"),
    [
        ("CONV", call([(1, 4, 8, 8)], [(1, 6, 6, 6)], [(6, 2, 3, 3), (6,)]), 216 * 18),
        (
            "CONV",
            call([(1, 8, 8, 4)], [(1, 6, 6, 5)], [(3, 3, 4, 5), (5,)], dialect="keras"),
            180 * 36,
        ),
        ("CONV", call([(1, 8, 8, 4)], [(1, 6, 6, 8)], [(3, 3, 4, 2)], dialect="keras"), 288 * 9),
        ("DECONV", call([(1, 4, 8, 8)], [(1, 6, 9, 9)], [(4, 6, 2, 2)]), 256 * 24),
        ("DECONV", call([(1, 8, 8, 4)], [(1, 9, 9, 6)], [(2, 2, 6, 4)], dialect="keras"), 256 * 24),
        ("FULL", call([(4, 2, 3)], [(4, 2, 5)], [(5, 3), (5,)]), 120),
        ("FULL", call([(2, 3), (3, 5)], [(2, 5)]), 30),
        ("MATMUL", call([(2, 3), (3, 5)], [(2, 5)]), 30),
        ("RNN", call([(2, 7, 3)], [(2, 7, 4)], [(16, 3), (16, 4), (16,)]), 14 * 112),
        ("RNN", call([(7, 2, 3)], [(7, 1, 2, 4)], [(1, 16, 3), (1, 16, 4), (1, 32)]), 14 * 112),
        ("ATTENTION", call([(2, 5, 8)], [(2, 5, 8)], [(24, 8), (24,), (8, 8)]), 10 * 256 + 800),
        ("EMBED", call([(2, 5)], [(2, 5, 8)], [(100, 8)]), 0),
        ("RELU", call([(2, 5)], [(2, 5)]), 0),
        ("CONV", call([(1, 4, 8, 8)], [(1, 6, 6, 6)]), 0),
        ("DECONV", call([(1, 4, 8, 8)], [(1, 6, 6, 6)]), 0),
        ("ATTENTION", call([(2, 5, 8)], [(2, 5, 8)]), 0),
        ("ATTENTION", call([(2, 5, 8)] * 3, [(2, 5, 8)]), 10 * 5 * 16),
    ],
)
def test_layers(template: str, found: Call, macs: int) -> None:
    """By the states that they hold, whatever the framework's order of axes."""
    assert layer_macs(template, found) == macs
