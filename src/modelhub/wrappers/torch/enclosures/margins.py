"""Lower bounds of how far a label is above its rivals (progressive.md §5)."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from modelhub.errors import InputError
from modelhub.wrappers.torch.enclosures.enclosure import (
    TINY,
    Enclosure,
    InNorm,
    Mode,
    OneSided,
    Propagation,
    Remainder,
    Symmetric,
)
from modelhub.wrappers.torch.enclosures.products import along
from modelhub.wrappers.torch.enclosures.walk import Values, Walk

_CLASSES = 2  # extents of what labels are read from: a batch, and its classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """What is known of the labels of a batch.

    Attributes:
        labels: the greatest of the centres, shape (batch,); of sets (batch, top).
        below: for each class, at least how far it is below the label; infinite for the label
            itself; shape (batch, classes).
    """

    labels: Tensor
    below: Tensor

    @property
    def is_certain(self) -> Tensor:
        """Where no rival can be as great as the label."""
        found: Tensor = self.below.amin(1) > 0
        return found


def by_boxes(walk: Walk, values: Values, how: Propagation) -> Margins:
    """Margins from radii, the weights of two classes being subtracted before they are multiplied.

    Cost:
        three products a layer.
    """
    with torch.no_grad():
        found = walk.output(how, values)
        _check(found)
        labels = _scores(found).argmax(1)
        return Margins(labels=labels, below=_below(found, how, labels))


def sets_by_boxes(walk: Walk, values: Values, how: Propagation, top: int) -> Margins:
    """The `top` greatest classes of each input, and how far the others are below all of them.

    Their order is not vouched for. Behind a softmax, where small values may become equal,
    nothing is known.

    Returns:
        Labels of shape (batch, top), the greatest centre first; margins infinite for members.
    """
    with torch.no_grad():
        found = walk.output(how, values)
        _check(found)
        scores = _scores(found)
        members = scores.topk(min(top, scores.shape[1]), 1).indices
        least = torch.full_like(scores, math.inf)
        for rank in range(members.shape[1]):
            below = _below(found, how, members[:, rank])
            least = torch.minimum(least, below.scatter(1, members, math.inf))
        if top > 1 and found.logits is not None and found.logits.slack > 0:
            least = torch.full_like(least, -math.inf)
        return Margins(labels=members, below=least)


def _scores(found: Enclosure) -> Tensor:
    return found.centre if found.logits is None else found.logits.centre


def _below(found: Enclosure, how: Propagation, labels: Tensor) -> Tensor:
    if found.logits is None:
        return _of_values(found, how, labels)
    return _by_differences(found, how, labels)


def _of_values(found: Enclosure, how: Propagation, labels: Tensor) -> Tensor:
    assert found.radius is not None
    low = (found.centre - found.radius).gather(1, labels[:, None])
    below = low - (found.centre + found.radius)
    below = below - 4 * how.unit * (low.abs() + found.centre.abs() + found.radius)
    return _without_label(labels, below)


def _by_differences(found: Enclosure, how: Propagation, labels: Tensor) -> Tensor:
    """z_top - z_j from rows C_top - C_j of the last layer, in which what both share cancels."""
    assert found.logits is not None
    layer, value, slack = found.logits.product, found.logits.input, found.logits.slack
    assert value.radius is not None
    around = value.centre.abs() + value.radius
    logits = found.logits.centre
    spread = torch.nn.functional.linear(around, layer.spread) * layer.growth
    spread = spread + along(layer.bias_spread, spread, -1)
    difference = logits.gather(1, labels[:, None]) - logits
    radius = spread + spread.gather(1, labels[:, None])
    carried = torch.zeros_like(radius)
    for label in sorted(set(labels.tolist())):
        chosen = labels == label
        rows = (layer.centre[label] - layer.centre).abs() * (1 + 2 * how.unit)
        carried[chosen] = value.radius[chosen] @ rows.T * layer.growth
        if value.norm is not None:
            lengths = rows.norm(dim=1) * layer.growth
            carried[chosen] = torch.minimum(carried[chosen], value.norm[chosen, None] * lengths)
    radius = (radius + carried) * (1 + 8 * how.unit)
    below = difference - radius - 4 * how.unit * difference.abs() - slack
    return _without_label(labels, below)


def by_gradients(walk: Walk, values: Values, how: Propagation, rivals: Tensor) -> Margins:
    """Margins from gradients at the centre, and what the derivative leaves out in each layer.

    m(W) = m(C) + the sum, over layers, of <gradient at the layer, remainder of the layer>.

    Args:
        walk: the network.
        values: exact ones that enter it, of the inputs that are asked about.
        how: in the mode CENTRE.
        rivals: which classes to look at, shape (batch, classes); the others count as below.

    Cost:
        a backward pass for each rival that some input has.
    """
    assert how.mode is Mode.CENTRE
    how.remainders = []
    with torch.enable_grad():
        found = walk.output(how, values)
    _check(found)
    logits, slack = found.centre, 0.0
    if found.logits is not None:
        logits, slack = found.logits.centre, found.logits.slack
    labels = logits.detach().argmax(1)
    rivals = rivals.scatter(1, labels[:, None], False)  # noqa: FBT003 - torch's own
    below = torch.full_like(logits.detach(), math.inf)
    order = rivals.int().argsort(dim=1, descending=True, stable=True)
    each = torch.arange(len(labels))
    count = int(rivals.sum(1).max()) if len(labels) else 0
    for turn in range(count):
        other = order[:, turn]
        margin = logits[each, labels] - logits[each, other]
        lower = _lower(margin, how, keep=turn < count - 1) - slack
        asked = rivals[each, other]
        below[each[asked], other[asked]] = lower[asked]
    return Margins(labels=labels, below=below)


def _lower(margin: Tensor, how: Propagation, *, keep: bool) -> Tensor:
    assert how.remainders is not None
    centres = [centre for centre, _ in how.remainders if centre.requires_grad]
    gradients = iter(
        torch.autograd.grad(margin.sum(), centres, retain_graph=keep, allow_unused=True)
    )
    with torch.no_grad():
        loss = torch.zeros_like(margin)
        for centre, remainders in how.remainders:
            gradient = next(gradients) if centre.requires_grad else None
            if gradient is not None:
                loss += sum(_loss(gradient, each) for each in remainders) * (
                    1 + 4 * gradient[0].numel() * how.unit
                )
        return margin - loss * (1 + 64 * how.unit) - 4 * how.unit * margin.abs() - TINY


def _loss(gradient: Tensor, remainder: Remainder) -> Tensor:
    """By how much a remainder can lower what has this gradient; one number an input."""
    if isinstance(remainder, Symmetric):
        return _total(gradient.abs() * remainder.size)
    if isinstance(remainder, OneSided):
        return _total((-gradient).clamp(min=0) * remainder.size)
    assert isinstance(remainder, InNorm)
    flat = (gradient * remainder.scale).flatten(remainder.norm.dim())
    within = flat.norm(dim=-1) * remainder.norm
    apart = (gradient.abs() * remainder.size).flatten(remainder.norm.dim()).sum(-1)
    return _total(torch.minimum(within, apart))


def _total(size: Tensor) -> Tensor:
    return torch.nan_to_num(size, nan=math.inf).reshape(len(size), -1).sum(1)


def _without_label(labels: Tensor, below: Tensor) -> Tensor:
    below = torch.nan_to_num(below, nan=-math.inf)
    return below.scatter(1, labels[:, None], math.inf)


def _check(found: Enclosure) -> None:
    if found.centre.dim() != _CLASSES or found.radius is None:
        raise InputError(
            f"labels are read from values of shape (batch, classes), not {list(found.centre.shape)}"
        )
