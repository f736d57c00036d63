"""What combines values: sums, products, attention (progressive.md §4)."""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from modelhub.wrappers.torch.enclosures.enclosure import (
    FUNCTION_ULPS,
    SHARED_ULPS,
    Enclosure,
    Mode,
    Propagation,
    Symmetric,
    accumulated,
)

_MATRIX = 2  # extents
_FAR = 80.0  # radii from which a softmax may give anything


def add(how: Propagation, first: Enclosure, second: Enclosure, *, scale: float = 1.0) -> Enclosure:
    """`first + scale · second`, extents of 1 repeated."""
    assert first.radius is not None
    assert second.radius is not None
    _check_alike(first, second)
    centre = first.centre + scale * second.centre
    with torch.no_grad():
        carried = first.radius + abs(scale) * second.radius
        size = first.centre.detach().abs() + abs(scale) * second.centre.detach().abs() + carried
        error = 2 * how.both * size
    rows = max(first.rows, second.rows)
    norm = None
    if (
        first.norm is not None
        and second.norm is not None
        and first.rows == second.rows
        and first.centre.shape == second.centre.shape
    ):
        norm = first.norm + abs(scale) * second.norm + how.norm_of(error, rows)
    shared = SHARED_ULPS + _repeats(first, second, centre)
    remainder = Symmetric(size=error + shared * how.unit * carried)
    return how.close(centre, carried + error, norm=norm, rows=rows, remainders=(remainder,))


def multiply(how: Propagation, first: Enclosure, second: Enclosure) -> Enclosure:
    """The product of elements."""
    assert first.radius is not None
    assert second.radius is not None
    _check_alike(first, second)
    centre = first.centre * second.centre
    with torch.no_grad():
        a, b = first.centre.detach().abs(), second.centre.detach().abs()
        both = first.radius * second.radius
        carried = a * second.radius + first.radius * b + both
        error = 2 * how.both * (a + first.radius) * (b + second.radius)
    shared = SHARED_ULPS + _repeats(first, second, centre)
    remainder = Symmetric(size=both * (1 + 4 * how.unit) + error + shared * how.unit * carried)
    rows = max(first.rows, second.rows)
    return how.close(
        centre, carried * (1 + 8 * how.unit) + error, rows=rows, remainders=(remainder,)
    )


def join(how: Propagation, values: Sequence[Enclosure], axis: int) -> Enclosure:
    """Values one after another along an axis."""
    centre = torch.cat([each.centre for each in values], axis)
    radius = torch.cat([each.radius for each in values if each.radius is not None], axis)
    return how.close(centre, radius, rows=min(each.rows for each in values))


def matrices(how: Propagation, first: Enclosure, second: Enclosure) -> Enclosure:
    """The product of two matrices of which neither need be exact."""
    assert first.radius is not None
    assert second.radius is not None
    if first.rows and second.rows:
        _check_alike(first, second)
    elif min(first.centre.dim(), second.centre.dim()) != _MATRIX:
        raise NotImplementedError
    centre = first.centre @ second.centre
    terms = max(first.centre.shape[-1], *centre.shape[-2:]) + 3
    with torch.no_grad():
        a, b = first.centre.detach().abs(), second.centre.detach().abs()
        growth = 1 + 2 * accumulated(terms, how.unit)
        both = (first.radius @ second.radius) * growth
        carried = (a @ second.radius + first.radius @ b) * growth + both
        rounding = accumulated(terms, how.reference) + accumulated(terms, how.unit)
        error = rounding * ((a + first.radius) @ (b + second.radius)) * growth
    slack = (2 * accumulated(terms, how.unit) + SHARED_ULPS * how.unit) * carried
    remainder = Symmetric(size=both + error + slack)
    return how.close(centre, carried + error, rows=centre.dim() - 1, remainders=(remainder,))


def scaled(how: Propagation, value: Enclosure, factor: float) -> Enclosure:
    """A value times a number."""
    assert value.radius is not None
    centre = value.centre * factor
    with torch.no_grad():
        carried = value.radius * abs(factor)
        error = 4 * how.both * (centre.detach().abs() + carried)
    norm = None
    if value.norm is not None:
        norm = value.norm * abs(factor) + how.norm_of(error, value.rows)
    remainder = Symmetric(size=error + SHARED_ULPS * how.unit * carried)
    return how.close(centre, carried + error, norm=norm, rows=value.rows, remainders=(remainder,))


