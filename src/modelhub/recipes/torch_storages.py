"""What torch's pickles describe: storages, tensors that are views of them, and values around."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import prod
from pathlib import Path
from typing import Any

from modelhub.dtypes import numpy_dtype
from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import (
    MAX_COUNT,
    MAX_RANK,
    MAX_TEXT,
    MAX_VALUES,
    WHOLE,
    Layout,
    NamedTensor,
    TensorSpan,
    UniqueNames,
    bounded,
    is_possible,
    shown,
)
from modelhub.recipes.pickles import (
    Global,
    Inert,
    Machine,
    Persistent,
    PickleError,
    Table,
    UnwelcomeError,
)
from modelhub.values import Scalar, View

MAX_NAMES = 1_000_000  # values that are walked, shared ones counted each time
MAX_TENSORS = 100_000  # that are found on the way
MAX_NESTING = 64

# Storage classes, and the dtypes that untyped storages are given later: our name of each.
_DTYPES: Mapping[str, str] = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "uint8",
    "float32": "float32",
    "float64": "float64",
    "float16": "float16",
    "half": "float16",
    "bfloat16": "bfloat16",
    "int64": "int64",
    "int32": "int32",
    "int16": "int16",
    "int8": "int8",
    "uint8": "uint8",
    "uint16": "uint16",
    "uint32": "uint32",
    "uint64": "uint64",
    "bool": "bool",
    "complex64": "complex64",
    "complex128": "complex128",
    "float8_e4m3fn": "float8_e4m3fn",
    "float8_e4m3fnuz": "float8_e4m3fnuz",
    "float8_e5m2": "float8_e5m2",
    "float8_e5m2fnuz": "float8_e5m2fnuz",
    "float8_e8m0fnu": "float8_e8m0fnu",
}
_REBUILDS = {"_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3"}
_HARMLESS = {
    *("argparse.Namespace", "datetime.datetime", "datetime.date", "datetime.timedelta"),
    *("pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath"),
    *("pathlib._local.PosixPath", "torch.device", "torch.Size", "uuid.UUID", "decimal.Decimal"),
    *("numpy.dtype", "numpy.ndarray", "numpy.core.multiarray._reconstruct"),
    *("numpy._core.multiarray._reconstruct", "numpy.core.multiarray.scalar"),
    *("numpy._core.multiarray.scalar", "_codecs.encode", "builtins.set", "builtins.frozenset"),
    *("builtins.slice", "builtins.range", "builtins.complex", "builtins.bytearray"),
    *("builtins.list", "builtins.tuple", "__builtin__.set", "collections.Counter"),
    *("types.SimpleNamespace", "torch.serialization._get_layout"),
}


@dataclass(frozen=True, slots=True)
class Storage:
    """A run of elements: its key, the dtype that it is declared with, and how many they are."""

    key: str
    dtype: str
    elements: int


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A view of a storage; offset and strides are in elements of `dtype`."""

    storage: Storage
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int


def meaning(function: Global, arguments: Any) -> Any:
    """What a call in one of torch's pickles means; nothing is called.

    Raises:
        UnwelcomeError: it is not on the list.
        PickleError: it is, and its arguments are wrong.
    """
    name = str(function)
    if name == "collections.OrderedDict":
        return _ordered(arguments)
    if name == "collections.defaultdict":
        return Table()
    if function.module == "torch._utils":
        if function.name in _REBUILDS:
            return _tensor(arguments)
        if function.name in ("_rebuild_parameter", "_rebuild_parameter_with_state"):
            return arguments[0] if isinstance(arguments, tuple) and arguments else None
    if name == "torch.nn.parameter.Parameter":
        return arguments[0] if isinstance(arguments, tuple) and arguments else None
    if name in _HARMLESS:
        return Inert(name, [arguments])
    raise UnwelcomeError(name)


def _ordered(arguments: Any) -> Table:
    """An ordered dictionary; Python 2 gives it its pairs at once, others later."""
    pairs = arguments[0] if isinstance(arguments, tuple) and arguments else None
    return Table(pairs) if isinstance(pairs, list) else Table()


