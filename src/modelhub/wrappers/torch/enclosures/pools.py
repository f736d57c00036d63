"""Pools (progressive.md §4)."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from modelhub.wrappers.torch.enclosures.enclosure import (
    SHARED_ULPS,
    Enclosure,
    Mode,
    OneSided,
    Propagation,
    Symmetric,
)

Function = Callable[[Tensor], Tensor]


def largest(how: Propagation, function: Function, terms: int, value: Enclosure) -> Enclosure:
    """A maximum over windows, which may overlap.

    What follows from the winner of the centre is passed on; that another may win adds at most
    by how much the greatest upper end is above the winner's lower end, which is no lower than
    its centre less the greatest radius of the window.
    """
    assert value.radius is not None
    around, radius = value.centre.detach(), value.radius
    with torch.no_grad():
        high, low = function(around + radius), function(around - radius)
    error = how.unit * (high.abs() + low.abs())
    if how.mode is Mode.BOX:
        return how.close((high + low) / 2, (high - low) / 2 + error)
    centre = function(value.centre)
    at = centre.detach()
    radius = torch.maximum(high - at, at - low).clamp(min=0) + error
    with torch.no_grad():
        widest = function(value.radius)
        above = (high - at + widest).clamp(min=0) + 2 * error
    shared = Symmetric(size=(terms + SHARED_ULPS) * how.unit * widest)
    return how.close(centre, radius, remainders=(OneSided(size=above), shared))


def average(how: Propagation, function: Function, terms: int, value: Enclosure) -> Enclosure:
    """A mean over windows of `terms` elements, or a sum that is divided."""
    assert value.radius is not None
    centre = function(value.centre)
    with torch.no_grad():
        growth = 1 + 2 * (terms + 4) * how.unit
        carried = function(value.radius) * growth
        rounding = (terms + 4) * how.both * function(value.centre.detach().abs() + value.radius)
        error = rounding * growth
    remainder = Symmetric(size=error + (terms + SHARED_ULPS) * how.unit * carried)
    return how.close(centre, carried + error, remainders=(remainder,))


def window(size: int | tuple[int, ...], dimensions: int) -> int:
    """The elements of a window."""
    return size**dimensions if isinstance(size, int) else math.prod(size)
