"""Keras' layers over sequences: recurrent ones, attention, and the wrappers of layers."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from modelhub.network import SymbolicShape, window_extent
from modelhub.wrappers.keras.parts import ConfigError, Part, part_of
from modelhub.wrappers.keras.rules import (
    Described,
    MaybeShape,
    Read,
    Rule,
    Variable,
    channels,
    complete,
    is_last,
    known,
    weight_shape,
)

_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
_CELLS = {f"{name}Cell": name for name in _GATES}
_KINDS = {"LSTM": "LSTM", "GRU": "GRU", "SimpleRNN": "RNN"}
_NAMES = {"LSTM": "lstm_cell", "GRU": "gru_cell", "SimpleRNN": "simple_rnn_cell"}
_SEQUENCE = 3  # axes: batch, time, features
MAX_DEPTH = 16

Describe = Callable[[Part, Read], Described]


def _cell(kind: str, cell: Part, inputs: MaybeShape, prefix: str) -> list[Variable]:
    """The variables of a cell; those of a GRU's bias are two where it resets after."""
    units, gates = cell.number("units"), _GATES[kind]
    features = inputs[-1] if inputs else None
    found = [
        Variable(name=f"{prefix}/kernel", shape=weight_shape(features, gates * units)),
        Variable(name=f"{prefix}/recurrent_kernel", shape=weight_shape(units, gates * units)),
    ]
    if cell.flag("use_bias", otherwise=True):
        twice = [2] if kind == "GRU" and cell.flag("reset_after", otherwise=True) else []
        found.append(Variable(name=f"{prefix}/bias", shape=weight_shape(*twice, gates * units)))
    return found


def recurrent(layer: Part, read: Read) -> Described:
    """A layer of one cell; gives a sequence or its end, and its states if it is asked to."""
    kind, shape = layer.class_name, read.first
    units = layer.number("units")
    states = [units] * (2 if kind == "LSTM" else 1)
    return Described(
        template="RNN",
        kind=_KINDS[kind],
        variables=_cell(kind, layer, shape, _NAMES[kind]),
        outputs=_sequence(layer, shape, units, states),
    )


def _sequence(
    layer: Part, shape: MaybeShape, units: int, states: Sequence[int]
) -> Sequence[MaybeShape]:
    if shape is None or len(shape) != _SEQUENCE:
        return [None] * (1 + len(states) * layer.flag("return_state"))
    kept = shape[:2] if layer.flag("return_sequences") else shape[:1]
    more = [(shape[0], size) for size in states] if layer.flag("return_state") else []
    return [(*kept, units), *more]


def of_cells(layer: Part, read: Read) -> Described:
    """A layer of any cell, or of several on top of one another."""
    cell = layer.inner("cell")
    cells = _stacked(cell) if cell is not None else []
    if cell is None or any(each.class_name not in _CELLS for each in cells) or not cells:
        return Described(template="CUSTOM", kind=layer.class_name, is_known=False)
    variables: list[Variable] = []
    shape, sizes = read.first, []
    above = "" if cell.class_name in _CELLS else f"{cell.name}/"
    for each in cells:
        kind, units = _CELLS[each.class_name], each.number("units")
        variables += _cell(kind, each, shape, f"{above}{each.name}")
        sizes += [units] * (2 if kind == "LSTM" else 1)
        shape = (units,)
    units = cells[-1].number("units")
    return Described(
        template="RNN",
        kind=_KINDS[_CELLS[cells[-1].class_name]],
        attributes=known(hidden_size=units),
        variables=variables,
        outputs=_sequence(layer, read.first, units, sizes),
    )


def _stacked(cell: Part) -> list[Part]:
    if cell.class_name != "StackedRNNCells":
        return [cell]
    found = cell.config.get("cells")
    return [part_of(each) for each in found] if isinstance(found, list) else []


def convolutional(layer: Part, read: Read) -> Described:
    """An LSTM whose products are convolutions."""
    rank = int(layer.class_name[len("ConvLSTM")])
    filters, size = layer.number("filters"), layer.numbers("kernel_size", rank)
    shape = read.first
    step = shape if shape is None else (shape[0], *shape[2:])
    inputs = channels(layer, step)
    cell = "conv_lstm_cell"
    variables = [
        Variable(name=f"{cell}/kernel", shape=weight_shape(*size, inputs, 4 * filters)),
        Variable(name=f"{cell}/recurrent_kernel", shape=weight_shape(*size, filters, 4 * filters)),
    ]
    if layer.flag("use_bias", otherwise=True):
        variables.append(Variable(name=f"{cell}/bias", shape=weight_shape(4 * filters)))
    given = None
    if shape is not None and len(shape) == rank + _SEQUENCE and not layer.flag("return_state"):
        given = _convolved(layer, shape, rank, filters, size)
    return Described(
        template="RNN",
        kind="LSTM",
        attributes=known(in_channels=inputs),
        variables=variables,
        outputs=[given],
    )


def _convolved(
    layer: Part, shape: SymbolicShape, rank: int, filters: int, size: list[int]
) -> MaybeShape:
    axes = shape[2:-1] if is_last(layer) else shape[3:]
    strides, dilations = layer.numbers("strides", rank), layer.numbers("dilation_rate", rank)
    is_same = layer.text("padding", "valid") == "same"
    extents = [
        window_extent(extent, 1 if is_same else k, stride=s, dilation=d)
        for extent, k, s, d in zip(axes, size, strides, dilations, strict=True)
    ]
    ends = [*extents, filters] if is_last(layer) else [filters, *extents]
    return complete(*(shape[:2] if layer.flag("return_sequences") else shape[:1]), *ends)


