"""The messages of ONNX: where the tensors of a model stand in its graphs, nodes and functions.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from collections.abc import Iterator
from math import prod
from typing import TypeAlias

from modelhub.recipes.layout import MAX_TEXT, MAX_VALUES, bounded
from modelhub.recipes.mapped import Buffer, text
from modelhub.recipes.protobuf import LENGTH, VARINT, Field, WireError, fields, integers
from modelhub.values import Scalar, Shape

MAX_PATH = 4096
MAX_DEPTH = 100  # messages in messages, as the reference implementation of protocol buffers
MAX_RANK = 64
MAX_TENSORS = 250_000
MAX_OWNER = 200  # characters of a name that any number of tensors may inherit

DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    14: "complex64",
    15: "complex128",
    16: "bfloat16",
    17: "float8_e4m3fn",
    18: "float8_e4m3fnuz",
    19: "float8_e5m2",
    20: "float8_e5m2fnuz",
    24: "float8_e8m0fnu",
}
# Elements of these take less than a byte: the name, and the bits of one.
PACKED = {
    21: ("UINT4", 4),
    22: ("INT4", 4),
    23: ("FLOAT4E2M1", 4),
    25: ("UINT2", 2),
    26: ("INT2", 2),
    27: ("FLOAT6E2M3", 6),
    28: ("FLOAT6E3M2", 6),
}
_STRING = 8
# TensorProto: the fields that hold elements. Those named here hold them as they lie in memory.
_RAW, _FLOATS, _DOUBLES = 9, 4, 10
_DATA_TYPE, _DATA_LOCATION = 2, 14
_DATA = frozenset({3, _FLOATS, 5, 6, 7, _RAW, _DOUBLES, 11})
_IN_FLOATS, _IN_DOUBLES = frozenset({1, 14}), frozenset({11, 15})
_ENTRIES = frozenset({"location", "offset", "length"})  # of external data
# ModelProto: what is told of a model.
_TEXTS = {2: "producer_name", 3: "producer_version", 4: "domain"}
_NUMBERS = {1: "ir_version", 5: "model_version"}


def element_type(code: int) -> str:
    """The name of an element type by its code, `string` included; empty if there is none."""
    if code in PACKED:
        return f"opaque:onnx.{PACKED[code][0]}"
    return "string" if code == _STRING else DTYPES.get(code, "")


class TensorMessage:
    """What a TensorProto says of itself."""

    __slots__ = ("code", "data", "entries", "extents", "is_external", "name")

    def __init__(self) -> None:
        self.name = ""
        self.code = 0
        self.extents: list[int] = []
        self.data: list[Field] = []
        self.is_external = False
        self.entries: dict[str, str] = {}

    def hold(self, field: Field) -> None:
        """Add a field with elements; two tell as much as a million, namely that they are apart."""
        if field.begin < field.end and len(self.data) < 2:  # noqa: PLR2004 - see above
            self.data.append(field)

    def stored(self) -> tuple[str, Shape] | None:
        """Dtype and shape as we store them; None if there is no such tensor."""
        if len(self.extents) > MAX_RANK or any(extent < 0 for extent in self.extents):
            return None
        if self.code in DTYPES:
            return DTYPES[self.code], tuple(self.extents)
        if self.code in PACKED:
            name, bits = PACKED[self.code]
            return f"opaque:onnx.{name}", (-(-prod(self.extents) * bits // 8),)
        return None

    def elements(self) -> tuple[int, int] | None:
        """Where the elements lie, as in memory; None if they stand as numbers of other widths."""
        if not self.data:
            return 0, 0
        field = self.data[0]
        holds = (
            field.number == _RAW
            or (field.number == _FLOATS and self.code in _IN_FLOATS)
            or (field.number == _DOUBLES and self.code in _IN_DOUBLES)
        )
        if len(self.data) > 1 or field.wire_type != LENGTH or not holds:
            return None
        return field.begin, field.end


# The messages. Each function yields the tensors of one, and the messages inside it to go on with,
# so that a model may be nested without a call in a call.
_Step: TypeAlias = "TensorMessage | Iterator[_Step]"


def require_graph(buffer: Buffer) -> None:
    """Check that bytes are a model.

    Raises:
        WireError: they are no message, or have no graph.
    """
    if not any(_is(field, 7) for field in fields(buffer, 0, len(buffer))):
        raise WireError("it has no graph")


def _is(field: Field, *numbers: int) -> bool:
    """Whether a field is one of these messages or strings; others are unknown and skipped."""
    return field.wire_type == LENGTH and field.number in numbers


def tensor_messages(buffer: Buffer) -> Iterator[TensorMessage]:
    """All tensors of a model, in the order of the file.

    Raises:
        WireError: a message is damaged, or lies in more than `MAX_DEPTH` others, or there are
            more than `MAX_TENSORS` tensors.
    """
    open_messages: list[Iterator[_Step]] = [_in_model(buffer)]
    count = 0
    while open_messages:
        step = next(open_messages[-1], None)
        if step is None:
            open_messages.pop()
        elif not isinstance(step, TensorMessage):
            if len(open_messages) == MAX_DEPTH:
                raise WireError(f"its messages are nested more than {MAX_DEPTH} deep")
            open_messages.append(step)
        elif count == MAX_TENSORS:
            raise WireError(f"it has more than {MAX_TENSORS:,} tensors")
        else:
            count += 1
            yield step


def _in_model(buffer: Buffer) -> Iterator[_Step]:
    for field in fields(buffer, 0, len(buffer)):
        if _is(field, 7):  # graph
            yield _in_graph(buffer, field)
        elif _is(field, 20):  # training_info
            yield _in_training(buffer, field)
        elif _is(field, 25):  # functions
            yield _in_function(buffer, field)


def _in_training(buffer: Buffer, message: Field) -> Iterator[_Step]:
    for field in fields(buffer, message.begin, message.end):
        if _is(field, 1, 2):  # initialization, algorithm
            yield _in_graph(buffer, field)


def _in_function(buffer: Buffer, message: Field) -> Iterator[_Step]:
    name = _first_text(buffer, message, 1)[:MAX_OWNER]
    for field in fields(buffer, message.begin, message.end):
        if _is(field, 7):  # node
            yield _in_node(buffer, field)
        elif _is(field, 11):  # attribute_proto
            yield _in_attribute(buffer, field, name, is_value=False)


def _in_graph(buffer: Buffer, message: Field) -> Iterator[_Step]:
    for field in fields(buffer, message.begin, message.end):
        if _is(field, 1):  # node
            yield _in_node(buffer, field)
        elif _is(field, 5):  # initializer
            yield tensor_message(buffer, field, "")
        elif _is(field, 15):  # sparse_initializer
            yield _in_sparse(buffer, field, "")


def _in_node(buffer: Buffer, message: Field) -> Iterator[_Step]:
    name = (_first_text(buffer, message, 2) or _first_text(buffer, message, 3))[:MAX_OWNER]
    is_constant = _first_text(buffer, message, 4) == "Constant"
    for field in fields(buffer, message.begin, message.end):
        if _is(field, 5):  # attribute
            yield _in_attribute(buffer, field, name, is_value=is_constant)


def _in_attribute(buffer: Buffer, message: Field, owner: str, *, is_value: bool) -> Iterator[_Step]:
    """Tensors here are called like their owner if they are its value, else after the attribute."""
    name = owner
    if not is_value:
        name = f"{owner}.{_first_text(buffer, message, 1)[:MAX_OWNER]}"
    for field in fields(buffer, message.begin, message.end):
        if _is(field, 5, 10):  # t, tensors
            yield tensor_message(buffer, field, name)
        elif _is(field, 6, 11):  # g, graphs
            yield _in_graph(buffer, field)
        elif _is(field, 22, 23):  # sparse_tensor, sparse_tensors
            yield _in_sparse(buffer, field, name)


def _in_sparse(buffer: Buffer, message: Field, name: str) -> Iterator[_Step]:
    """A sparse tensor is two dense ones; it is called like the one that holds the values."""
    values = _first(buffer, message, 1)
    if not name and values is not None:
        name = _first_text(buffer, values, 8)[:MAX_OWNER]
    for field in fields(buffer, message.begin, message.end):
        if _is(field, 1):  # values
            yield tensor_message(buffer, field, name)
        elif _is(field, 2):  # indices
            yield tensor_message(buffer, field, f"{name}.indices")


def tensor_message(buffer: Buffer, message: Field, name: str) -> TensorMessage:
    """A tensor, called by the name that it is given, else by its own."""
    tensor, own = TensorMessage(), ""
    entries: dict[str, str] = {}
    for field in fields(buffer, message.begin, message.end):
        if field.number == 1:  # dims
            tensor.extents += integers(buffer, field, MAX_RANK + 1 - len(tensor.extents))
        elif field.number == _DATA_TYPE:
            tensor.code = field.value
        elif _is(field, 8):  # name
            own = text(buffer, field.begin, field.end, MAX_TEXT)
        elif field.number in _DATA:
            tensor.hold(field)
        elif _is(field, 13):  # external_data
            key, value = _entry(buffer, field)
            if key in _ENTRIES:
                entries[key] = value
        elif field.number == _DATA_LOCATION:
            tensor.is_external = field.value == 1
    tensor.name = name or own or "unnamed"
    tensor.entries = entries
    return tensor


def _entry(buffer: Buffer, message: Field) -> tuple[str, str]:
    """A StringStringEntryProto; its value may be as long as a path, and one character more."""
    value = _first(buffer, message, 2)
    found = "" if value is None else text(buffer, value.begin, value.end, MAX_PATH + 1)
    return _first_text(buffer, message, 1), found


def values_of(buffer: Buffer) -> dict[str, Scalar]:
    """What a model says of itself: who made it, its versions, its `metadata_props`."""
    found: dict[str, Scalar] = {}
    for field in fields(buffer, 0, len(buffer)):
        if _is(field, *_TEXTS):
            value = text(buffer, field.begin, field.end, MAX_TEXT)
            if value:
                found[_TEXTS[field.number]] = value
        elif field.wire_type == VARINT and field.number in _NUMBERS:
            found[_NUMBERS[field.number]] = integers(buffer, field, 1)[0]
        elif _is(field, 14) and len(found) < MAX_VALUES:  # metadata_props
            key, value = _entry(buffer, field)
            found[key] = value
    return bounded(found)


def _first(buffer: Buffer, message: Field, number: int) -> Field | None:
    """The first string or message of this number in a message."""
    inside = fields(buffer, message.begin, message.end)
    return next((field for field in inside if _is(field, number)), None)


def _first_text(buffer: Buffer, message: Field, number: int) -> str:
    """The first string of this number in a message, cut at `MAX_TEXT` characters."""
    field = _first(buffer, message, number)
    return "" if field is None else text(buffer, field.begin, field.end, MAX_TEXT)
