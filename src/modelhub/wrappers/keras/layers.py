"""What each class of Keras' layers is: template, variables, and the shape of what it gives."""

from collections.abc import Sequence
from string import ascii_uppercase

from modelhub.network import BUFFER, Attribute, Extent, times
from modelhub.wrappers.keras.parts import Part
from modelhub.wrappers.keras.rules import (
    Described,
    MaybeShape,
    Read,
    Rule,
    Variable,
    complete,
    known,
    weight_shape,
)
from modelhub.wrappers.keras.sequences import SEQUENCES, wrapped
from modelhub.wrappers.keras.windows import WINDOWS

MAX_DEPTH = 16  # of layers inside layers
WRAPPERS = frozenset({"TimeDistributed", "Bidirectional", "SpectralNormalization"})
_RANDOM = {
    *("RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast"),
    *("RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur"),
    *("RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization"),
    *("RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation"),
    *("RandomZoom", "AutoContrast", "Equalization", "Solarization"),
}
_DROPOUT = {
    *("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
    *("AlphaDropout", "GaussianDropout"),
}
# Those that take the argument `training`, and obey it.
MODED = {
    *_RANDOM,
    *_DROPOUT,
    *WRAPPERS,
    *("BatchNormalization", "GaussianNoise", "LSTM", "GRU", "SimpleRNN", "RNN", "RandomCrop"),
    *("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "MultiHeadAttention", "GroupQueryAttention"),
    *("GroupedQueryAttention", "Attention", "AdditiveAttention"),
}


def described(layer: Part, read: Read, depth: int = 0) -> Described:
    """What a layer is, for what it reads; CUSTOM if its class is not known."""
    if not layer.is_own or depth > MAX_DEPTH:
        return Described(template="CUSTOM", kind=layer.class_name, is_known=False)
    wrappers = wrapped(lambda inner, inside: described(inner, inside, depth + 1))
    rule = RULES.get(layer.class_name) or wrappers.get(layer.class_name)
    if rule is None:
        return Described(template="CUSTOM", kind=layer.class_name, is_known=False)
    try:
        return rule(layer, read)
    except (IndexError, ValueError, TypeError, ZeroDivisionError):  # settings that do not fit
        return Described(template="CUSTOM", kind=layer.class_name, is_known=False)


def _dense(layer: Part, read: Read) -> Described:
    units, shape = layer.number("units"), read.first
    inputs = shape[-1] if shape else None
    variables = [Variable(name="kernel", shape=weight_shape(inputs, units))]
    if layer.flag("use_bias", otherwise=True):
        variables.append(Variable(name="bias", shape=weight_shape(units)))
    return Described(
        template="FULL",
        attributes=known(in_features=inputs),
        variables=variables,
        outputs=[None if shape is None else (*shape[:-1], units)],
    )


def _einsum_dense(layer: Part, read: Read) -> Described:
    """A product by an equation, `abc,cd->abd`, or `...c,cd->...d`."""
    shape, wanted = read.first, layer.config.get("output_shape")
    equation = _spelt(layer.text("equation").replace(" ", ""), shape)
    left, _, given = equation.partition("->")
    inputs, _, kernel = left.partition(",")
    sizes = wanted if isinstance(wanted, list) else [wanted]
    extents: dict[str, Extent | None] = {}
    outputs: MaybeShape = None
    if "." not in equation and shape is not None and len(shape) == len(inputs):
        extents = dict(zip(inputs, shape, strict=True))
        first = len(given) - len(sizes) if layer.text("equation").startswith("...") else 1
        named = zip(given[first:], sizes, strict=False)
        extents |= {letter: size for letter, size in named if type(size) is int}
        outputs = complete(*(extents.get(letter) for letter in given))
    axes = layer.text("bias_axes")
    variables = [Variable(name="kernel", shape=_of(extents, kernel))]
    if axes:
        first = min(given.index(letter) for letter in axes)
        bias = [extents.get(each) if each in axes else 1 for each in given[first:]]
        variables.append(Variable(name="bias", shape=weight_shape(*bias)))
    return Described(template="FULL", kind="EINSUM", variables=variables, outputs=[outputs])


def _spelt(equation: str, shape: MaybeShape) -> str:
    """An equation with a letter for each axis that `...` stands for."""
    inputs = equation.partition(",")[0]
    free = [letter for letter in ascii_uppercase if letter not in equation]
    count = 0 if shape is None else len(shape) - len(inputs.replace("...", ""))
    if shape is None or not 0 <= count <= len(free):
        return equation
    return equation.replace("...", "".join(free[:count]))


def _of(extents: dict[str, Extent | None], letters: str) -> MaybeShape:
    return weight_shape(*(extents.get(letter) for letter in letters))


def _embedding(layer: Part, read: Read) -> Described:
    entries, features = layer.number("input_dim"), layer.number("output_dim")
    shape = read.first
    return Described(
        template="EMBED",
        variables=[Variable(name="embeddings", shape=(entries, features))],
        outputs=[None if shape is None else (*shape, features)],
    )


def _batch_norm(layer: Part, read: Read) -> Described:
    size = _axes(read.first, [layer.number("axis", -1)])
    wanted = [("gamma", layer.flag("scale", otherwise=True))]
    wanted.append(("beta", layer.flag("center", otherwise=True)))
    variables = [Variable(name=name, shape=size) for name, is_there in wanted if is_there]
    kept = ["moving_mean", "moving_variance"]
    if layer.flag("renorm"):
        kept += ["moving_stddev", "renorm_mean", "renorm_stddev"]
    variables += [Variable(name=name, shape=size, kind=BUFFER) for name in kept]
    return _norm("BATCH", read, variables, size)


def _layer_norm(layer: Part, read: Read) -> Described:
    axis = layer.config.get("axis", -1)
    axes = [each for each in (axis if isinstance(axis, list) else [axis]) if type(each) is int]
    size = _axes(read.first, axes)
    if layer.class_name == "RMSNormalization":
        return _norm("RMS", read, [Variable(name="scale", shape=size)], size)
    is_rms = layer.flag("rms_scaling")
    variables = []
    if layer.flag("scale", otherwise=True) or is_rms:
        variables.append(Variable(name="gamma", shape=size))
    if layer.flag("center", otherwise=True) and not is_rms:
        variables.append(Variable(name="beta", shape=size))
    return _norm("RMS" if is_rms else "LAYER", read, variables, size)


def _group_norm(layer: Part, read: Read) -> Described:
    size = _axes(read.first, [layer.number("axis", -1)])
    wanted = [("gamma", "scale"), ("beta", "center")]
    variables = [
        Variable(name=name, shape=size) for name, key in wanted if layer.flag(key, otherwise=True)
    ]
    return _norm("GROUP", read, variables, size)


def _axes(shape: MaybeShape, axes: Sequence[int]) -> MaybeShape:
    return None if shape is None else weight_shape(*(shape[axis] for axis in sorted(axes)))


def _norm(kind: str, read: Read, variables: Sequence[Variable], size: MaybeShape) -> Described:
    attributes: dict[str, Attribute] = {}
    if size is not None:
        attributes["num_features"] = size[0] if len(size) == 1 else list(size)
    return Described(
        template="NORM",
        kind=kind,
        attributes=attributes,
        variables=variables,
        outputs=[read.first],
    )


def _prelu(layer: Part, read: Read) -> Described:
    shape, shared = read.first, layer.config.get("shared_axes")
    size = None
    if shape is not None:
        ones = {each - 1 for each in shared} if isinstance(shared, list) else set()
        size = weight_shape(*(1 if i in ones else e for i, e in enumerate(shape[1:])))
    variables = [Variable(name="alpha", shape=size)]
    return Described(template="RELU", kind="PRELU", variables=variables, outputs=[shape])


ACTIVATIONS: dict[str, tuple[str, str | None]] = {
    "relu": ("RELU", None),
    "relu6": ("RELU", "6"),
    "leaky_relu": ("RELU", "LEAKY"),
    "elu": ("RELU", "ELU"),
    "selu": ("RELU", "SELU"),
    "celu": ("RELU", "CELU"),
    "gelu": ("GELU", None),
    "silu": ("SILU", None),
    "swish": ("SILU", None),
    "tanh": ("TANH", None),
    "sigmoid": ("SIGMOID", None),
    "softmax": ("SOFTMAX", None),
    "log_softmax": ("SOFTMAX", "LOG"),
    "hard_sigmoid": ("HARDSIGMOID", None),
    "hard_silu": ("HARDSWISH", None),
    "hard_swish": ("HARDSWISH", None),
}


def _activation(layer: Part, read: Read) -> Described:
    name = layer.text("activation")
    template, kind = ACTIVATIONS.get(name, ("OP", name or "Activation"))
    return Described(template=template, kind=kind, outputs=[read.first])


def _same(template: str, kind: str | None = None, *, keeps: bool = False) -> Rule:
    """A layer that gives what is shaped as what it reads."""

    def rule(layer: Part, read: Read) -> Described:
        said = layer.class_name if template == "OP" else kind
        dtype = None if keeps else ""
        return Described(template=template, kind=said, outputs=[read.first], dtype=dtype)

    return rule


def _flatten(layer: Part, read: Read) -> Described:
    del layer
    shape = read.first
    given = None if shape is None else (shape[0], times(shape[1:]))
    return Described(template="FLATTEN", outputs=[given], dtype=None)


def _reshape(layer: Part, read: Read) -> Described:
    shape, wanted = read.first, layer.config.get("target_shape")
    given = None
    if shape is not None and isinstance(wanted, list):
        given = complete(shape[0], *reshaped(shape[1:], wanted))
    return Described(template="FLATTEN", kind="RESHAPE", outputs=[given], dtype=None)


def reshaped(shape: Sequence[Extent], wanted: Sequence[object]) -> list[Extent | None]:
    """The extents that are asked for; the one that is -1 takes what is left."""
    found = [each if isinstance(each, int | str) else -1 for each in wanted]
    numbers = [each for each in found if each != -1]
    if len(numbers) < len(found) - 1:
        return [None]
    whole, rest = times(shape), times(numbers)
    left: Extent | None = None
    if isinstance(whole, int) and isinstance(rest, int):
        left = whole // rest
    elif len(numbers) < len(found):
        left = f"({whole})//({rest})"
    return [left if each == -1 else each for each in found]


def _permute(layer: Part, read: Read) -> Described:
    shape, dims = read.first, layer.config.get("dims")
    given = None
    if shape is not None and isinstance(dims, list):
        given = (shape[0], *(shape[each] for each in dims))
    return Described(template="OP", kind="Permute", outputs=[given], dtype=None)


def _repeat(layer: Part, read: Read) -> Described:
    shape = read.first
    given = None if shape is None else (shape[0], layer.number("n", 1), *shape[1:])
    return Described(template="OP", kind="RepeatVector", outputs=[given], dtype=None)


def broadcast(shapes: Sequence[MaybeShape]) -> MaybeShape:
    """The shape of an operation on elements of several."""
    known_ones = [shape for shape in shapes if shape is not None]
    if not known_ones or len(known_ones) < len(shapes):
        return None
    rank = max(map(len, known_ones))
    rows = [(1,) * (rank - len(shape)) + tuple(shape) for shape in known_ones]
    return tuple(next((e for e in axis if e != 1), 1) for axis in zip(*rows, strict=True))


def _merge(template: str) -> Rule:
    def rule(layer: Part, read: Read) -> Described:
        kind = layer.class_name if template == "OP" else None
        return Described(template=template, kind=kind, outputs=[broadcast(read.places)])

    return rule


def joined(shapes: Sequence[MaybeShape], axis: int) -> MaybeShape:
    """The shape of several put together along an axis."""
    rows = [shape for shape in shapes if shape is not None]
    if not rows or len(rows) < len(shapes):
        return None
    place = axis % len(rows[0])
    extents = [shape[place] for shape in rows]
    whole: Extent = sum(each for each in extents if isinstance(each, int))
    words = [each for each in extents if isinstance(each, str)]
    if words:
        whole = " + ".join([*words, *([str(whole)] if whole else [])])
    return (*rows[0][:place], whole, *rows[0][place + 1 :])


def _concatenate(layer: Part, read: Read) -> Described:
    given = joined(read.places, layer.number("axis", -1))
    return Described(template="CONCAT", outputs=[given], dtype=None)


def _dot(layer: Part, read: Read) -> Described:
    axes = layer.numbers("axes", 2)
    one, other = [*read.places, None, None][:2]
    given = None
    if one is not None and other is not None:
        left = [e for i, e in enumerate(one) if i != axes[0] % len(one)]
        right = [e for i, e in enumerate(other) if i not in {0, axes[1] % len(other)}]
        given = (*left, *right) if len(left) + len(right) > 1 else (*left, 1)
    return Described(template="MATMUL", outputs=[given])


def _normalization(layer: Part, read: Read) -> Described:
    """Means and variances that were adapted to data; none if they are settings."""
    shape, axis = read.first, layer.config.get("axis", -1)
    variables = []
    if layer.config.get("mean") is None and layer.config.get("input_mean") is None:
        axes = axis if isinstance(axis, list) else [] if axis is None else [axis]
        size = None if shape is None else weight_shape(*(shape[each] for each in axes))
        variables = [Variable(name=name, shape=size, kind=BUFFER) for name in ("mean", "variance")]
        variables.append(Variable(name="count", shape=(), kind=BUFFER, dtype="int32"))
    return Described(template="NORM", kind="DATA", variables=variables, outputs=[shape])


def _encoding(layer: Part, read: Read) -> Described:
    count, shape = layer.number("num_tokens"), read.first
    given = None
    if shape is not None and layer.text("output_mode", "multi_hot") in {"multi_hot", "count"}:
        given = (*shape[:-1], count)
    return Described(template="OP", kind="CategoryEncoding", outputs=[given])


RULES: dict[str, Rule] = {
    **WINDOWS,
    **SEQUENCES,
    "Dense": _dense,
    "EinsumDense": _einsum_dense,
    "Embedding": _embedding,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "RMSNormalization": _layer_norm,
    "GroupNormalization": _group_norm,
    "UnitNormalization": _same("NORM", "UNIT"),
    "Normalization": _normalization,
    "Activation": _activation,
    "ReLU": _same("RELU"),
    "LeakyReLU": _same("RELU", "LEAKY"),
    "ELU": _same("RELU", "ELU"),
    "PReLU": _prelu,
    "Softmax": _same("SOFTMAX"),
    **dict.fromkeys(_DROPOUT, _same("DROPOUT")),
    **dict.fromkeys(_RANDOM, _same("OP")),
    **dict.fromkeys(("GaussianNoise", "ActivityRegularization", "Rescaling"), _same("OP")),
    **dict.fromkeys(("Identity", "Masking"), _same("OP", keeps=True)),
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "RepeatVector": _repeat,
    "Add": _merge("ADD"),
    "Subtract": _merge("SUB"),
    "Multiply": _merge("MUL"),
    **dict.fromkeys(("Average", "Maximum", "Minimum"), _merge("OP")),
    "Concatenate": _concatenate,
    "Dot": _dot,
    "CategoryEncoding": _encoding,
}