def storage_of(id_: Any) -> Storage:
    """The storage that a persistent id means.

    Raises:
        PickleError: it means none.
        UnwelcomeError: it is of a type that we do not know.
    """
    if not isinstance(id_, tuple) or len(id_) < 5 or id_[0] != "storage":  # noqa: PLR2004 - torch's form
        raise PickleError("a persistent id is no storage")
    _, kind, key, _, elements, *view = id_
    if not isinstance(kind, Global) or not isinstance(key, str) or not _is_count(elements):
        raise PickleError("a persistent id is no storage")
    if view and view[0] is not None:
        raise UnwelcomeError("a view of a storage")
    dtype = _DTYPES.get(kind.name)
    if dtype is None or not kind.module.startswith("torch"):
        raise UnwelcomeError(str(kind))
    return Storage(key, dtype, elements)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MAX_COUNT


def _tensor(arguments: Any) -> Tensor:
    if not isinstance(arguments, tuple) or len(arguments) < 4:  # noqa: PLR2004 - torch's form
        raise PickleError("a tensor is described by too little")
    reference, offset, shape, strides, *rest = arguments
    if not isinstance(reference, Persistent):
        raise PickleError("a tensor has no storage")
    storage = storage_of(reference.id)
    if isinstance(shape, Inert):
        shape = shape.state[0] if shape.state else ()
    numbers = [offset, *_numbers(shape), *_numbers(strides)]
    if not all(type(n) is int and abs(n) < MAX_COUNT for n in numbers):
        raise PickleError("a tensor's shape is impossible")
    if len(shape) != len(strides) or not is_possible(shape):
        raise PickleError("a tensor's shape is impossible")
    if any(isinstance(each, Table) and each.pairs for each in rest):
        raise UnwelcomeError("a tensor that is conjugated, negated or hooked")
    kinds = [each for each in rest if isinstance(each, Global) and each.module == "torch"]
    dtype = _DTYPES.get(kinds[0].name) if kinds else storage.dtype
    if dtype is None:
        raise UnwelcomeError(str(kinds[0]))
    return Tensor(storage, dtype, tuple(shape), tuple(strides), offset)


