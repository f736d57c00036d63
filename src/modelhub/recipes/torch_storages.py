"""What torch's pickles describe: storages, tensors that are views of them, and values around."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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
from modelhub.recipes.mapped import Buffer
from modelhub.recipes.pickles import (
    Global,
    Inert,
    Machine,
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
    "float4_e2m1fn_x2": "float4_e2m1fn_x2",
}
# Those that we carry as bytes: torch's name of each, and bytes of an element.
_OPAQUE_WIDTHS: Mapping[str, int] = {
    "qint8": 1,
    "quint8": 1,
    "qint32": 4,
    "quint4x2": 1,
    "quint2x4": 1,
    "complex32": 4,
    "bits8": 1,
    "bits16": 2,
    "bits1x8": 1,
    "bits2x4": 1,
    "bits4x2": 1,
}
_OPAQUE_STORAGES: Mapping[str, str] = {
    "QInt8Storage": "qint8",
    "QUInt8Storage": "quint8",
    "QInt32Storage": "qint32",
    "QUInt4x2Storage": "quint4x2",
    "QUInt2x4Storage": "quint2x4",
}
_OPAQUE = "opaque:torch."
_MAX_ARGUMENTS = 12  # a long row of them would be looked through again and again
_STORAGE_MODULES = {"torch", "torch.cuda", "torch.storage"}
_REBUILDS = {"_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_qtensor"}
_PARAMETERS = {
    *("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"),
    "torch.nn.parameter.Parameter",
}
_SEQUENCES = {
    *("builtins.set", "builtins.frozenset", "builtins.list", "builtins.tuple"),
    *("__builtin__.set", "__builtin__.frozenset", "torch.Size"),
}
_DICTIONARIES = {"collections.OrderedDict", "collections.defaultdict", "collections.Counter"}
_PATHS = {
    f"{module}.{name}"
    for module in ("pathlib", "pathlib._local")
    for name in ("Path", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath")
}
_HARMLESS = {
    *("argparse.Namespace", "types.SimpleNamespace", "uuid.UUID", "decimal.Decimal"),
    *("datetime.datetime", "datetime.date", "datetime.timedelta", "datetime.timezone"),
    *("numpy.dtype", "numpy.ndarray", "numpy.core.multiarray._reconstruct"),
    *("numpy._core.multiarray._reconstruct", "numpy.core.multiarray.scalar"),
    *("numpy._core.multiarray.scalar", "_codecs.encode"),
    *("builtins.slice", "builtins.range", "builtins.complex", "builtins.bytearray"),
    *("__builtin__.slice", "__builtin__.xrange", "__builtin__.complex", "__builtin__.bytearray"),
    "torch.serialization._get_layout",
}


@dataclass(frozen=True, slots=True)
class Storage:
    """A run of elements: its key, the dtype that it is declared with, and how many they are."""

    key: str
    dtype: str
    elements: int

    @property
    def size(self) -> int:
        """How many bytes they are."""
        return self.elements * element_size(self.dtype)


def element_size(dtype: str) -> int:
    """Bytes of what torch counts as one element."""
    if dtype.startswith(_OPAQUE):
        return _OPAQUE_WIDTHS[dtype.removeprefix(_OPAQUE)]
    return numpy_dtype(dtype).itemsize


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A view of a storage; offset and strides are in elements of `dtype`, or in opaque bytes."""

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
    first = arguments[0] if isinstance(arguments, tuple) and arguments else None
    if name in _DICTIONARIES:
        return _dictionary(first)
    if function.module == "torch._utils" and function.name in _REBUILDS:
        return _tensor(arguments)
    if name in _PARAMETERS:
        return first
    if name in _SEQUENCES:
        return first if isinstance(first, list | tuple) else []
    if name in _PATHS or name == "torch.device":
        return _joined(arguments, ":" if name == "torch.device" else "/")
    if name in _HARMLESS:
        return Inert(name)
    raise UnwelcomeError(name)


def _dictionary(given: Any) -> Table:
    """A dictionary; Python 2 and counters give it its contents at once, others later."""
    if isinstance(given, Table):
        return given
    return Table(given) if isinstance(given, list) else Table()


def _joined(parts: Any, separator: str) -> Any:
    """A text that is written in parts, if they are few."""
    if not isinstance(parts, tuple) or len(parts) > MAX_NESTING:
        return Inert("parts")
    texts = [str(each)[:MAX_TEXT] for each in parts if isinstance(each, str | int)]
    return separator.join(texts).replace("//", "/", 1)


