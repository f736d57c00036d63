"""Enclosures are closed outward, and never mistaken for others."""

import torch

from modelhub.wrappers.torch.enclosures.enclosure import (
    Enclosure,
    Mode,
    Product,
    Propagation,
    accumulated,
)


def layer(weights):
    none = torch.zeros_like(weights)
    return Product(
        centre=weights,
        radius=none,
        spread=none,
        bias=None,
        bias_spread=none[:, 0],
        growth=1.0,
        unit=0.0,
    )


def test_a_gain_is_no_less_than_the_greatest_singular_value() -> None:
    """Wide, tall, and of one direction only."""
    torch.manual_seed(0)
    for weights in (torch.randn(4, 30), torch.randn(30, 4), torch.ones(5, 7)):
        assert layer(weights).gain >= torch.linalg.matrix_norm(weights.double(), 2)


def test_the_gain_of_a_large_matrix_costs_no_gram_matrix() -> None:
    """It is looser, and still a bound."""
    weights = torch.eye(1025)
    assert 1 <= layer(weights).gain < 1.0001


def test_an_exact_value_is_entered_once() -> None:
    """The same value in two places has one gradient."""
    how = Propagation(mode=Mode.CENTRE, tolerance=1e-5, remainders=[])
    value = Enclosure(centre=torch.ones(2, 3))
    assert how.entered(value) is how.entered(value)
    assert how.remainders is not None
    assert len(how.remainders) == 1


def test_what_is_the_same_for_all_inputs_has_no_tolerance() -> None:
    """It is stored, and so known to the last bit."""
    how = Propagation(mode=Mode.BOX, tolerance=1e-5)
    found = how.entered(Enclosure(centre=torch.ones(3), rows=0))
    assert found.radius is not None
    assert found.radius.abs().max() == 0


def test_radius_and_norm_bound_each_other() -> None:
    """An element is no farther off than its row, nor the row than its elements."""
    how = Propagation(mode=Mode.CENTRE)
    wide = how.close(torch.zeros(1, 4), torch.ones(1, 4), norm=torch.tensor([0.5]))
    tall = how.close(torch.zeros(1, 4), torch.ones(1, 4), norm=torch.tensor([50.0]))
    assert wide.radius is not None
    assert tall.norm is not None
    assert wide.radius.max() < 0.5001
    assert tall.norm.max() < 2.0001


def test_a_radius_that_is_no_number_is_infinite() -> None:
    """What is not known is not certain."""
    how = Propagation(mode=Mode.BOX)
    found = how.close(torch.zeros(1, 1), torch.full((1, 1), float("nan")))
    assert found.radius is not None
    assert torch.isinf(found.radius).all()


def test_so_many_terms_may_lose_everything() -> None:
    """A sum of 2^24 float32 numbers has no relative bound."""
    assert accumulated(1 << 24, 2.0**-24) == float("inf")
    assert accumulated(2, 2.0**-24) < 2.1 * 2.0**-24
