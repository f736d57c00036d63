"""Functions of one element (progressive.md §4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from modelhub.wrappers.torch.enclosures.enclosure import (
    FUNCTION_ULPS,
    SHARED_ULPS,
    Enclosure,
    Mode,
    OneSided,
    Propagation,
    Remainder,
    Symmetric,
)

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is known of a function that never falls but for one descent to a minimum.

    Attributes:
        steepest: the greatest absolute slope.
        curvature: half of the greatest absolute second derivative, where there is one.
        kinks: where the slope jumps, and by how much.
        minimum: where it is least, and a number just below what it is there; None if it never
            falls.
        is_relative: whether rounding is relative to the result; else to the argument.
        offset: what is added to the argument, which rounds their sum.
    """

    steepest: float
    curvature: float = 0.0
    kinks: tuple[tuple[float, float], ...] = ()
    minimum: tuple[float, float] | None = None
    is_relative: bool = True
    offset: float = 0.0


# Of gelu, x (1 + erf) cancels in the left tail: its rounding is relative to x, not to the result.
GELU = Shape(steepest=1.13, curvature=0.4, minimum=(-0.7517916, -0.1699713), is_relative=False)
GELU_BY_TANH = replace(GELU, minimum=(-0.7524615, -0.1700408))
SILU = Shape(steepest=1.1, curvature=0.25, minimum=(-1.2784645, -0.2784647), is_relative=False)
TANH = Shape(steepest=1.0, curvature=0.385)
SIGMOID = Shape(steepest=0.25, curvature=0.0482)
RELU6 = Shape(steepest=1.0, kinks=((0.0, 1.0), (6.0, 1.0)))
HARD_SIGMOID = Shape(
    steepest=1 / 6, kinks=((-3.0, 1 / 6), (3.0, 1 / 6)), is_relative=False, offset=3.0
)
HARD_SWISH = Shape(
    steepest=1.5,
    curvature=1 / 6,
    kinks=((-3.0, 0.5), (3.0, 0.5)),
    minimum=(-1.5, -0.3750001),
    is_relative=False,
)


def gelu(approximate: str) -> Shape:
    """The shape of gelu, by the error function or by tanh."""
    return GELU_BY_TANH if approximate == "tanh" else GELU


def leaky(slope: float) -> Shape:
    """The shape of a leaky relu; `slope` is between 0 and 1."""
    return Shape(steepest=1.0, kinks=((0.0, 1.0 - slope),))


def clamped(low: float, high: float) -> Shape:
    """The shape of what is cut off below and above."""
    return Shape(steepest=1.0, kinks=((low, 1.0), (high, 1.0)))


def shaped(how: Propagation, function: Function, shape: Shape, value: Enclosure) -> Enclosure:
    """A function of which a shape is known."""
    assert value.radius is not None
    around, radius = value.centre.detach(), value.radius
    low, high = _ends(function, value)
    if shape.minimum is not None:
        place, least = shape.minimum
        is_inside = (around - radius <= place) & (around + radius >= place)
        low = torch.where(is_inside, torch.full_like(low, least), low)
    argument = around.abs() + radius + shape.offset
    size = torch.maximum(low.abs(), high.abs()) if shape.is_relative else argument
    error = FUNCTION_ULPS * how.both * size + how.unit * shape.steepest * argument
    bent = shape.curvature * radius**2
    for place, jump in shape.kinks:
        bent = bent + jump * (radius - (around - place).abs()).clamp(min=0)
    bent = torch.minimum(bent, 2.1 * shape.steepest * radius)
    remainder = Symmetric(
        size=bent + error + SHARED_ULPS * how.unit * (1 + shape.steepest) * radius
    )
    return _between(
        how, function, value, (low, high, error), steepest=shape.steepest, remainders=[remainder]
    )


def relu(how: Propagation, value: Enclosure) -> Enclosure:
    """The positive part; its kink only adds, which `shaped` would not know."""
    assert value.radius is not None
    low, high = _ends(functional.relu, value)
    above = (value.radius - value.centre.detach().abs()).clamp(min=0)
    remainders = (OneSided(size=above), Symmetric(size=SHARED_ULPS * how.unit * value.radius))
    ends = low, high, how.unit * (high + value.radius)
    return _between(how, functional.relu, value, ends, steepest=1.0, remainders=remainders)


def _ends(function: Function, value: Enclosure) -> tuple[Tensor, Tensor]:
    """The smaller and the greater of what a function gives at both ends of each element."""
    assert value.radius is not None
    with torch.no_grad():
        around = value.centre.detach()
        first, second = function(around - value.radius), function(around + value.radius)
    return torch.minimum(first, second), torch.maximum(first, second)


def _between(
    how: Propagation,
    function: Function,
    value: Enclosure,
    ends: tuple[Tensor, Tensor, Tensor],
    *,
    steepest: float,
    remainders: Sequence[Remainder],
) -> Enclosure:
    low, high, error = ends
    if how.mode is Mode.BOX:
        middle = (high + low) / 2
        radius = (high - low) / 2 + error + how.unit * (high.abs() + low.abs())
        return how.close(middle, radius, rows=value.rows)
    centre = function(value.centre)
    at = centre.detach()
    radius = torch.maximum(high - at, at - low).clamp(min=0) + error
    norm = None
    if value.norm is not None:
        norm = value.norm * steepest + how.norm_of(error, value.rows)
    return how.close(centre, radius, norm=norm, rows=value.rows, remainders=remainders)