def storage_of(id_: Any) -> Storage:
    """The storage that a persistent id means.

    Raises:
        PickleError: it means none.
        UnwelcomeError: it is of a type that we do not know.
    """
    if isinstance(id_, tuple) and len(id_) > 1 and id_[0] == "module":
        raise UnwelcomeError(str(id_[1]) if isinstance(id_[1], Global) else "a module")
    is_known = isinstance(id_, tuple) and 5 <= len(id_) <= _MAX_ARGUMENTS  # noqa: PLR2004 - torch's form
    if not is_known or id_[0] != "storage":
        raise PickleError("a persistent id is no storage")
    _, kind, key, _, elements, *view = id_
    if not isinstance(kind, Global) or not isinstance(key, str) or not _is_count(elements):
        raise PickleError("a persistent id is no storage")
    if view and view[0] is not None:
        raise UnwelcomeError("a view of a storage")
    if kind.module not in _STORAGE_MODULES or not kind.name.endswith("Storage"):
        raise UnwelcomeError(str(kind))
    return Storage(key, _dtype(kind), elements)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MAX_COUNT


def _dtype(kind: Global) -> str:
    """Our name of a dtype of torch's, or of that of a class of storages."""
    name = _OPAQUE_STORAGES.get(kind.name, kind.name)
    if name in _OPAQUE_WIDTHS:
        return f"{_OPAQUE}{name}"
    if name not in _DTYPES:
        raise UnwelcomeError(str(kind))
    return _DTYPES[name]


def _tensor(arguments: Any) -> Tensor:
    if not isinstance(arguments, tuple) or not 4 <= len(arguments) <= _MAX_ARGUMENTS:  # noqa: PLR2004 - torch's form
        raise PickleError("a tensor is described by too little, or too much")
    storage, offset, shape, strides, *rest = arguments
    if not isinstance(storage, Storage):
        raise PickleError("a tensor has no storage")
    shape, strides = _numbers(shape), _numbers(strides)
    if not all(map(_is_count, (offset, *shape, *strides))):
        raise PickleError("a tensor's shape is impossible")
    if len(shape) != len(strides) or not is_possible(shape):
        raise PickleError("a tensor's shape is impossible")
    if any(isinstance(each, Table) and each.pairs for each in rest):
        raise UnwelcomeError("a tensor that is conjugated, negated or hooked")
    kinds = [each for each in rest if isinstance(each, Global) and each.module == "torch"]
    dtype = _dtype(kinds[0]) if kinds else storage.dtype
    tensor = Tensor(storage, dtype, shape, strides, offset)
    return _as_bytes(tensor) if dtype.startswith(_OPAQUE) else tensor


def _as_bytes(tensor: Tensor) -> Tensor:
    """A tensor of an opaque dtype, which has one extent: its bytes (repository.md §2)."""
    if not _is_contiguous(tensor):
        raise UnwelcomeError(f"a strided tensor of {tensor.dtype}")
    width = element_size(tensor.dtype)
    shape = (prod(tensor.shape) * width,)
    return Tensor(tensor.storage, tensor.dtype, shape, (1,), tensor.offset * width)


