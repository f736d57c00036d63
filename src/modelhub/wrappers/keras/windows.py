"""Keras' convolutions, pools, and what else changes the extents of an image."""

import re
from collections.abc import Sequence

from modelhub.network import Extent, SymbolicShape, plus, times, window_extent
from modelhub.wrappers.keras.parts import Part
from modelhub.wrappers.keras.rules import (
    Described,
    MaybeShape,
    Read,
    Rule,
    Variable,
    around,
    channels,
    complete,
    is_last,
    known,
    spatial,
    weight_shape,
)

_RANK = re.compile(r"([123])D")
_ENDS = 2  # of an axis


def rank_of(layer: Part) -> int:
    """How many axes the window of a layer has."""
    found = _RANK.search(layer.class_name)
    return int(found[1]) if found else 1


def positions(
    extent: Extent, kernel: int, stride: int, padding: str, dilation: int = 1
) -> Extent | None:
    """How many positions a window takes along an axis, by Keras' words for padding."""
    if padding == "same":
        return window_extent(extent, 1, stride=stride)
    reach = dilation * (kernel - 1) if padding == "causal" else 0
    return window_extent(extent, kernel, stride=stride, padding=reach, dilation=dilation)


def _fits(shape: MaybeShape, rank: int) -> SymbolicShape | None:
    return shape if shape is not None and len(shape) == rank + 2 else None


def _windowed(layer: Part, shape: MaybeShape, count: Extent | None, window: str) -> MaybeShape:
    rank = rank_of(layer)
    fitting = _fits(shape, rank)
    if fitting is None:
        return None
    kernel = layer.numbers(window, rank)
    strides = kernel if layer.config.get("strides") is None else layer.numbers("strides", rank)
    dilations = layer.numbers("dilation_rate", rank)
    padding = layer.text("padding", "valid")
    extents = [
        positions(extent, k, s, padding, d)
        for extent, k, s, d in zip(spatial(layer, fitting), kernel, strides, dilations, strict=True)
    ]
    return around(layer, fitting[0], extents, count)


def _with_bias(layer: Part, variables: list[Variable], count: Extent | None) -> list[Variable]:
    if layer.flag("use_bias", otherwise=True):
        variables.append(Variable(name="bias", shape=weight_shape(count)))
    return variables


def convolution(layer: Part, read: Read) -> Described:
    """Kernel: (…, channels / groups, filters)."""
    rank, filters = rank_of(layer), layer.number("filters")
    inputs = channels(layer, read.first)
    first = inputs // max(1, layer.number("groups", 1)) if isinstance(inputs, int) else None
    kernel = weight_shape(*layer.numbers("kernel_size", rank), first, filters)
    return Described(
        template="CONV",
        kind=f"{rank}D",
        attributes=known(in_channels=inputs),
        variables=_with_bias(layer, [Variable(name="kernel", shape=kernel)], filters),
        outputs=[_windowed(layer, read.first, filters, "kernel_size")],
    )


def depthwise(layer: Part, read: Read) -> Described:
    """Kernel: (…, channels, multiplier)."""
    rank, multiplier = rank_of(layer), layer.number("depth_multiplier", 1)
    inputs = channels(layer, read.first)
    count = multiplier * inputs if isinstance(inputs, int) else None
    kernel = weight_shape(*layer.numbers("kernel_size", rank), inputs, multiplier)
    return Described(
        template="CONV",
        kind=f"{rank}D",
        attributes=known(in_channels=inputs, out_channels=count),
        variables=_with_bias(layer, [Variable(name="kernel", shape=kernel)], count),
        outputs=[_windowed(layer, read.first, count, "kernel_size")],
    )


def separable(layer: Part, read: Read) -> Described:
    """A depthwise kernel, then one of a single position."""
    rank, filters = rank_of(layer), layer.number("filters")
    inputs, multiplier = channels(layer, read.first), layer.number("depth_multiplier", 1)
    size = layer.numbers("kernel_size", rank)
    middle = multiplier * inputs if isinstance(inputs, int) else None
    variables = [
        Variable(name="depthwise_kernel", shape=weight_shape(*size, inputs, multiplier)),
        Variable(name="pointwise_kernel", shape=weight_shape(*[1] * rank, middle, filters)),
    ]
    return Described(
        template="CONV",
        kind=f"{rank}D",
        attributes=known(in_channels=inputs),
        variables=_with_bias(layer, variables, filters),
        outputs=[_windowed(layer, read.first, filters, "kernel_size")],
    )


def transposed(layer: Part, read: Read) -> Described:
    """Kernel: (…, filters, channels)."""
    rank, filters = rank_of(layer), layer.number("filters")
    inputs, fitting = channels(layer, read.first), _fits(read.first, rank)
    size = layer.numbers("kernel_size", rank)
    shape = None
    if fitting is not None:
        extents = _transposed_extents(layer, spatial(layer, fitting), size)
        shape = around(layer, fitting[0], extents, filters)
    kernel = weight_shape(*size, filters, inputs)
    return Described(
        template="DECONV",
        kind=f"{rank}D",
        attributes=known(in_channels=inputs),
        variables=_with_bias(layer, [Variable(name="kernel", shape=kernel)], filters),
        outputs=[shape],
    )


