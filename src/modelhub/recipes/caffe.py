"""Caffe: the blobs of a network's layers, in both versions of its format.

Field numbers are those of https://github.com/BVLC/caffe/blob/master/src/caffe/proto/caffe.proto.
"""

from collections.abc import Iterator
from math import prod
from pathlib import Path

from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import (
    Layout,
    NamedTensor,
    TensorSpan,
    UniqueNames,
    is_possible,
)
from modelhub.recipes.mapped import Buffer, mapped, text
from modelhub.recipes.protobuf import LENGTH, VARINT, Field, WireError, fields, integers
from modelhub.values import Scalar, Shape

MAX_NAME = 400
MAX_BLOBS = 100_000
MAX_RANK = 32
_V1_LAYERS, _V2_LAYERS = 2, 100  # of NetParameter
_NAME, _TYPE, _BLOBS = {2: 4, 100: 1}, {2: 5, 100: 2}, {2: 6, 100: 7}  # of a layer
_DATA, _DOUBLES, _SHAPE = 5, 8, 7  # of BlobProto
_OLD_SHAPE = (1, 2, 3, 4)  # num, channels, height, width
_FULL = {"InnerProduct", 14}  # types whose old weights are matrices, as name and as number
_WIDTH = {_DATA: ("float32", 4), _DOUBLES: ("float64", 8)}
_NAMES = {"BatchNorm": ("mean", "variance", "factor")}
_PLACES = ("weight", "bias")
_VARIABLE = "a blob whose shape does not explain its numbers is kept as it stands"


def caffe_blob_name(kind: str, place: int) -> str:
    """What a blob of a layer is called (docs/spec/recipes.md §2).

    >>> [caffe_blob_name("Convolution", place) for place in range(3)]
    ['weight', 'bias', 'blob2']
    """
    names = _NAMES.get(kind, _PLACES)
    return names[place] if place < len(names) else f"blob{place}"


class CaffeReader:
    """Reads messages until it comes to blobs; their numbers are not touched."""

    name = "caffe"

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """By the name: the format has no magic."""
        return path.name.lower().endswith((".caffemodel", ".binaryproto"))

    def read(self, path: Path) -> Layout:
        """The layout of a file: a network with weights, or a single blob.

        Raises:
            DamagedFileError: it is no such message.
        """
        with mapped(path) as buffer:
            try:
                return _layout(buffer, is_net=not path.name.lower().endswith(".binaryproto"))
            except WireError as error:
                raise DamagedFileError(
                    f"{path} is no caffemodel that can be used ({error}); get it anew"
                ) from None


reader = CaffeReader()


def _layout(buffer: Buffer, *, is_net: bool) -> Layout:
    whole = Field(number=1, wire_type=LENGTH, value=0, begin=0, end=len(buffer))
    names, note = UniqueNames(), ""
    spans: list[TensorSpan] = []
    tensors: list[NamedTensor] = []
    blobs = _blobs(buffer, whole) if is_net else iter([("blob", whole, 0)])
    for name, message, rank in blobs:
        if len(tensors) == MAX_BLOBS:
            raise WireError(f"it has more than {MAX_BLOBS:,} blobs")
        found = _span(buffer, message, rank)
        if found is None:
            note = _VARIABLE
            continue
        index = None
        if found.length:
            index = len(spans)
            spans.append(found)
        tensors.append(
            NamedTensor(name=names.take(name), dtype=found.dtype, shape=found.shape, span=index)
        )
    values: dict[str, Scalar] = {}
    if is_net:
        title = _text(buffer, whole, 1)
        values = {"name": title} if title else {}
    return Layout(
        reader="caffe",
        size=len(buffer),
        spans=tuple(spans),
        tensors=tuple(tensors),
        values=values,
        note=note,
    )


def _blobs(buffer: Buffer, net: Field) -> Iterator[tuple[str, Field, int]]:
    """The blobs of all layers, in the order of the file: name, message, and old rank (0: any)."""
    is_any = False
    for layer in fields(buffer, net.begin, net.end):
        if layer.wire_type != LENGTH or layer.number not in {_V1_LAYERS, _V2_LAYERS}:
            continue
        is_any = True
        version = layer.number
        name = _text(buffer, layer, _NAME[version]) or "layer"
        kind = _kind(buffer, layer, _TYPE[version])
        place = 0
        for each in fields(buffer, layer.begin, layer.end):
            if each.wire_type == LENGTH and each.number == _BLOBS[version]:
                rank = 1 if place else 2 if kind in _FULL else 0
                yield f"{name}.{caffe_blob_name(str(kind), place)}", each, rank
                place += 1
    if not is_any:
        raise WireError("it has no layers")


def _kind(buffer: Buffer, layer: Field, number: int) -> str | int:
    """The type of a layer: a name in the second version, a number in the first."""
    for each in fields(buffer, layer.begin, layer.end):
        if each.number == number:
            is_name = each.wire_type == LENGTH
            return text(buffer, each.begin, each.end, MAX_NAME) if is_name else each.value
    return ""


def _span(buffer: Buffer, blob: Field, old_rank: int) -> TensorSpan | None:
    """Where the numbers of a blob lie; None if they are not in one piece of the blob's shape."""
    data: list[Field] = []
    old = dict.fromkeys(_OLD_SHAPE, 0)
    shape: Shape | None = None
    for each in fields(buffer, blob.begin, blob.end):
        if each.number in _WIDTH and len(data) < 2:  # noqa: PLR2004 - two are not one piece
            data.append(each)
        elif each.number == _SHAPE and each.wire_type == LENGTH:
            shape = _dims(buffer, each)
        elif each.number in old and each.wire_type == VARINT:
            old[each.number] = integers(buffer, each, 1)[0]
    if shape is None:
        shape = _old(tuple(old.values()), old_rank)
    if (
        len(data) != 1
        or data[0].wire_type != LENGTH
        or len(shape) > MAX_RANK
        or not is_possible(shape)
    ):
        return None
    dtype, width = _WIDTH[data[0].number]
    if data[0].end - data[0].begin != width * prod(shape):
        return None
    return TensorSpan(offset=data[0].begin, dtype=dtype, shape=shape)


def _old(shape: Shape, rank: int) -> Shape:
    """The shape in a file that fills up vectors and matrices with ones in front to four extents."""
    if not any(shape):
        return ()
    front = shape[: len(shape) - rank] if rank else ()
    return shape[len(front) :] if set(front) <= {1} else shape


def _dims(buffer: Buffer, message: Field) -> Shape:
    found: list[int] = []
    for each in fields(buffer, message.begin, message.end):
        if each.number == 1:
            found += integers(buffer, each, MAX_RANK + 1 - len(found))
    return tuple(found)


def _text(buffer: Buffer, message: Field, number: int) -> str:
    """The first text of this number in a message."""
    for each in fields(buffer, message.begin, message.end):
        if each.number == number and each.wire_type == LENGTH:
            return text(buffer, each.begin, each.end, MAX_NAME)
    return ""
