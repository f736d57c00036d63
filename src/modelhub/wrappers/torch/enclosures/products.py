"""Linear layers: fully connected and convolutions (progressive.md §4)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from modelhub.wrappers.torch.enclosures.enclosure import (
    SHARED_ULPS,
    Enclosure,
    Logits,
    Product,
    Propagation,
    Symmetric,
    accumulated,
)

Apply = Callable[[Tensor, Tensor, "Tensor | None"], Tensor]  # input, weights, bias
_CONVOLUTIONS: dict[type, Callable[..., Tensor]] = {
    nn.Conv1d: functional.conv1d,
    nn.Conv2d: functional.conv2d,
    nn.Conv3d: functional.conv3d,
}
_MATRIX = 2  # extents


def product(how: Propagation, module: Any, radius: Tensor | None) -> Product:
    """A layer's weights, ready for propagation; computed in float64 and rounded outward.

    Args:
        how: whose rounding counts.
        module: a linear layer; its weight is the centre.
        radius: of the weight; None if it is known.
    """
    weights = module.weight.detach().double()
    spread = torch.zeros_like(weights) if radius is None else radius.double()
    window = weights[0, 0].numel() if weights.dim() > _MATRIX else 1
    terms = max(weights[0].numel(), weights.shape[0] * window)  # forward, and back for gradients
    terms += SHARED_ULPS
    enclosed = accumulated(terms, how.reference)
    here = accumulated(terms, how.unit) + 2 * how.unit
    up = 1 + 4 * how.unit
    rounding = enclosed * (weights.abs() + spread) + here * weights.abs()
    bias = torch.zeros(len(weights)) if module.bias is None else module.bias.detach()
    return Product(
        centre=weights.to(how.dtype),
        radius=(spread * up).to(how.dtype),
        spread=((spread + rounding) * up).to(how.dtype),
        bias=None if module.bias is None else bias.to(how.dtype),
        bias_spread=((enclosed + here) * bias.double().abs() * up).to(how.dtype),
        growth=1 + 2 * accumulated(terms + 4, how.unit),
        unit=here,
    )


def linear(how: Propagation, layer: Product, value: Enclosure) -> Enclosure:
    """A fully connected layer; its rows are all extents but the last."""
    value = how.entered(value)
    rows = value.centre.dim() - 1
    found = _propagated(how, layer, functional.linear, value, rows=rows, axis=-1)
    if value.centre.dim() != _MATRIX:
        return found
    return replace(found, logits=Logits(product=layer, input=value, centre=found.centre))


def convolution(how: Propagation, module: Any, layer: Product, value: Enclosure) -> Enclosure:
    """A convolution padded with zeros, of one to three dimensions."""
    function = _CONVOLUTIONS[type(module)]

    def apply(given: Tensor, weights: Tensor, bias: Tensor | None) -> Tensor:
        return function(
            given, weights, bias, module.stride, module.padding, module.dilation, module.groups
        )

    return _propagated(how, layer, apply, how.entered(value), rows=1, axis=1)


def _propagated(
    how: Propagation, layer: Product, apply: Apply, value: Enclosure, *, rows: int, axis: int
) -> Enclosure:
    assert value.radius is not None
    centre = apply(value.centre, layer.centre, layer.bias)
    with torch.no_grad():
        size = value.centre.detach().abs() + value.radius
        rounding = apply(size, layer.spread, None) * layer.growth
        rounding += along(layer.bias_spread, centre, axis)
        carried = apply(value.radius, layer.centre.abs(), None) * layer.growth
        norm = None
        if axis == -1 and value.norm is not None and value.rows == rows:
            carried = torch.minimum(carried, value.norm.unsqueeze(-1) * layer.lengths)
            norm = value.norm * layer.gain + how.norm_of(rounding, rows)
        remainder = Symmetric(size=rounding + layer.unit * carried)
        radius = carried + rounding
    return how.close(centre, radius, norm=norm, rows=rows, remainders=(remainder,))


def along(numbers: Tensor, like: Tensor, axis: int) -> Tensor:
    """A number for each output, over a tensor whose outputs lie along an axis."""
    shape = [1] * like.dim()
    shape[axis] = -1
    return numbers.reshape(shape)