def _transposed_extents(layer: Part, extents: Sequence[Extent], size: list[int]) -> list[Extent]:
    rank = len(size)
    more = layer.config.get("output_padding")
    extra = None if more is None else layer.numbers("output_padding", rank, 0)
    found = []
    for axis, extent in enumerate(extents):
        stride = layer.numbers("strides", rank)[axis]
        kernel = (size[axis] - 1) * layer.numbers("dilation_rate", rank)[axis] + 1
        if layer.text("padding", "valid") == "valid":
            least = max(kernel, stride) if extra is None else kernel + extra[axis]
            found.append(plus(times([stride, plus(extent, -1)]), least))
        elif extra is None:
            found.append(times([stride, extent]))
        else:
            reach = kernel - 2 * (kernel // 2) + extra[axis]
            found.append(plus(times([stride, plus(extent, -1)]), reach))
    return found


def pool(layer: Part, read: Read) -> Described:
    """A pool over windows."""
    shape = _windowed(layer, read.first, channels(layer, read.first), "pool_size")
    return Described(template="POOL", kind=_pool_kind(layer), outputs=[shape])


def _pool_kind(layer: Part) -> str:
    return "MAX" if "Max" in layer.class_name else "AVG"


def global_pool(layer: Part, read: Read) -> Described:
    """A pool over all positions."""
    rank, shape = rank_of(layer), _fits(read.first, rank_of(layer))
    count = channels(layer, shape)
    given = None
    if shape is not None:
        ones = [1] * rank if layer.flag("keepdims") else []
        given = around(layer, shape[0], ones, count)
    return Described(template="POOL", kind=_pool_kind(layer), outputs=[given])


def adaptive_pool(layer: Part, read: Read) -> Described:
    """A pool to a given size."""
    rank, shape = rank_of(layer), _fits(read.first, rank_of(layer))
    given = None
    if shape is not None:
        sizes = layer.numbers("output_size", rank)
        given = around(layer, shape[0], list(sizes), channels(layer, shape))
    return Described(template="POOL", kind=_pool_kind(layer), outputs=[given])


def _pairs(layer: Part, name: str, rank: int) -> list[tuple[int, int]]:
    """What is done at both ends of each axis."""
    found = layer.config.get(name)
    if isinstance(found, list) and len(found) == rank and all(isinstance(e, list) for e in found):
        return [(int(e[0]), int(e[-1])) for e in found]
    if rank == 1 and isinstance(found, list) and len(found) == _ENDS:
        return [(int(found[0]), int(found[1]))]
    return [(each, each) for each in layer.numbers(name, rank, 0)]


def _ends(name: str, sign: int, kind: str) -> Rule:
    """A layer that adds to the ends of axes, or cuts them off."""

    def rule(layer: Part, read: Read) -> Described:
        rank, shape = rank_of(layer), _fits(read.first, rank_of(layer))
        given = None
        if shape is not None:
            pairs = _pairs(layer, name, rank)
            extents = [
                plus(extent, sign * sum(pair))
                for extent, pair in zip(spatial(layer, shape), pairs, strict=True)
            ]
            given = around(layer, shape[0], extents, channels(layer, shape))
        return Described(template="OP", kind=kind, outputs=[given], dtype=None)

    return rule


def upsampling(layer: Part, read: Read) -> Described:
    """An image made larger by a whole factor."""
    rank, shape = rank_of(layer), _fits(read.first, rank_of(layer))
    given = None
    if shape is not None:
        factors = layer.numbers("size", rank, 2)
        pairs = zip(factors, spatial(layer, shape), strict=True)
        extents = [times([factor, extent]) for factor, extent in pairs]
        given = around(layer, shape[0], extents, channels(layer, shape))
    return Described(template="UPSAMPLE", outputs=[given])


def resized(layer: Part, read: Read) -> Described:
    """An image made of a given size, or cut to it."""
    shape = read.first
    size = [layer.number("height"), layer.number("width")]
    template = "UPSAMPLE" if layer.class_name == "Resizing" else "OP"
    kind = None if template == "UPSAMPLE" else layer.class_name
    given = None
    if shape is not None and len(shape) > _ENDS:
        begin = len(shape) - 3 if is_last(layer) else len(shape) - 2
        given = complete(*shape[:begin], *size, *shape[begin + 2 :])
    return Described(template=template, kind=kind, outputs=[given])


def _ranked(names: Sequence[str], rule: Rule, ranks: Sequence[int] = (1, 2, 3)) -> dict[str, Rule]:
    return {name.replace("#", str(rank)): rule for name in names for rank in ranks}


WINDOWS: dict[str, Rule] = {
    **_ranked(["Conv#D", "Convolution#D"], convolution),
    **_ranked(["Conv#DTranspose", "Convolution#DTranspose"], transposed),
    **_ranked(["DepthwiseConv#D"], depthwise, (1, 2)),
    **_ranked(["SeparableConv#D", "SeparableConvolution#D"], separable, (1, 2)),
    **_ranked(["MaxPooling#D", "AveragePooling#D", "MaxPool#D", "AvgPool#D"], pool),
    **_ranked(
        [
            *("GlobalMaxPooling#D", "GlobalAveragePooling#D"),
            *("GlobalMaxPool#D", "GlobalAvgPool#D"),
        ],
        global_pool,
    ),
    **_ranked(["AdaptiveMaxPooling#D", "AdaptiveAveragePooling#D"], adaptive_pool),
    **_ranked(["ZeroPadding#D"], _ends("padding", 1, "ZeroPadding")),
    **_ranked(["Cropping#D"], _ends("cropping", -1, "Cropping")),
    **_ranked(["UpSampling#D"], upsampling),
    "Resizing": resized,
    "CenterCrop": resized,
    "RandomCrop": resized,
}
