"""Sums, products, softmax and attention."""

import pytest
import torch

from modelhub.wrappers.torch.enclosures import pairs
from modelhub.wrappers.torch.enclosures.enclosure import Enclosure, Mode, Propagation


def box(centre, radius):
    return Enclosure(centre=centre, radius=radius)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_softmax_loses_nothing_by_cancellation(mode) -> None:
    """Each element as low or as high as it can be, the others at their opposite ends."""
    torch.manual_seed(0)
    for size in (0.0, 0.3, 5.0, 12.0, 30.0, 90.0):
        centre = torch.randn(40, 5) * 8
        radius = torch.rand(40, 5) * size
        found = pairs.softmax(Propagation(mode=mode), box(centre, radius))
        assert found.radius is not None
        for i in range(5):
            sign = -torch.ones(5)
            sign[i] = 1
            for end in (sign, -sign):
                exact = (centre.double() + end * radius.double()).softmax(-1)
                assert ((exact - found.centre).abs() <= found.radius).all()


def test_one_uncertain_logit_does_not_hide_the_others() -> None:
    """The sum of the others is 2e-7 of the whole, and yet counts."""
    centre, radius = torch.tensor([[0.0, -14.0]]), torch.tensor([[14.0, 0.0]])
    found = pairs.softmax(Propagation(mode=Mode.BOX), box(centre, radius))
    assert found.radius is not None
    assert float((found.centre - found.radius)[0, 0]) <= 0.5


def test_products_of_two_inexact_values_hold_their_corners() -> None:
    """Elementwise and of matrices."""
    torch.manual_seed(0)
    a, b = torch.randn(4, 5, 5), torch.randn(4, 5, 5)
    r, s = torch.rand(4, 5, 5), torch.rand(4, 5, 5)
    how = Propagation(mode=Mode.BOX)
    for rule, exact in ((pairs.multiply, torch.mul), (pairs.matrices, torch.matmul)):
        found = rule(how, box(a, r), box(b, s))
        assert found.radius is not None
        for _ in range(20):
            x, y = (torch.rand(4, 5, 5).round() * 2 - 1 for _ in range(2))
            value = exact((a + x * r).double(), (b + y * s).double())
            assert ((value - found.centre).abs() <= found.radius).all()


def test_rows_of_different_inputs_are_not_mixed() -> None:
    """A value of another rank would put one input beside another."""
    how = Propagation(mode=Mode.BOX)
    first, second = torch.zeros(3, 3), torch.zeros(3)
    with pytest.raises(NotImplementedError):
        pairs.add(how, box(first, first), box(second, second))


def test_what_sees_nothing_has_no_rule() -> None:
    """A mask that hides everything makes NaN elsewhere."""
    how = Propagation(mode=Mode.BOX)
    value = box(torch.zeros(1, 2, 3), torch.zeros(1, 2, 3))
    mask = torch.tensor([[True, True], [False, False]])
    with pytest.raises(NotImplementedError):
        pairs.attention(how, value, value, value, mask=mask, is_causal=False, scale=None)
