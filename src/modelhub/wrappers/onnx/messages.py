"""The messages of ONNX that describe graphs; the elements of tensors are not touched.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from modelhub.network import Attribute
from modelhub.recipes import (
    LENGTH,
    VARINT,
    Buffer,
    Field,
    TensorMessage,
    WireError,
    fields,
    integers,
    tensor_message,
    text,
)

MAX_TEXT = 1000  # characters of a name
MAX_PARTS = 3_000_000  # nodes, names, values and attributes of a model
MAX_LIST = 1000  # numbers of an attribute that are kept
MAX_DEPTH = 30  # graphs in graphs
SCOPES = "pkg.torch.onnx.name_scopes"
CLASSES = "pkg.torch.onnx.class_hierarchy"
_PROPERTIES = (SCOPES, CLASSES)
_MAX_SCOPES = 8000  # characters of such a property
_MAX_SIZE_NAME = 200
_TENSOR, _TYPE, _TAKEN = 5, 20, 21  # fields of AttributeProto
_DIMS = 3  # of SparseTensorProto
_SECOND = 2  # of messages that have two
_NOTHING: Mapping[int, Attribute] = {1: 0.0, 2: 0, 3: "", 6: [], 7: [], 8: []}  # by type

Dim = int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueInfo:
    """What a graph says of a value: its element type's code, and its extents.

    Attributes:
        name: of the value.
        code: of the element type; 0 if it is no tensor, or nothing is said.
        dims: numbers, names of sizes, or None for what is not said; None without a rank.
    """

    name: str
    code: int = 0
    dims: Sequence[Dim] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxNode:
    """An operator of a graph.

    Attributes:
        inputs: the names of values; an optional one that is left out has an empty name.
        attributes: those that are numbers, texts, or rows of them.
        tensors: those that are tensors.
        graphs: those that are graphs.
        properties: what the exporter left of the module that the operator comes from.
        overload: tells functions of one name apart.
        taken: in a function, attributes by the names that its caller gives them.
    """

    name: str
    operator: str
    domain: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    tensors: Mapping[str, TensorMessage] = field(default_factory=dict)
    graphs: Mapping[str, "OnnxGraph"] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    overload: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxGraph:
    """A graph; its nodes are in the order of the file, which must be an order of execution."""

    name: str
    nodes: Sequence[OnnxNode]
    initializers: Sequence[TensorMessage]
    inputs: Sequence[ValueInfo]
    outputs: Sequence[ValueInfo]
    values: Sequence[ValueInfo]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxFunction:
    """An operator that the model itself defines; `defaults` are of attributes not given."""

    name: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    nodes: Sequence[OnnxNode]
    opsets: Mapping[str, int]
    defaults: "_Parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxModel:
    """A model.

    Attributes:
        graph: what it computes.
        opsets: the versions of the operator sets that it uses, by domain.
        functions: by domain, name and overload.
    """

    graph: OnnxGraph
    opsets: Mapping[str, int]
    functions: Mapping[tuple[str, str, str], OnnxFunction] = field(default_factory=dict)


def read_model(buffer: Buffer) -> OnnxModel:
    """The model in a buffer.

    Memory: by the number of nodes and names, not by the weights.

    Raises:
        WireError: it is damaged, or beyond the limits of this module.
    """
    reader = _Reader(buffer)
    opsets: dict[str, int] = {}
    functions: dict[tuple[str, str, str], OnnxFunction] = {}
    graph = None
    for each in reader.inside(Field(number=1, wire_type=LENGTH, value=0, begin=0, end=len(buffer))):
        match each.number:
            case 8:  # opset_import
                domain, version = reader.opset(each)
                opsets[domain] = version
            case 7:
                graph = each
            case 25:
                key, function = reader.function(each)
                functions[key] = function
    if graph is None:
        raise WireError("it has no graph")
    return OnnxModel(graph=reader.graph(graph, 0), opsets=opsets, functions=functions)


class _Reader:
    """Reads messages of one buffer, and counts what it has read."""

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._parts = 0

    def inside(self, message: Field) -> Iterator[Field]:
        """The fields of a message that are messages or texts; each counts."""
        for each in self._fields(message):
            if each.wire_type == LENGTH:
                yield each

    def _fields(self, message: Field) -> Iterator[Field]:
        for each in fields(self._buffer, message.begin, message.end):
            self._parts += 1
            if self._parts > MAX_PARTS:
                raise WireError(f"it has more than {MAX_PARTS:,} nodes and values")
            yield each

    def _text(self, each: Field, limit: int = MAX_TEXT) -> str:
        return text(self._buffer, each.begin, each.end, limit)

    def opset(self, message: Field) -> tuple[str, int]:
        """The domain and the version of an operator set."""
        domain, version = "", 0
        for each in self._fields(message):
            if each.number == 1 and each.wire_type == LENGTH:
                domain = self._text(each)
            elif each.number == _SECOND and each.wire_type == VARINT:
                version = integers(self._buffer, each, 1)[0]
        return _plain(domain), version

    def graph(self, message: Field, depth: int) -> OnnxGraph:
        """A graph, and the graphs in it."""
        if depth > MAX_DEPTH:
            raise WireError(f"its graphs are nested more than {MAX_DEPTH} deep")
        name = ""
        nodes: list[OnnxNode] = []
        initializers: list[TensorMessage] = []
        infos: dict[int, list[ValueInfo]] = {11: [], 12: [], 13: []}
        for each in self.inside(message):
            match each.number:
                case 1:
                    nodes.append(self._node(each, depth))
                case 2:
                    name = self._text(each)
                case 5:
                    initializers.append(tensor_message(self._buffer, each, ""))
                case 11 | 12 | 13:
                    infos[each.number].append(self._value_info(each))
                case 15:  # sparse_initializer
                    initializers.append(self._sparse(each))
        return OnnxGraph(
            name=name,
            nodes=nodes,
            initializers=initializers,
            inputs=infos[11],
            outputs=infos[12],
            values=infos[13],
        )

    def function(self, message: Field) -> tuple[tuple[str, str, str], OnnxFunction]:
        """A function, and what calls name it by: domain, name, overload."""
        texts = {1: "", 10: "", 13: ""}
        values: dict[int, list[str]] = {4: [], 5: []}
        nodes: list[OnnxNode] = []
        opsets: dict[str, int] = {}
        defaults = _Parts()
        for each in self.inside(message):
            match each.number:
                case 1 | 10 | 13:
                    texts[each.number] = self._text(each)
                case 4 | 5:
                    values[each.number].append(self._text(each))
                case 7:
                    nodes.append(self._node(each, 0))
                case 9:
                    domain, version = self.opset(each)
                    opsets[domain] = version
                case 11:
                    self._put_attribute(each, 0, defaults)
        function = OnnxFunction(
            name=texts[1],
            inputs=values[4],
            outputs=values[5],
            nodes=nodes,
            opsets=opsets,
            defaults=defaults,
        )
        return (_plain(texts[10]), texts[1], texts[13]), function

    def _sparse(self, message: Field) -> TensorMessage:
        """A sparse tensor, as a dense one of its shape whose elements lie elsewhere."""
        tensor = TensorMessage()
        for each in self._fields(message):
            if each.number == 1 and each.wire_type == LENGTH:  # values
                values = tensor_message(self._buffer, each, "")
                tensor.name, tensor.code = values.name, values.code
            elif each.number == _DIMS:
                tensor.extents += integers(self._buffer, each, MAX_LIST)
        tensor.is_external = True
        return tensor

    def _node(self, message: Field, depth: int) -> OnnxNode:
        values: dict[int, list[str]] = {1: [], 2: []}
        texts = {3: "", 4: "", 7: "", 8: ""}
        parts = _Parts()
        properties: dict[str, str] = {}
        for each in self.inside(message):
            match each.number:
                case 1 | 2:
                    values[each.number].append(self._text(each))
                case 3 | 4 | 7 | 8:
                    texts[each.number] = self._text(each)
                case 5:
                    self._put_attribute(each, depth, parts)
                case 9:
                    key, value = self._property(each)
                    if key in _PROPERTIES:
                        properties[key] = value
        return OnnxNode(
            name=texts[3],
            operator=texts[4],
            domain=_plain(texts[7]),
            inputs=values[1],
            outputs=values[2],
            attributes=parts.attributes,
            tensors=parts.tensors,
            graphs=parts.graphs,
            properties=properties,
            overload=texts[8],
            taken=parts.taken,
        )

    def _property(self, message: Field) -> tuple[str, str]:
        found = {1: "", 2: ""}
        for each in self.inside(message):
            if each.number in found:
                found[each.number] = self._text(each, _MAX_SCOPES)
        return found[1], found[2]

    def _put_attribute(self, message: Field, depth: int, parts: "_Parts") -> None:
        named = (each for each in self.inside(message) if each.number == 1)
        name = next(map(self._text, named), "")
        value: Attribute = None
        row: list[Attribute] = []
        for each in self._fields(message):
            if each.number == _TAKEN and each.wire_type == LENGTH:
                parts.taken[name] = self._text(each)
            elif each.number in {5, 6, 11} and each.wire_type == LENGTH:
                self._put_message(each, name, depth, parts)
            elif each.number in {2, 3, 4}:
                value = self._scalar(each)
            elif each.number in {7, 8, 9}:
                row += self._row(each, MAX_LIST - len(row))
            elif each.number == _TYPE and value is None:  # what is 0 may be left out
                value = _NOTHING.get(each.value)
        if name not in parts.taken and (row or value is not None):
            parts.attributes[name] = row or value

    def _put_message(self, each: Field, name: str, depth: int, parts: "_Parts") -> None:
        if each.number == _TENSOR:
            parts.tensors[name] = tensor_message(self._buffer, each, "")
        else:
            key = name if name not in parts.graphs else f"{name}.{len(parts.graphs)}"
            parts.graphs[key] = self.graph(each, depth + 1)

    def _scalar(self, each: Field) -> Attribute:
        match each.number, each.wire_type:
            case 2, 5:
                return self._floats(each, 1)[0]
            case 3, 0:
                return integers(self._buffer, each, 1)[0]
            case 4, 2:
                return self._text(each)
        raise WireError(f"an attribute has the wrong type, at byte {each.begin}")

    def _row(self, each: Field, limit: int) -> Sequence[Attribute]:
        """The first numbers or texts of a repeated field."""
        match each.number, each.wire_type:
            case 8, _:
                return integers(self._buffer, each, limit)
            case 7, (5 | 2):
                return self._floats(each, limit)
            case 9, 2:
                return [self._text(each)][:limit]
        raise WireError(f"an attribute has the wrong type, at byte {each.begin}")

    def _floats(self, each: Field, limit: int) -> list[Attribute]:
        count = min((each.end - each.begin) // 4, limit)
        raw = self._buffer[each.begin : each.begin + 4 * count]
        return [json_float(value) for value in np.frombuffer(raw, "<f4")]

    def _value_info(self, message: Field) -> ValueInfo:
        name, code = "", 0
        dims: list[Dim] | None = None
        for each in self.inside(message):
            if each.number == 1:
                name = self._text(each)
            elif each.number == _SECOND:  # type
                for kind in self.inside(each):
                    if kind.number == 1:  # tensor_type
                        code, dims = self._tensor_type(kind)
        return ValueInfo(name=name, code=code, dims=dims)

    def _tensor_type(self, message: Field) -> tuple[int, list[Dim] | None]:
        code = 0
        dims: list[Dim] | None = None
        for each in self._fields(message):
            if each.number == 1 and each.wire_type == VARINT:
                code = each.value
            elif each.number == _SECOND and each.wire_type == LENGTH:
                dims = [self._dim(dim) for dim in self.inside(each) if dim.number == 1]
        return code, dims

    def _dim(self, message: Field) -> Dim:
        found: Dim = None
        for each in self._fields(message):
            if each.number == 1 and each.wire_type == VARINT:
                found = integers(self._buffer, each, 1)[0]
            elif each.number == _SECOND and each.wire_type == LENGTH:
                found = self._text(each, _MAX_SIZE_NAME) or None
        return found


@dataclass(slots=True)
class _Parts:
    """The attributes of a node, by what they are."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    tensors: dict[str, TensorMessage] = field(default_factory=dict)
    graphs: dict[str, OnnxGraph] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)


def _plain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def json_float(value: np.floating) -> Attribute:
    """A number with as few digits as its precision needs; `inf`, `-inf` and `nan` are texts."""
    return float(str(value)) if np.isfinite(value) else str(value)