def attention(layer: Part, read: Read) -> Described:
    """Heads over query, value and key; each projection is a layer of its own inside."""
    query, value = read.argument(0, "query"), read.argument(1, "value")
    key = read.argument(2, "key") or value
    is_grouped = layer.class_name != "MultiHeadAttention"
    heads = layer.number("num_query_heads" if is_grouped else "num_heads")
    fewer = layer.number("num_key_value_heads") if is_grouped else heads
    size = layer.number("head_dim" if is_grouped else "key_dim")
    width = size if is_grouped else layer.number("value_dim", size)
    wanted = layer.config.get("output_shape")
    ends = _ends(wanted, query)
    parts = [
        ("query", query, [heads, size], [heads, size]),
        ("key", key, [fewer, size], [fewer, size]),
        *([("gate", query, [heads, width], [heads, width])] if layer.flag("use_gate") else []),
        ("value", value, [fewer, width], [fewer, width]),
    ]
    variables = []
    for name, shape, kernel, bias in parts:
        features = shape[-1] if shape else None
        variables += _projection(layer, name, [features, *kernel], bias)
    variables += _projection(layer, "attention_output", [heads, width, *ends], ends)
    shape = None if query is None else complete(*query[:-1], *ends)
    scores = layer.flag("return_attention_scores")
    return Described(
        template="ATTENTION",
        attributes=known(num_heads=heads) if is_grouped else {},
        variables=variables,
        outputs=[None, None] if scores else [shape],
    )


def _ends(wanted: object, query: MaybeShape) -> list[int | str | None]:
    if type(wanted) is int:
        return [wanted]
    if isinstance(wanted, list) and wanted and all(type(each) is int for each in wanted):
        return list(wanted)
    return [query[-1] if query else None]


def _projection(
    layer: Part, name: str, kernel: Sequence[int | str | None], bias: Sequence[int | str | None]
) -> list[Variable]:
    found = [Variable(name=f"{name}/kernel", shape=weight_shape(*kernel))]
    if layer.flag("use_bias", otherwise=True):
        found.append(Variable(name=f"{name}/bias", shape=weight_shape(*bias)))
    return found


def plain_attention(layer: Part, read: Read) -> Described:
    """Attention without projections; `AdditiveAttention` has a scale for each feature."""
    query, value = read.argument(0, "query"), read.argument(1, "value")
    variables = []
    if layer.class_name == "AdditiveAttention":
        if layer.flag("use_scale", otherwise=True):
            features = query[-1] if query else None
            variables.append(Variable(name="scale", shape=weight_shape(features)))
    else:
        if layer.flag("use_scale"):
            variables.append(Variable(name="scale", shape=()))
        if layer.text("score_mode") == "concat":
            variables.append(Variable(name="concat_score_weight", shape=()))
    given = complete(*query[:-1], value[-1]) if query and value else None
    return Described(template="ATTENTION", variables=variables, outputs=[given])


def wrapped(describe: Describe) -> dict[str, Rule]:
    """The rules of layers that hold layers.

    Args:
        describe: what any layer is.
    """

    def time_distributed(layer: Part, read: Read) -> Described:
        """The layer inside, once for each step."""
        inner, shape = layer.inner("layer"), read.first
        if inner is None:
            raise ConfigError("a TimeDistributed layer has no layer inside")
        step = None if shape is None else (shape[0], *shape[2:])
        found = describe(inner, Read(places=[step]))
        outputs = [
            None if each is None or shape is None else (shape[0], shape[1], *each[1:])
            for each in found.outputs
        ]
        return replace(found, variables=_below(inner.name, found), outputs=outputs)

    def bidirectional(layer: Part, read: Read) -> Described:
        """The layer inside, forwards and backwards."""
        forward, backward = layer.inner("layer"), layer.inner("backward_layer")
        if forward is None:
            raise ConfigError("a Bidirectional layer has no layer inside")
        one = describe(forward, read)
        other = one if backward is None else describe(backward, read)
        names = _directions(forward, backward)
        outputs = list(one.outputs)
        merge = layer.config.get("merge_mode", "concat")
        first = outputs[0]
        if merge == "concat" and first is not None and isinstance(first[-1], int):
            outputs[0] = (*first[:-1], 2 * first[-1])
        head = [first, first] if merge is None else outputs[:1]
        return replace(
            one,
            attributes={**one.attributes, **known(hidden_size=forward.number("units"))},
            variables=[*_below(names[0], one), *_below(names[1], other)],
            outputs=[*head, *outputs[1:], *outputs[1:]],
        )

    def normalized(layer: Part, read: Read) -> Described:
        """The layer inside, its kernel divided by its largest singular value."""
        inner = layer.inner("layer")
        if inner is None:
            raise ConfigError("a SpectralNormalization layer has no layer inside")
        found = describe(inner, read)
        last = next((v.shape[-1] for v in found.variables if v.shape), None)
        more = Variable(name="vector_u", shape=weight_shape(1, last), kind="buffer")
        return replace(found, variables=[*_below(inner.name, found), more])

    return {
        "TimeDistributed": time_distributed,
        "Bidirectional": bidirectional,
        "SpectralNormalization": normalized,
    }


def _directions(forward: Part, backward: Part | None) -> tuple[str, str]:
    if backward is not None:
        return forward.name, backward.name
    return f"forward_{forward.name}", f"backward_{forward.name}"


def _below(name: str, found: Described) -> list[Variable]:
    return [replace(each, name=f"{name}/{each.name}") for each in found.variables]


SEQUENCES: dict[str, Rule] = {
    **dict.fromkeys(_GATES, recurrent),
    "RNN": of_cells,
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), convolutional),
    **dict.fromkeys(
        ("MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention"), attention
    ),
    **dict.fromkeys(("Attention", "AdditiveAttention"), plain_attention),
}
