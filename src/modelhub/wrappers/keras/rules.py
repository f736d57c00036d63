"""What a layer of Keras' is, in the words that all rules share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from modelhub.network import PARAMETER, Attribute, Extent, SymbolicShape
from modelhub.values import Shape
from modelhub.wrappers.keras.parts import Part

MaybeShape: TypeAlias = SymbolicShape | None
Shapes: TypeAlias = Sequence[MaybeShape]
LAST = "channels_last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable of a layer; its shape is None if that follows from what is not known."""

    name: str
    shape: MaybeShape
    kind: str = PARAMETER
    dtype: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a layer is called with: shapes of what it reads, by place and by name."""

    places: Shapes
    names: Mapping[str, MaybeShape] = field(default_factory=dict)

    @property
    def first(self) -> MaybeShape:
        """The shape of the first thing that it reads."""
        return self.places[0] if self.places else next(iter(self.names.values()), None)

    def argument(self, place: int, name: str) -> MaybeShape:
        """The shape of an argument, which may be given either way."""
        return self.places[place] if place < len(self.places) else self.names.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a layer is.

    Attributes:
        template: the layer template; None for plumbing.
        kind: its variety.
        attributes: those that queries ask for and its settings do not say.
        variables: what it holds, in Keras' order.
        outputs: shapes of what it gives; None where it does not follow.
        dtype: of what it gives; empty: that it computes with; None: that of what it reads.
        is_known: whether we know its class.
    """

    template: str | None
    kind: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    variables: Sequence[Variable] = ()
    outputs: Shapes = (None,)
    dtype: str | None = ""
    is_known: bool = True


Rule: TypeAlias = Callable[[Part, Read], Described]


def complete(*extents: Extent | None) -> MaybeShape:
    """A shape, if all its extents are known."""
    found = tuple(each for each in extents if each is not None)
    return found if len(found) == len(extents) else None


def weight_shape(*extents: Extent | None) -> Shape | None:
    """The shape of a variable, if it is all numbers."""
    found = tuple(each for each in extents if isinstance(each, int) and each >= 0)
    return found if len(found) == len(extents) else None


def known(**attributes: Extent | None) -> dict[str, Attribute]:
    """Attributes whose values are numbers."""
    return {name: each for name, each in attributes.items() if isinstance(each, int)}


def is_last(layer: Part) -> bool:
    """Whether the channels are the last axis."""
    return layer.text("data_format", LAST) != "channels_first"


def channels(layer: Part, shape: MaybeShape) -> Extent | None:
    """The extent of the axis of channels."""
    if shape is None or len(shape) < 2:  # noqa: PLR2004 - a batch of rows at least
        return None
    return shape[-1] if is_last(layer) else shape[1]


def spatial(layer: Part, shape: SymbolicShape) -> list[Extent]:
    """The extents between the batch and the channels."""
    return list(shape[1:-1] if is_last(layer) else shape[2:])


def around(
    layer: Part, batch: Extent, extents: Sequence[Extent | None], count: Extent | None
) -> MaybeShape:
    """A shape of a batch, extents, and channels where the layer has them."""
    if is_last(layer):
        return complete(batch, *extents, count)
    return complete(batch, count, *extents)
