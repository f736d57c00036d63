"""ONNX: the tensors of a model, in its own file and in the files that it names."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from pathlib import Path, PurePosixPath

from modelhub.dtypes import size_bytes
from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import MAX_TEXT, Layout, NamedTensor, TensorSpan, UniqueNames
from modelhub.recipes.mapped import Buffer, mapped
from modelhub.recipes.onnx_messages import (
    MAX_PATH,
    TensorMessage,
    require_graph,
    tensor_messages,
    values_of,
)
from modelhub.recipes.protobuf import WireError
from modelhub.values import Scalar, Shape, View

_MAX_DIGITS = 20  # of an offset
_VARIABLE = "a tensor that does not fill its bytes is kept as it stands"


class OnnxReader:
    """Reads messages until it comes to tensors; their elements are not touched."""

    name = "onnx"

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """By the name: the format has no magic."""
        return path.name.lower().endswith(".onnx")

    def read(self, path: Path) -> Layout:
        """The layout of a file, without the tensors that it keeps in other files."""
        builder = _Builder()
        with _model(path) as buffer:
            values = values_of(buffer)
            for tensor in tensor_messages(buffer):
                builder.add(tensor)
            size = len(buffer)
        return builder.layout(self.name, size, values)


reader = OnnxReader()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalTensor:
    """A tensor that an ONNX file keeps in another file.

    Attributes:
        location: that file, relative to the folder of the ONNX file, inside it.
        offset: where the tensor begins there.
        length: its bytes, if the ONNX file says so.
        dtype: of the elements; opaque if they take less than a byte.
        shape: the extents; of an opaque tensor, its bytes.
        name: as the graph calls it; names may come twice.
    """

    location: str
    offset: int
    length: int | None
    dtype: str
    shape: Shape
    name: str


def external_tensors(path: Path) -> list[ExternalTensor]:
    """The tensors that an ONNX file keeps in other files; none of these files is opened.

    Raises:
        DamagedFileError: it is no ONNX file, or names a file outside its folder.
    """
    with _model(path) as buffer:
        found = (_external(tensor) for tensor in tensor_messages(buffer) if tensor.is_external)
        return [tensor for tensor in found if tensor is not None]


def external_layout(size: int, tensors: Sequence[ExternalTensor]) -> Layout:
    """The layout of a file of `size` bytes in which ONNX files keep these tensors.

    Tensors of one range share it; ranges that overlap in another way stay literal.

    Raises:
        DamagedFileError: a tensor lies outside the file.
    """
    names, notes = UniqueNames(), set[str]()
    spans: list[TensorSpan] = []
    found: list[NamedTensor] = []
    ranges = {_range(tensor, size) for tensor in tensors}
    alone = _alone(sorted(each for each in ranges if each[0] < each[1]))
    indices: dict[tuple[int, int], int] = {}
    for tensor in sorted(tensors, key=lambda tensor: tensor.offset):
        begin, end = _range(tensor, size)
        index = None
        if tensor.length not in {None, end - begin}:
            notes.add(_VARIABLE)
            continue
        if begin < end:
            if (begin, end) not in alone:
                notes.add("tensors that overlap are kept as they stand")
                continue
            index = indices.setdefault((begin, end), len(spans))
            if index == len(spans):
                spans.append(TensorSpan(offset=begin, dtype=tensor.dtype, shape=tensor.shape))
            elif spans[index].dtype != tensor.dtype:
                notes.add("of tensors of different dtypes at one place, the first is kept")
                continue
        found.append(_named(names.take(tensor.name), tensor, index, spans))
    note = "; ".join(sorted(notes))
    return Layout(
        reader="onnx-data", size=size, spans=tuple(spans), tensors=tuple(found), note=note
    )


def _range(tensor: ExternalTensor, size: int) -> tuple[int, int]:
    """Where the elements of a tensor lie in a file of `size` bytes."""
    needed = size_bytes(tensor.dtype, tensor.shape)
    length = needed if tensor.length is None else max(needed, tensor.length)
    if tensor.offset + length > size:
        raise DamagedFileError(
            f"{tensor.location}: the tensor {tensor.name!r} lies outside the file, "
            f"which has {size:,} bytes; is it cut off?"
        )
    return tensor.offset, tensor.offset + needed


def _alone(ranges: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Of different ranges in ascending order, those that no other overlaps."""
    reach = list(accumulate((end for _, end in ranges), max, initial=0))
    following = [begin for begin, _ in ranges[1:]]
    if ranges:
        following.append(ranges[-1][1])
    return {
        (begin, end)
        for (begin, end), before, after in zip(ranges, reach, following, strict=False)
        if before <= begin and end <= after
    }