def _numbers(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, tuple | list) or len(value) > MAX_RANK:
        raise PickleError("a tensor's shape is impossible")
    return tuple(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a storage's bytes lie in the file."""

    offset: int
    size: int


def run(buffer: Any, begin: int, end: int) -> tuple[Any, int]:
    """The value of a pickle of torch's, and the offset behind it."""
    machine = Machine(buffer, begin, end, meaning)
    return machine.run(), machine.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The tensors and the small values of a checkpoint, by name."""

    tensors: list[tuple[str, Tensor]]
    values: dict[str, Scalar]


def describe(value: Any) -> Described:
    """Walk a checkpoint; nested names are joined by dots.

    Raises:
        UnwelcomeError: it has more names than we look through.
    """
    tensors: list[tuple[str, Tensor]] = []
    values: dict[str, Scalar] = {}
    names = UniqueNames()
    for name, each in _walk(value):
        if isinstance(each, Tensor):
            tensors.append((names.take(name or "tensor"), each))
            if len(tensors) > MAX_TENSORS:
                raise UnwelcomeError(f"more than {MAX_TENSORS:,} tensors")
        elif name and len(values) < MAX_VALUES and _is_scalar(each):
            values[name] = each
    return Described(tensors=tensors, values=bounded(values))


def _is_scalar(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 1 << 63
    return value is None or isinstance(value, bool | float | str)


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every leaf with its name, in order.

    Values may be shared, or hold themselves: what is open at a time is `MAX_NESTING` deep, and
    what is visited in all is counted.
    """
    stack = [iter([("", value)])]
    count = 0
    while stack:
        found = next(stack[-1], None)
        if found is None:
            stack.pop()
            continue
        count += 1
        if count > MAX_NAMES:
            raise UnwelcomeError(f"more than {MAX_NAMES:,} names")
        inside = _inside(*found)
        if inside is None:
            yield found
        elif len(stack) <= MAX_NESTING:
            stack.append(inside)


def _inside(name: str, value: Any) -> Iterator[tuple[str, Any]] | None:
    """Names and values inside a container; None for anything else."""
    pairs = _pairs(value)
    if pairs is None:
        return None
    prefix = f"{name}." if name else ""
    return ((f"{prefix}{_key(key)}"[:MAX_TEXT], each) for key, each in pairs)


def _pairs(value: Any) -> Iterable[tuple[Any, Any]] | None:
    if isinstance(value, Table):
        return value.items()
    if isinstance(value, list | tuple):
        return enumerate(value)
    if isinstance(value, Inert):
        states = [each for each in value.state if not isinstance(each, Inert)]
        return chain.from_iterable(_pairs(state) or () for state in states)
    return None


def _key(key: Any) -> str:
    return str(key) if isinstance(key, str | int | float) else "?"


def layout_of(path: Path, reader: str, found: Described, places: Mapping[str, Place]) -> Layout:
    """The layout of a checkpoint whose storages lie at `places`.

    Raises:
        DamagedFileError: a storage is missing or of the wrong size, or a view leaves it.
    """
    users: dict[str, list[Tensor]] = {}
    for name, tensor in found.tensors:
        place = places.get(tensor.storage.key)
        _check(path, name, tensor, place)
        users.setdefault(tensor.storage.key, []).append(tensor)
    spans: list[TensorSpan] = []
    indexes: dict[str, int] = {}
    for key, place in sorted(places.items(), key=lambda item: item[1].offset):
        if place.size:
            indexes[key] = len(spans)
            spans.append(_span(place, users.get(key, [])))
    named = [
        _named(name, tensor, indexes.get(tensor.storage.key), spans)
        for name, tensor in found.tensors
    ]
    tensors = tuple(each for each in named if each is not None)
    left_out = len(named) - len(tensors)
    return Layout(
        reader=reader,
        size=path.stat().st_size,
        spans=tuple(spans),
        tensors=tensors,
        values=found.values,
        note=f"{left_out} tensors share a storage under several dtypes" if left_out else "",
    )


def _check(path: Path, name: str, tensor: Tensor, place: Place | None) -> None:
    if place is None:
        raise DamagedFileError(f"{path}: the storage of the tensor {shown(name)!r} is missing")
    storage = tensor.storage
    if storage.elements * numpy_dtype(storage.dtype).itemsize != place.size:
        raise DamagedFileError(
            f"{path}: the storage of the tensor {shown(name)!r} has another size"
        )
    width = numpy_dtype(tensor.dtype).itemsize
    reach = [(n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True)]
    first = tensor.offset + sum(r for r in reach if r < 0)
    last = tensor.offset + sum(r for r in reach if r > 0)
    is_empty = 0 in tensor.shape
    if not is_empty and (first < 0 or (last + 1) * width > place.size):
        raise DamagedFileError(f"{path}: the tensor {shown(name)!r} lies outside its storage")


def _covers(tensor: Tensor, place: Place) -> bool:
    """Whether a tensor is its whole storage, in C order."""
    width = numpy_dtype(tensor.dtype).itemsize
    if tensor.offset or prod(tensor.shape) * width != place.size:
        return False
    inner = 1
    for extent, stride in zip(reversed(tensor.shape), reversed(tensor.strides), strict=True):
        if stride != inner and extent != 1:
            return False
        inner *= extent
    return True


def _span(place: Place, users: list[Tensor]) -> TensorSpan:
    """A storage as the tensor that covers it, or else flat."""
    for tensor in users:
        if _covers(tensor, place):
            return TensorSpan(offset=place.offset, dtype=tensor.dtype, shape=tensor.shape)
    dtypes = {tensor.dtype for tensor in users} or {"uint8"}
    dtype = dtypes.pop() if len(dtypes) == 1 else "uint8"
    width = numpy_dtype(dtype).itemsize
    if place.size % width:
        dtype, width = "uint8", 1
    return TensorSpan(offset=place.offset, dtype=dtype, shape=(place.size // width,))


def _named(
    name: str, tensor: Tensor, index: int | None, spans: list[TensorSpan]
) -> NamedTensor | None:
    """A tensor by its name; None if its storage is kept under another dtype."""
    span = None if 0 in tensor.shape or index is None else spans[index]
    if span is None:
        return NamedTensor(name=name, dtype=tensor.dtype, shape=tensor.shape, span=None)
    if span.dtype != tensor.dtype:
        return None
    place = Place(offset=span.offset, size=span.length)
    is_span = span.shape == tensor.shape and _covers(tensor, place)
    view = View(shape=tensor.shape, strides=tensor.strides, offset=tensor.offset)
    return NamedTensor(
        name=name,
        dtype=tensor.dtype,
        shape=tensor.shape,
        span=index,
        view=None if is_span else view,
    )


def whole(path: Path, reason: str) -> Layout:
    """The layout of a file that is not looked into, and why."""
    return Layout(reader=WHOLE, size=path.stat().st_size, note=f"{shown(reason)}; stored whole")
