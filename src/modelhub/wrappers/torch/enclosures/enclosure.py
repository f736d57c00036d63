"""Values of which only a centre and radii are known, and how they are rounded outward."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import TypeAlias

import torch
from torch import Tensor

UNIT = {torch.float32: 2.0**-24, torch.float64: 2.0**-53}  # half the distance of 1 to the next
FUNCTION_ULPS = 8  # how far exp, erf, tanh, sqrt and division may be off, in units of rounding
SHARED_ULPS = 32  # what adding up the gradients of those who share a value may be off
_LARGE = 1024  # the lesser extent of a matrix whose Gram matrix costs too much
TINY = 2.0**-110  # more than all that underflow can lose of a value or a margin


class Mode(Enum):
    """What the centre of a value is.

    BOX: the middle of what the value may be, which gives the smallest radii.
    CENTRE: the value of the network at the centres of the weights, through which gradients go.
    """

    BOX = "box"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """All values that a tensor may have.

    With `a` any of them, `|a - centre| <= radius` for each element, and in each row the l2 norm
    of `a - centre` is at most `norm`.

    Attributes:
        centre: of any shape.
        radius: of that shape; None if the value is known exactly.
        norm: one number a row, in the mode CENTRE; None if nothing better than `radius` is known.
        rows: how many leading extents tell rows apart; 0 for what is the same for all inputs.
        logits: what the value is a label-preserving function of, where a layer gave that.
    """

    centre: Tensor
    radius: Tensor | None = None
    norm: Tensor | None = None
    rows: int = 1
    logits: "Logits | None" = None

    @property
    def is_exact(self) -> bool:
        """Whether there is one value only."""
        return self.radius is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logits:
    """Where the values that decide a label come from.

    Attributes:
        product: the fully connected layer that gives them.
        input: what it was given.
        centre: what it gives at the centres.
        slack: by how much one must be above another for the label to be seen behind what follows.
    """

    product: "Product"
    input: Enclosure
    centre: Tensor
    slack: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Product:
    """A linear layer whose weights are known within a radius.

    Attributes:
        centre: the weights, first extent the outputs.
        radius: of the weights; zero where they are known.
        spread: radius and rounding together, by which `|input|` is multiplied.
        bias: exact, or None.
        bias_spread: what rounding may add for each output.
        growth: a factor above 1 that covers the rounding of computed radii.
        unit: relative rounding of a gradient through the layer.
    """

    centre: Tensor
    radius: Tensor
    spread: Tensor
    bias: Tensor | None
    bias_spread: Tensor
    growth: float
    unit: float

    @cached_property
    def gain(self) -> float:
        """At least the l2 operator norm of a matrix: the least of three cheap upper bounds.

        With G the smaller Gram matrix, whose norm is the square of the wanted one: the product of
        the largest sums of columns and of rows, the Frobenius norm of G, and the root of the
        largest row sum of G squared. Of a large matrix G is not computed.
        """
        weights = self.centre.double()
        sums = weights.abs().sum(0).max() * weights.abs().sum(1).max()
        if min(weights.shape) > _LARGE:
            least = min(float(sums), float(weights.square().sum()))
            return math.sqrt(least) * (1 + 1e-9)
        gram = weights @ weights.T if weights.shape[0] <= weights.shape[1] else weights.T @ weights
        bounds = (
            sums,
            gram.norm(),
            (gram @ gram).abs().sum(1).max().sqrt(),
        )
        return math.sqrt(min(float(each) for each in bounds)) * (1 + 1e-9)

    @cached_property
    def lengths(self) -> Tensor:
        """At least the l2 norm of the weights of each output."""
        flat = self.centre.flatten(1)
        found: Tensor = flat.norm(dim=1) * (1 + (flat.shape[1] + 4) * UNIT[flat.dtype])
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Symmetric:
    """A remainder of at most `size` to either side of each element."""

    size: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSided:
    """A remainder between 0 and `size` for each element."""

    size: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class InNorm:
    """A remainder that is, divided by `scale`, at most `norm` in each row; and at most `size`."""

    norm: Tensor
    scale: Tensor
    size: Tensor


Remainder: TypeAlias = Symmetric | OneSided | InNorm


@dataclass(slots=True, kw_only=True)
class Propagation:
    """How enclosures are computed, and the remainders that were met on the way.

    Attributes:
        mode: what centres are.
        dtype: of the computation.
        reference: units of rounding of the evaluation that is enclosed: that of float32, or 0
            for the arithmetic of real numbers.
        tolerance: relative l2 difference that exact values may have elsewhere.
        remainders: by centre, where gradients are wanted; else None.
    """

    mode: Mode
    dtype: torch.dtype = torch.float32
    reference: float = UNIT[torch.float32]
    tolerance: float = 0.0
    remainders: list[tuple[Tensor, Sequence[Remainder]]] | None = None
    _entered: dict[int, tuple[Tensor, Enclosure]] = field(default_factory=dict)

    @property
    def unit(self) -> float:
        """The rounding of this computation."""
        return UNIT[self.dtype]

    @property
    def both(self) -> float:
        """The rounding of both evaluations, of the enclosed one and of this one."""
        return self.unit + self.reference

    @property
    def has_norms(self) -> bool:
        """Whether l2 norms are kept."""
        return self.mode is Mode.CENTRE

    def entered(self, value: Enclosure) -> Enclosure:
        """A value as inexact rules take it: an exact one gets the declared tolerance."""
        if value.radius is not None:
            return value
        found = self._entered.get(id(value.centre))
        if found is None:  # what was entered is kept, so that no other tensor takes its id
            found = self._entered[id(value.centre)] = value.centre, self._enter(value)
        return found[1]

    def _enter(self, value: Enclosure) -> Enclosure:
        centre = value.centre.to(self.dtype)
        if value.rows == 0 or not value.centre.is_floating_point():
            return replace(value, centre=centre, radius=torch.zeros_like(centre))
        if self.remainders is not None:
            centre = centre.clone().requires_grad_()
        if self.tolerance == 0.0:
            return replace(value, centre=centre, radius=torch.zeros_like(centre))
        size = self.norm_of(centre.detach().abs(), value.rows) * self.tolerance
        radius = spread_over(size, centre).expand_as(centre)
        if self.remainders is not None:
            ones = torch.ones_like(radius)
            self.remainders.append((centre, [InNorm(norm=size, scale=ones, size=radius)]))
        return replace(value, centre=centre, radius=radius, norm=size if self.has_norms else None)

    def norm_of(self, size: Tensor, rows: int) -> Tensor:
        """At least the l2 norm of each row of what is not negative."""
        flat = size.flatten(min(rows, size.dim() - 1)) if size.dim() > rows else size.unsqueeze(-1)
        found: Tensor = flat.norm(dim=-1)
        return found * (1 + (flat.shape[-1] + 4) * self.unit)

    def close(
        self,
        centre: Tensor,
        radius: Tensor,
        *,
        norm: Tensor | None = None,
        rows: int = 1,
        remainders: Sequence[Remainder] = (),
        logits: Logits | None = None,
    ) -> Enclosure:
        """What a rule gives: rounded outward, radius and norm each no more than the other says."""
        radius = torch.nan_to_num(radius * (1 + 8 * self.unit) + TINY, nan=math.inf)
        if self.has_norms:
            from_radius = self.norm_of(radius, rows)
            norm = (
                from_radius
                if norm is None
                else torch.minimum(
                    torch.nan_to_num(norm * (1 + 8 * self.unit) + TINY, nan=math.inf), from_radius
                )
            )
            radius = torch.minimum(radius, spread_over(norm, radius))
        if self.remainders is not None and remainders:
            self.remainders.append((centre, remainders))
        return Enclosure(
            centre=centre,
            radius=radius,
            norm=norm if self.has_norms else None,
            rows=rows,
            logits=logits,
        )


def spread_over(norm: Tensor, like: Tensor) -> Tensor:
    """A number a row, over the elements of the row."""
    return norm.reshape(norm.shape + (1,) * (like.dim() - norm.dim()))


def accumulated(terms: int, unit: float) -> float:
    """The relative rounding of a sum of products in any order: n u / (1 - n u).

    Infinite where so many terms may lose everything.
    """
    share = terms * unit
    return share / (1 - share) if share < 1 else math.inf
