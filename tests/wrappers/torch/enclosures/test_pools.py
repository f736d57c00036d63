"""Pools."""

import torch
from torch.nn import functional

from modelhub.wrappers.torch.enclosures.enclosure import Enclosure, Mode, OneSided, Propagation
from modelhub.wrappers.torch.enclosures.pools import average, largest, window


def widest(value):
    return functional.max_pool1d(value, 3)


def test_the_winner_may_fall_far_below_a_rival() -> None:
    """One is known well, two are not: the winner of the centre may be 9.9 below another.

    The difference of the ends of the maximum is only 5.1.
    """
    value = Enclosure(
        centre=torch.tensor([[[1.0, 0.9, 0.9]]]).requires_grad_(),
        radius=torch.tensor([[[5.0, 0.0, 5.0]]]),
    )
    how = Propagation(mode=Mode.CENTRE, remainders=[])
    found = largest(how, widest, 3, value)
    assert how.remainders is not None
    ((_, remainders),) = how.remainders
    (above,) = (each for each in remainders if isinstance(each, OneSided))
    assert float(above.size) >= 9.9
    assert found.radius is not None
    centre = found.centre.detach()
    assert float(centre - found.radius) <= 0.9
    assert float(centre + found.radius) >= 6


def test_a_maximum_lies_between_the_ends() -> None:
    """Elements at random inside their radii."""
    torch.manual_seed(0)
    centre, radius = torch.randn(20, 2, 9), torch.rand(20, 2, 9)
    for mode in Mode:
        found = largest(Propagation(mode=mode), widest, 3, Enclosure(centre=centre, radius=radius))
        assert found.radius is not None
        for _ in range(20):
            exact = widest(centre + (torch.rand_like(centre) * 2 - 1) * radius)
            assert ((exact - found.centre).abs() <= found.radius).all()


def test_a_mean_has_the_mean_radius() -> None:
    """And a little for rounding."""
    value = Enclosure(centre=torch.ones(1, 1, 4), radius=torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]))
    found = average(Propagation(mode=Mode.BOX), lambda x: functional.avg_pool1d(x, 4), 4, value)
    assert found.radius is not None
    assert 2.5 <= float(found.radius) < 2.5001


def test_a_window_is_given_by_one_extent_or_by_all() -> None:
    """As torch's layers take it."""
    assert (window(3, 2), window((2, 5), 2)) == (9, 10)