def softmax(how: Propagation, value: Enclosure) -> Enclosure:
    """A softmax over the last extent; an element is greatest where the others are least."""
    assert value.radius is not None
    centre = value.centre.softmax(-1)
    with torch.no_grad():
        around, at = value.centre.detach(), centre.detach()
        count = around.shape[-1]
        radius = value.radius.clamp(max=_FAR)
        top = around.amax(-1, keepdim=True)
        upper = (around - top + radius).clamp(max=_FAR + 8).exp()
        lower = (around - top - radius).exp()
        high = upper / (upper + _of_others(lower))
        low = lower / (lower + _of_others(upper))
        is_far = (value.radius >= _FAR).any(-1, keepdim=True)
        high = torch.where(is_far, torch.ones_like(high), torch.nan_to_num(high, nan=1.0))
        low = torch.where(is_far, torch.zeros_like(low), torch.nan_to_num(low, nan=0.0))
        # What is farther away than this adds nothing to a sum, however it is rounded.
        distance = (top - around + 2 * radius).clamp(max=4 * _FAR).amax(-1, keepdim=True)
        error = (4 * count + 3 * FUNCTION_ULPS + distance) * 2 * how.both * high
        spread = torch.maximum(high - at, at - low).clamp(min=0) + error
        widest = value.radius.amax(-1, keepdim=True)
        linear = 2 * at * widest
        second = torch.minimum(2 * high * widest.square(), spread + linear)
        remainder = Symmetric(size=second + error + (2 * count + SHARED_ULPS) * how.unit * linear)
    if how.mode is Mode.BOX:
        middle = (high + low) / 2
        return how.close(middle, (high - low) / 2 + error + how.unit * high, rows=around.dim() - 1)
    return how.close(centre, spread, rows=around.dim() - 1, remainders=(remainder,))


def attention(
    how: Propagation,
    query: Enclosure,
    key: Enclosure,
    value: Enclosure,
    *,
    mask: Tensor | None,
    is_causal: bool,
    scale: float | None,
) -> Enclosure:
    """Scaled dot products of queries and keys, softmax, and the mean of values by these weights.

    Args:
        how: whose rounding counts.
        query: shape (…, tokens, features).
        key: likewise.
        value: likewise.
        mask: True where a key is seen, or numbers to add; None if all are seen.
        is_causal: whether a query sees earlier keys only.
        scale: of the products; None for one over the root of the features.
    """
    factor = 1 / math.sqrt(query.centre.shape[-1]) if scale is None else scale
    scores = scaled(how, matrices(how, query, _transposed(key)), factor)
    seen = _seen(scores.centre, mask, is_causal=is_causal)
    if mask is not None and mask.dtype != torch.bool:
        added = mask.to(how.dtype).expand_as(scores.centre)
        exact = Enclosure(centre=added, radius=torch.zeros_like(added), rows=scores.rows)
        scores = add(how, scores, exact)
    if seen is not None:
        assert scores.radius is not None
        if not bool(seen.any(-1).all()):
            raise NotImplementedError  # what sees nothing
        hidden = torch.finfo(how.dtype).min / 4
        scores = replace(
            scores,
            centre=scores.centre.masked_fill(~seen, hidden),
            radius=scores.radius.masked_fill(~seen, 0.0),
            norm=None,
        )
    return matrices(how, softmax(how, scores), value)


def _of_others(terms: Tensor) -> Tensor:
    """For each element the sum of the others of its row; nothing is taken away from a sum."""
    none = torch.zeros_like(terms[..., :1])
    before = torch.cat([none, terms.cumsum(-1)[..., :-1]], -1)
    behind = torch.cat([none, terms.flip(-1).cumsum(-1)[..., :-1]], -1).flip(-1)
    return before + behind


def _repeats(first: Enclosure, second: Enclosure, found: Tensor) -> int:
    """How often an element of an operand is used at most."""
    sizes = [each.centre[:1].numel() for each in (first, second) if each.rows]
    return found[:1].numel() // max(1, min(sizes, default=1))


def _check_alike(first: Enclosure, second: Enclosure) -> None:
    """Both have a row for each input of the batch, or one is the same for all inputs."""
    if first.rows and second.rows:
        if first.centre.dim() != second.centre.dim() or len(first.centre) != len(second.centre):
            raise NotImplementedError
        return
    same, other = (second, first) if first.rows else (first, second)
    if same.centre.dim() > other.centre.dim() or (
        same.centre.dim() == other.centre.dim() != 0 and len(same.centre) != 1
    ):
        raise NotImplementedError


def _transposed(value: Enclosure) -> Enclosure:
    assert value.radius is not None
    return replace(
        value, centre=value.centre.mT, radius=value.radius.mT, norm=None, rows=value.rows
    )


def _seen(scores: Tensor, mask: Tensor | None, *, is_causal: bool) -> Tensor | None:
    if is_causal:
        return torch.ones(scores.shape[-2:], dtype=torch.bool).tril().expand_as(scores)
    if mask is not None and mask.dtype == torch.bool:
        return mask.expand_as(scores)
    return None
