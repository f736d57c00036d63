"""Normalizations (progressive.md §4)."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from modelhub.wrappers.torch.enclosures.enclosure import (
    FUNCTION_ULPS,
    SHARED_ULPS,
    Enclosure,
    InNorm,
    Propagation,
    Symmetric,
)
from modelhub.wrappers.torch.enclosures.products import along


def batch(how: Propagation, module: Any, value: Enclosure) -> Enclosure:
    """A batch normalization that uses its running statistics: a factor and a shift a channel."""
    assert value.radius is not None
    scale = (module.running_var.double() + module.eps).rsqrt()
    shift = torch.zeros_like(scale) if module.bias is None else module.bias.detach().double()
    if module.weight is not None:
        scale = scale * module.weight.detach().double()
    sizes = [(scale.abs() * (1 + 8 * how.unit)), module.running_mean.double().abs(), shift.abs()]
    factor, mean, bias = (along(each.to(how.dtype), value.centre, 1) for each in sizes)
    moved = (scale * -module.running_mean.double() + shift).to(how.dtype)
    centre = value.centre * along(scale.to(how.dtype), value.centre, 1)
    centre = centre + along(moved, value.centre, 1)
    with torch.no_grad():
        carried = value.radius * factor
        size = factor * (value.centre.detach().abs() + value.radius + mean) + bias
        error = 2 * FUNCTION_ULPS * how.both * size
    norm = None
    if value.norm is not None and value.rows == 1:
        norm = value.norm * float(factor.max()) + how.norm_of(error, 1)
    remainder = Symmetric(size=error + SHARED_ULPS * how.unit * carried)
    return how.close(centre, carried + error, norm=norm, remainders=(remainder,))


def layer(how: Propagation, module: nn.LayerNorm, value: Enclosure) -> Enclosure:
    """A layer normalization over the last extents."""
    kept = value.centre.dim() - len(module.normalized_shape)
    return _normalized(how, module, value, kept=kept, is_centred=True, eps=module.eps)


def root_mean_square(how: Propagation, module: nn.RMSNorm, value: Enclosure) -> Enclosure:
    """A normalization by the root of the mean square."""
    kept = value.centre.dim() - len(module.normalized_shape)
    eps = torch.finfo(torch.float32).eps if module.eps is None else module.eps
    return _normalized(how, module, value, kept=kept, is_centred=False, eps=eps)


def _normalized(
    how: Propagation, module: Any, value: Enclosure, *, kept: int, is_centred: bool, eps: float
) -> Enclosure:
    """Divide by the deviation within the rows that `kept` leading extents tell apart.

    With d the row less its mean, and tau at least the l2 norm of its change, the deviation lies
    between the roots of max(0, |d| - tau)^2 / n + eps and (|d| + tau)^2 / n + eps.
    """
    assert value.radius is not None
    shape = value.centre.shape
    weight = _parameter(how, getattr(module, "weight", None), shape[kept:], 1.0)
    bias = _parameter(how, getattr(module, "bias", None), shape[kept:], 0.0)
    flat = value.centre.flatten(kept)
    count = flat.shape[-1]
    deviation = flat - flat.mean(-1, keepdim=True) if is_centred else flat
    root = (deviation.square().mean(-1, keepdim=True) + eps).sqrt()
    centre = deviation / root * weight + bias
    with torch.no_grad():
        radius, around = value.radius.flatten(kept), deviation.detach()
        tau = how.norm_of(radius, radius.dim() - 1)[..., None]
        if value.norm is not None and value.rows == kept:
            tau = torch.minimum(tau, value.norm[..., None])
        rounding = (2 * count + 4 * FUNCTION_ULPS) * how.both
        size = flat.detach().abs().amax(-1, keepdim=True) + radius.amax(-1, keepdim=True)
        length = around.norm(dim=-1, keepdim=True)
        slack = rounding * size * math.sqrt(count)
        low = ((length - tau - slack).clamp(min=0).square() / count + eps).sqrt()
        high = ((length + tau + slack).square() / count + eps).sqrt()
        low, high = low * (1 - rounding), high * (1 + rounding)
        mean = radius.mean(-1, keepdim=True) if is_centred else 0.0
        moved = (radius + mean) * (1 + rounding) + rounding * size
        at = root.detach()
        change = torch.maximum(1 / low - 1 / at, 1 / at - 1 / high).clamp(min=0)
        sizes = weight.abs()
        spread = sizes * (moved / low + around.abs() * change)
        most = sizes * (math.sqrt(count) + around.abs() / at) * (1 + rounding)
        error = rounding * (sizes * (size / low + around.abs() / at) + bias.abs())
        spread = torch.minimum(spread, most) + error
        norm = None
        if how.has_norms and kept == value.rows:
            norm = (sizes.max() * tau / low)[..., 0] * (1 + rounding)
            norm = norm + how.norm_of(error, kept)
        linear = sizes * (moved / at + around.abs() * tau / (at.square() * math.sqrt(count)))
        second = torch.minimum(
            0.6 * tau.square() / (math.sqrt(count) * low.square()), 2 * tau / low
        )
        remainders = (
            Symmetric(size=(error + (8 * count + 64) * how.unit * linear).reshape(shape)),
            InNorm(
                norm=second[..., 0] * (1 + rounding),
                scale=sizes.expand_as(linear).reshape(shape),
                size=(spread + linear).reshape(shape),
            ),
        )
    found, radius = centre.reshape(shape), spread.reshape(shape)
    return how.close(found, radius, norm=norm, rows=kept, remainders=remainders)


def _parameter(how: Propagation, given: Tensor | None, shape: Any, default: float) -> Tensor:
    if given is None:
        return torch.full((math.prod(shape),), default, dtype=how.dtype)
    return given.detach().to(how.dtype).flatten()