def _numbers(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, tuple | list) or len(value) > MAX_RANK:
        raise PickleError("a tensor's shape is impossible")
    return tuple(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a storage's bytes lie in the file."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpickled:
    """What a pickle says: its value, the storages that it names, and where it stands."""

    value: Any
    storages: Mapping[str, Storage]
    begin: int
    end: int


def unpickle(buffer: Buffer, begin: int, end: int) -> Unpickled:
    """Read a pickle of torch's.

    Raises:
        PickleError: it is none, is cut off, or contradicts itself.
        UnwelcomeError: it asks for something that is not on the list.
    """
    storages: dict[str, Storage] = {}

    def load(id_: Any) -> Storage:
        storage = storage_of(id_)
        if storages.setdefault(storage.key, storage).size != storage.size:
            raise PickleError("a storage has two sizes")
        return storage

    machine = Machine(buffer, begin, end, meaning, load)
    value = machine.run()
    return Unpickled(value=value, storages=storages, begin=begin, end=machine.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The tensors and the small values of a checkpoint, by name."""

    tensors: list[tuple[str, Tensor]]
    values: dict[str, Scalar]


def describe(unpickled: Unpickled) -> Described:
    """Walk a checkpoint; nested names are joined by dots.

    Raises:
        UnwelcomeError: it has more names than we look through.
    """
    tensors: list[tuple[str, Tensor]] = []
    values: dict[str, Scalar] = {}
    names, value_names = UniqueNames(), UniqueNames()
    size = unpickled.end - unpickled.begin
    for name, each in _walk(unpickled.value, limit=min(MAX_NAMES, 1000 + 4 * size)):
        if isinstance(each, Tensor):
            tensors.append((names.take(name or "tensor"), each))
            if len(tensors) > MAX_TENSORS:
                raise UnwelcomeError(f"more than {MAX_TENSORS:,} tensors")
        elif name and len(values) < MAX_VALUES and _is_scalar(each):
            values[value_names.take(name)] = each
    return Described(tensors=tensors, values=bounded(values))


def _is_scalar(value: Any) -> bool:
    if type(value) is int:
        return abs(value) < 1 << 63
    return value is None or isinstance(value, bool | float | str)


def _walk(value: Any, limit: int) -> Iterator[tuple[str, Any]]:
    """Every leaf with its name, in order.

    Values may be shared, or hold themselves: what is open at a time is `MAX_NESTING` deep, and
    what is visited in all is counted.
    """
    stack = [(0, iter([("", value)]))]
    opened: set[int] = set()
    count = 0
    while stack:
        found = next(stack[-1][1], None)
        if found is None:
            opened.discard(stack.pop()[0])
            continue
        count += 1
        if count > limit:
            raise UnwelcomeError(f"more than {limit:,} names")
        inside, identity = _inside(*found), id(found[1])
        if inside is None:
            yield found
        elif len(stack) <= MAX_NESTING and identity not in opened:
            opened.add(identity)
            stack.append((identity, inside))


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
        return next((state.items() for state in value.state if isinstance(state, Table)), ())
    return None


def _key(key: Any) -> str:
    return str(key) if isinstance(key, str | int | float) else "?"


def layout_of(
    path: Path,
    reader: str,
    unpickled: Unpickled,
    places: Mapping[str, Place],
) -> Layout:
    """The layout of a checkpoint whose storages lie at `places`.

    Raises:
        DamagedFileError: a storage is missing or of the wrong size, or a view leaves it.
        UnwelcomeError: it has more names or tensors than we look through.
    """
    found = describe(unpickled)
    for key, storage in unpickled.storages.items():
        _check_storage(path, key, storage, places.get(key))
    users: dict[str, list[Tensor]] = {}
    for name, tensor in found.tensors:
        _check_view(path, name, tensor)
        users.setdefault(tensor.storage.key, []).append(tensor)
    spans: list[TensorSpan] = []
    indexes: dict[str, int] = {}
    for key, place in sorted(places.items(), key=lambda item: item[1].offset):
        if place.size:
            indexes[key] = len(spans)
            spans.append(_span(place, users.get(key, []), unpickled.storages.get(key)))
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


def _check_storage(path: Path, key: str, storage: Storage, place: Place | None) -> None:
    if place is None:
        raise DamagedFileError(f"{path}: the storage {shown(key)!r} is missing; get it anew")
    if storage.size != place.size:
        raise DamagedFileError(
            f"{path}: the storage {shown(key)!r} has {place.size} bytes and should have "
            f"{storage.size}; get it anew"
        )


def _check_view(path: Path, name: str, tensor: Tensor) -> None:
    reach = sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True))
    end = (tensor.offset + reach + 1) * numpy_dtype(tensor.dtype).itemsize
    if 0 not in tensor.shape and end > tensor.storage.size:
        raise DamagedFileError(
            f"{path}: the tensor {shown(name)!r} lies outside its storage; get it anew"
        )


def _is_contiguous(tensor: Tensor) -> bool:
    """Whether a tensor's elements stand in C order without gaps."""
    inner = 1
    for extent, stride in zip(reversed(tensor.shape), reversed(tensor.strides), strict=True):
        if stride != inner and extent != 1:
            return False
        inner *= extent
    return True


def _covers(tensor: Tensor, size: int) -> bool:
    """Whether a tensor is the whole of a storage of `size` bytes, in C order."""
    width = numpy_dtype(tensor.dtype).itemsize
    is_all = tensor.offset == 0 and prod(tensor.shape) * width == size
    return is_all and _is_contiguous(tensor)


def _span(place: Place, users: list[Tensor], declared: Storage | None) -> TensorSpan:
    """A storage as the tensor that covers it, or else flat."""
    for tensor in users:
        if _covers(tensor, place.size):
            return TensorSpan(offset=place.offset, dtype=tensor.dtype, shape=tensor.shape)
    dtypes = {tensor.dtype for tensor in users} or {declared.dtype if declared else "uint8"}
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
    is_span = span.shape == tensor.shape and _covers(tensor, span.length)
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
