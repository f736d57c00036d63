"""Functions of one element, at all the places where their shapes bend."""

import pytest
import torch
from torch.nn import functional

from modelhub.wrappers.torch.enclosures import functions
from modelhub.wrappers.torch.enclosures.enclosure import Enclosure, Mode, Propagation

SHAPES = {
    "gelu": (functional.gelu, functions.GELU),
    "gelu by tanh": (
        lambda x: functional.gelu(x, approximate="tanh"),
        functions.gelu("tanh"),
    ),
    "silu": (functional.silu, functions.SILU),
    "tanh": (torch.tanh, functions.TANH),
    "sigmoid": (torch.sigmoid, functions.SIGMOID),
    "relu6": (functional.relu6, functions.RELU6),
    "hard sigmoid": (functional.hardsigmoid, functions.HARD_SIGMOID),
    "hard swish": (functional.hardswish, functions.HARD_SWISH),
    "leaky": (lambda x: functional.leaky_relu(x, 0.1), functions.leaky(0.1)),
    "clamped": (lambda x: x.clamp(-1, 2), functions.clamped(-1.0, 2.0)),
}


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("name", SHAPES)
def test_no_value_lies_outside(name, mode) -> None:
    """Of a grid of centres and radii, whatever is inside."""
    function, shape = SHAPES[name]
    centre = torch.linspace(-9, 9, 721)[:, None]
    for size in (0.0, 1e-4, 0.03, 0.7, 5.0):
        value = Enclosure(centre=centre, radius=torch.full_like(centre, size))
        found = functions.shaped(Propagation(mode=mode), function, shape, value)
        assert found.radius is not None
        for share in torch.linspace(-1, 1, 41):
            exact = function(centre.double() + share.double() * size)
            assert ((exact - found.centre).abs() <= found.radius).all()


@pytest.mark.parametrize("name", SHAPES)
def test_the_remainder_of_the_gradient_is_enough(name) -> None:
    """A function is its tangent at the centre, give or take the remainder."""
    function, shape = SHAPES[name]
    centre = torch.linspace(-9, 9, 721)[:, None].requires_grad_()
    for size in (1e-3, 0.05, 1.0, 6.0):
        how = Propagation(mode=Mode.CENTRE, remainders=[])
        radius = torch.full_like(centre, size)
        found = functions.shaped(how, function, shape, Enclosure(centre=centre, radius=radius))
        (slope,) = torch.autograd.grad(found.centre.sum(), centre)
        assert how.remainders is not None
        ((_, (remainder,)),) = how.remainders
        for share in torch.linspace(-1, 1, 21):
            step = share * size
            exact = function(centre.detach().double() + step)
            rest = (exact - found.centre.detach() - slope * step).abs()
            assert (rest <= remainder.size + 1e-6).all()
