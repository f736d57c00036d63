"""What Caffe's layers are: templates, attributes, the shapes of weights and of what they give.

Source: https://github.com/BVLC/caffe/tree/master/src/caffe/layers
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from modelhub.network import (
    BUFFER,
    PARAMETER,
    Attribute,
    Extent,
    SymbolicShape,
    plus,
    times,
    window_extent,
)
from modelhub.wrappers.caffe_network.definitions import Layer
from modelhub.wrappers.caffe_network.prototxt import Message

MaybeShape: TypeAlias = SymbolicShape | None
Shapes: TypeAlias = Sequence[MaybeShape]
CHANNELS = 1  # the axis
_IMAGE = 4  # extents


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A blob of weights; its shape is None if that follows from what is not known."""

    kind: str
    shape: MaybeShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a layer is.

    Attributes:
        outputs: shapes of its tops; those that are not there are not known.
        is_known: whether we know its type.
    """

    template: str
    kind: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blobs: Sequence[Blob] = ()
    outputs: Shapes = ()
    is_known: bool = True


def described(layer: Layer, shapes: Shapes) -> Described:
    """What a layer is, for bottoms of these shapes; CUSTOM if its type is not known."""
    rule = _RULES.get(layer.type)
    if rule is None:
        return Described(template="CUSTOM", kind=layer.type, is_known=False)
    try:
        return rule(layer, [*shapes, None])  # so that the first shape can be asked for
    except (IndexError, ValueError, ZeroDivisionError):  # parameters that do not fit the shapes
        return Described(template="CUSTOM", kind=layer.type)


def settings(message: Message) -> dict[str, Attribute]:
    """The scalars of a message of parameters, as they are written."""
    found = {name: message.values(name) for name in message.fields}
    return {name: row[0] if len(row) == 1 else row for name, row in found.items() if row}


def _pairs(parameters: Message, name: str, plain: str, otherwise: int, rank: int) -> list[int]:
    """A size along each axis: `kernel_h` and `kernel_w`, or `kernel_size`, once or for each."""
    height, width = parameters.numbers(f"{name}_h"), parameters.numbers(f"{name}_w")
    if height or width:
        return [(height or [otherwise])[-1], (width or [otherwise])[-1]]
    found = parameters.numbers(plain)
    return found if len(found) == rank else [(found or [otherwise])[0]] * rank


def _window(parameters: Message, rank: int) -> dict[str, list[int]]:
    return {
        "kernel_size": _pairs(parameters, "kernel", "kernel_size", 0, rank),
        "stride": _pairs(parameters, "stride", "stride", 1, rank),
        "pad": _pairs(parameters, "pad", "pad", 0, rank),
        "dilation": _pairs(parameters, "", "dilation", 1, rank),
    }


def _whole(*extents: Extent | None) -> SymbolicShape | None:
    """A shape of weights, if it is all numbers."""
    found = tuple(each for each in extents if isinstance(each, int) and each > 0)
    return found if len(found) == len(extents) else None


def _weights(shape: MaybeShape, outputs: int, parameters: Message) -> list[Blob]:
    blobs = [Blob(kind=PARAMETER, shape=shape)]
    if parameters.value("bias_term", otherwise=True):
        blobs.append(Blob(kind=PARAMETER, shape=_whole(outputs)))
    return blobs


def _convolution(layer: Layer, shapes: Shapes) -> Described:
    return _convolved(layer, shapes[0], is_reverse=False)


def _deconvolution(layer: Layer, shapes: Shapes) -> Described:
    return _convolved(layer, shapes[0], is_reverse=True)


def _convolved(layer: Layer, shape: MaybeShape, *, is_reverse: bool) -> Described:
    parameters = layer.parameter("convolution_param")
    rank = len(shape) - 2 if shape is not None and len(shape) > _IMAGE else 2
    window = _window(parameters, rank)
    outputs, groups = parameters.number("num_output", 0), max(1, parameters.number("group", 1))
    inputs = shape[CHANNELS] if shape is not None else None
    first, second = (inputs, outputs) if is_reverse else (outputs, inputs)
    weight = None
    if isinstance(first, int) and isinstance(second, int):
        weight = _whole(first, second // groups, *window["kernel_size"])
    known: dict[str, Attribute] = {"in_channels": inputs} if isinstance(inputs, int) else {}
    given = None
    if shape is not None:
        sizes = [
            _extent(shape[axis + 2], axis, window, is_reverse=is_reverse) for axis in range(rank)
        ]
        given = _complete(shape[0], outputs, *sizes)
    return Described(
        template="DECONV" if is_reverse else "CONV",
        kind=f"{rank}D",
        attributes={**known, "num_output": outputs, "group": groups, **window},
        blobs=_weights(weight, outputs, parameters),
        outputs=[given] * len(layer.tops),
    )


def _extent(
    extent: Extent, axis: int, window: Mapping[str, Sequence[int]], *, is_reverse: bool
) -> Extent | None:
    kernel, stride, pad, dilation = (
        window[name][axis] for name in ("kernel_size", "stride", "pad", "dilation")
    )
    if is_reverse:
        reach = dilation * (kernel - 1) + 1 - 2 * pad
        return plus(times([stride, plus(extent, -1)]), reach)
    return window_extent(extent, kernel, stride=stride, padding=2 * pad, dilation=dilation)


def _complete(*extents: Extent | None) -> MaybeShape:
    found = tuple(each for each in extents if each is not None)
    return found if len(found) == len(extents) else None


def _pooling(layer: Layer, shapes: Shapes) -> Described:
    parameters = layer.parameter("pooling_param")
    kinds = {"MAX": "MAX", "AVE": "AVG", "0": "MAX", "1": "AVG"}
    written = parameters.text("pool") or "MAX"
    kind = kinds.get(written, written)
    shape = shapes[0]
    if parameters.value("global_pooling", otherwise=False):
        given = None if shape is None else (*shape[:2], 1, 1)
        attributes: Mapping[str, Attribute] = {"global_pooling": True, "output_size": [1, 1]}
    else:
        window = _window(parameters, 2)
        attributes = {name: window[name] for name in ("kernel_size", "stride", "pad")}
        sizes = [_pooled(shape[axis + 2], axis, window) for axis in (0, 1)] if shape else [None]
        given = None if shape is None else _complete(*shape[:2], *sizes)
    outputs = [given] * len(layer.tops)
    return Described(template="POOL", kind=kind, attributes=attributes, outputs=outputs)


def _pooled(extent: Extent, axis: int, window: Mapping[str, Sequence[int]]) -> Extent | None:
    """Positions of a window, the last partly filled; one that begins in the padding is dropped."""
    kernel, stride, pad = (window[name][axis] for name in ("kernel_size", "stride", "pad"))
    found = window_extent(extent, kernel, stride=stride, padding=2 * pad, is_ceil=True)
    if pad == 0 or found is None:
        return found
    if not isinstance(found, int) or not isinstance(extent, int):
        return None
    return found - 1 if (found - 1) * stride >= extent + pad else found


def _inner_product(layer: Layer, shapes: Shapes) -> Described:
    parameters = layer.parameter("inner_product_param")
    outputs, axis = parameters.number("num_output", 0), parameters.number("axis", 1)
    shape = shapes[0]
    inputs = None if shape is None else times(shape[axis:])
    weight = _whole(outputs, inputs)
    if weight is not None and parameters.value("transpose", otherwise=False):
        weight = weight[::-1]
    known: dict[str, Attribute] = {"in_features": inputs} if isinstance(inputs, int) else {}
    given = None if shape is None else (*shape[:axis], outputs)
    return Described(
        template="FULL",
        attributes={**known, "num_output": outputs},
        blobs=_weights(weight, outputs, parameters),
        outputs=[given],
    )


def _embed(layer: Layer, shapes: Shapes) -> Described:
    parameters = layer.parameter("embed_param")
    outputs, entries = parameters.number("num_output", 0), parameters.number("input_dim", 0)
    return Described(
        template="EMBED",
        attributes={"num_embeddings": entries, "embedding_dim": outputs},
        blobs=_weights(_whole(entries, outputs), outputs, parameters),
        outputs=[None if shapes[0] is None else (*shapes[0], outputs)],
    )


def _batch_norm(layer: Layer, shapes: Shapes) -> Described:
    shape = shapes[0]
    channels = None if shape is None else _whole(shape[CHANNELS])
    sizes = [channels, channels, (1,)]
    return Described(
        template="NORM",
        kind="BATCH",
        attributes={"eps": 1e-5, **settings(layer.parameter("batch_norm_param"))},
        blobs=[Blob(kind=BUFFER, shape=each) for each in sizes],
        outputs=[shape],
    )


def _scale(layer: Layer, shapes: Shapes) -> Described:
    """A factor, and perhaps an offset, for each channel; with two bottoms, a product of them."""
    parameters, shape = layer.parameter("scale_param"), shapes[0]
    axis = parameters.number("axis", 1)
    count = parameters.number("num_axes", 1)
    blobs: list[Blob] = []
    if len(layer.bottoms) == 1:
        size = None if shape is None else _whole(*shape[axis : axis + count])
        blobs.append(Blob(kind=PARAMETER, shape=size))
        if parameters.value("bias_term", otherwise=False):
            blobs.append(Blob(kind=PARAMETER, shape=size))
    return Described(
        template="MUL", kind="SCALE", attributes=settings(parameters), blobs=blobs, outputs=[shape]
    )


def _bias(layer: Layer, shapes: Shapes) -> Described:
    size = None if shapes[0] is None else _whole(shapes[0][CHANNELS])
    blobs = [Blob(kind=PARAMETER, shape=size)] if len(layer.bottoms) == 1 else []
    return Described(template="ADD", kind="BIAS", blobs=blobs, outputs=[shapes[0]])


def _prelu(layer: Layer, shapes: Shapes) -> Described:
    parameters = layer.parameter("prelu_param")
    size = None if shapes[0] is None else _whole(shapes[0][CHANNELS])
    if parameters.value("channel_shared", otherwise=False):
        size = ()
    return Described(
        template="RELU",
        kind="PRELU",
        attributes=settings(parameters),
        blobs=[Blob(kind=PARAMETER, shape=size)],
        outputs=[shapes[0]],
    )


def _eltwise(layer: Layer, shapes: Shapes) -> Described:
    parameters = layer.parameter("eltwise_param")
    written = parameters.text("operation") or "SUM"
    template = {"SUM": "ADD", "1": "ADD", "PROD": "MUL", "0": "MUL"}.get(written, "OP")
    return Described(
        template=template,
        kind=None if template != "OP" else written,
        attributes=settings(parameters),
        outputs=[next((shape for shape in shapes if shape is not None), None)],
    )


def _concat(layer: Layer, shapes: Shapes) -> Described:
    parameters = layer.parameter("concat_param")
    axis = parameters.number("axis", parameters.number("concat_dim", CHANNELS))
    known = [shape for shape in shapes[:-1] if shape is not None]
    given = None
    if known and len(known) == len(shapes) - 1:
        extents = [shape[axis] for shape in known]
        numbers = [extent for extent in extents if isinstance(extent, int)]
        if len(numbers) == len(extents):
            place = axis % len(known[0])
            given = (*known[0][:place], sum(numbers), *known[0][place + 1 :])
    return Described(template="CONCAT", attributes={"axis": axis}, outputs=[given])


def _flatten(layer: Layer, shapes: Shapes) -> Described:
    parameters, shape = layer.parameter("flatten_param"), shapes[0]
    axis = parameters.number("axis", 1)
    given = None if shape is None else (*shape[:axis], times(shape[axis:]))
    if parameters.number("end_axis", -1) != -1:
        given = None
    return Described(template="FLATTEN", attributes=settings(parameters), outputs=[given])


def _reshape(layer: Layer, shapes: Shapes) -> Described:
    parameters, shape = layer.parameter("reshape_param"), shapes[0]
    wanted = parameters.first("shape").numbers("dim")
    given = None
    if shape is not None and wanted and not {"axis", "num_axes"} & set(parameters.fields):
        taken = [shape[at] if each == 0 else each for at, each in enumerate(wanted)]
        whole = times(shape)
        rest = times([each for each in taken if each != -1])
        if -1 not in taken:
            given = tuple(taken)
        elif isinstance(whole, int) and isinstance(rest, int):
            given = tuple(whole // rest if each == -1 else each for each in taken)
    return Described(
        template="FLATTEN", kind="RESHAPE", attributes={"shape": wanted}, outputs=[given]
    )


def _slice(layer: Layer, shapes: Shapes) -> Described:
    parameters, shape = layer.parameter("slice_param"), shapes[0]
    axis = parameters.number("axis", parameters.number("slice_dim", CHANNELS))
    points, count = parameters.numbers("slice_point"), len(layer.tops)
    outputs: Shapes = []
    whole = None if shape is None else shape[axis]
    if shape is not None and isinstance(whole, int):
        ends = [*points, whole] if points else [whole * (n + 1) // count for n in range(count)]
        sizes = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
        place = axis % len(shape)
        outputs = [(*shape[:place], size, *shape[place + 1 :]) for size in sizes if size > 0]
    return Described(template="OP", kind="Slice", attributes=settings(parameters), outputs=outputs)


def _same(template: str, kind: str | None = None, parameters: str = "") -> "_Rule":
    """A layer whose tops are shaped as its first bottom."""

    def rule(layer: Layer, shapes: Shapes) -> Described:
        found = settings(layer.parameter(parameters))
        if layer.type == "LRN":
            found = {"size": found.pop("local_size", 5), **found}
        if layer.type == "Dropout":
            found.setdefault("dropout_ratio", 0.5)
        outputs = [shapes[0]] * len(layer.tops)
        return Described(template=template, kind=kind, attributes=found, outputs=outputs)

    return rule


def _loss(layer: Layer, _: Shapes) -> Described:
    return Described(template="OP", kind=layer.type, outputs=[()])


_Rule: TypeAlias = Callable[[Layer, Shapes], Described]
_RULES: Mapping[str, _Rule] = {
    "Convolution": _convolution,
    "Deconvolution": _deconvolution,
    "Pooling": _pooling,
    "InnerProduct": _inner_product,
    "Embed": _embed,
    "BatchNorm": _batch_norm,
    "Scale": _scale,
    "Bias": _bias,
    "PReLU": _prelu,
    "Eltwise": _eltwise,
    "Concat": _concat,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Slice": _slice,
    "ReLU": _same("RELU", parameters="relu_param"),
    "ELU": _same("RELU", "ELU", "elu_param"),
    "Sigmoid": _same("SIGMOID"),
    "TanH": _same("TANH"),
    "Swish": _same("SILU", parameters="swish_param"),
    "Softmax": _same("SOFTMAX", parameters="softmax_param"),
    "LRN": _same("LRN", parameters="lrn_param"),
    "Dropout": _same("DROPOUT", parameters="dropout_param"),
    "MVN": _same("NORM", "INSTANCE", "mvn_param"),
    "Split": _same("OP", "Split"),
    "AbsVal": _same("OP", "AbsVal"),
    "BNLL": _same("OP", "BNLL"),
    "Exp": _same("OP", "Exp", "exp_param"),
    "Log": _same("OP", "Log", "log_param"),
    "Power": _same("OP", "Power", "power_param"),
    "Threshold": _same("OP", "Threshold", "threshold_param"),
} | dict.fromkeys(
    (
        *("Accuracy", "SoftmaxWithLoss", "EuclideanLoss", "HingeLoss", "ContrastiveLoss"),
        *("SigmoidCrossEntropyLoss", "InfogainLoss", "MultinomialLogisticLoss"),
    ),
    _loss,
)