def _named(
    name: str, tensor: ExternalTensor, index: int | None, spans: Sequence[TensorSpan]
) -> NamedTensor:
    view = None
    if index is not None and spans[index].shape != tensor.shape:
        inner = [*tensor.shape[1:], 1] if tensor.shape else []
        strides = list(accumulate(reversed(inner), mul))
        view = View(shape=tensor.shape, strides=tuple(reversed(strides)), offset=0)
    return NamedTensor(name=name, dtype=tensor.dtype, shape=tensor.shape, span=index, view=view)


class _Builder:
    """Collects tensors into a layout."""

    def __init__(self) -> None:
        self._names = UniqueNames()
        self._spans: list[TensorSpan] = []
        self._tensors: list[NamedTensor] = []
        self._note = ""

    def add(self, tensor: TensorMessage) -> None:
        """Add a tensor, if its elements lie in the file as they lie in memory."""
        if tensor.is_external:
            _external(tensor)  # Its location is judged, whatever becomes of it.
            return
        stored, place = tensor.stored(), tensor.elements()
        if place is None:
            return
        begin, end = place
        if stored is None or size_bytes(*stored) != end - begin:
            self._note = _VARIABLE
            return
        index = None
        if begin < end:
            index = len(self._spans)
            self._spans.append(TensorSpan(offset=begin, dtype=stored[0], shape=stored[1]))
        name = self._names.take(tensor.name)
        self._tensors.append(NamedTensor(name=name, dtype=stored[0], shape=stored[1], span=index))

    def layout(self, reader: str, size: int, values: dict[str, Scalar]) -> Layout:
        """What was collected."""
        return Layout(
            reader=reader,
            size=size,
            spans=tuple(self._spans),
            tensors=tuple(self._tensors),
            values=values,
            note=self._note,
        )


def _external(tensor: TensorMessage) -> ExternalTensor | None:
    entries = tensor.entries
    location = _location(entries.get("location", ""), tensor.name)
    offset = _number(entries.get("offset", "0"), tensor.name)
    length = _number(entries["length"], tensor.name) if "length" in entries else None
    stored = tensor.stored()
    if stored is None:
        return None
    return ExternalTensor(
        location=location,
        offset=offset,
        length=length,
        dtype=stored[0],
        shape=stored[1],
        name=tensor.name,
    )


def _location(location: str, name: str) -> str:
    path = PurePosixPath(location)
    is_inside = path.parts and not path.is_absolute() and ".." not in path.parts
    if not is_inside or len(location) > MAX_PATH or set("\\\0") & set(location):
        raise WireError(
            f"the tensor {name!r} names the file {location[:MAX_TEXT]!r}, outside its folder"
        )
    return str(path)


def _number(digits: str, name: str) -> int:
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS):
        raise WireError(f"the tensor {name!r} lies at the impossible place {digits[:40]!r}")
    return int(digits)


@contextmanager
def _model(path: Path) -> Iterator[Buffer]:
    """The bytes of a file that holds a model, whose faults are faults of that file."""
    with mapped(path) as buffer:
        try:
            require_graph(buffer)
            yield buffer
        except WireError as error:
            raise DamagedFileError(
                f"{path} is no ONNX model that can be used ({error}); get it anew"
            ) from None
