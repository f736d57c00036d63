"""Checkpoint files of tensors that come from elsewhere, written a part at a time."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import BinaryIO

from numpy.lib import format as npy_format

from modelhub.dtypes import NUMPY, numpy_dtype, size_bytes
from modelhub.errors import InputError
from modelhub.recipes.safetensors import UNREAD_ELSEWHERE, safetensors_header
from modelhub.values import Shape

_EPOCH = (1980, 1, 1, 0, 0, 0)  # so that equal tensors make equal files


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingTensor:
    """A tensor to be written; `parts` gives its bytes, little-endian, in C order."""

    name: str
    dtype: str
    shape: Shape
    parts: Callable[[], Iterable[bytes | memoryview]]

    @property
    def length(self) -> int:
        """How many bytes `parts` gives."""
        return size_bytes(self.dtype, self.shape)


Writer = Callable[[BinaryIO, Sequence[OutgoingTensor]], None]


def write_safetensors(file: BinaryIO, tensors: Sequence[OutgoingTensor]) -> None:
    """Write a safetensors file.

    Raises:
        InputError: the format has no such dtype.
    """
    for tensor in tensors:
        if tensor.dtype == UNREAD_ELSEWHERE:
            raise InputError(
                f"{tensor.name} is {tensor.dtype}, which other readers of safetensors files do not "
                "know; use --as npz"
            )
    file.write(safetensors_header([(t.name, t.dtype, t.shape) for t in tensors]))
    for tensor in tensors:
        file.writelines(tensor.parts())


def write_npz(file: BinaryIO, tensors: Sequence[OutgoingTensor]) -> None:
    """Write a NumPy archive; dtypes that NumPy lacks have no place in one.

    Raises:
        InputError: a tensor is of such a dtype, or is opaque.
    """
    for tensor in tensors:
        if tensor.dtype not in NUMPY or numpy_dtype(tensor.dtype).isbuiltin != 1:
            raise InputError(
                f"{tensor.name} is {tensor.dtype}, which .npz files cannot hold; "
                "use --as safetensors"
            )
        if "\0" in tensor.name:
            raise InputError(f"the name {tensor.name!r} has a zero character; zip files cannot")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for tensor in tensors:
            header = io.BytesIO()
            described = {
                "descr": npy_format.dtype_to_descr(numpy_dtype(tensor.dtype)),
                "fortran_order": False,
                "shape": tensor.shape,
            }
            npy_format.write_array_header_2_0(header, described)
            _member(archive, f"{tensor.name}.npy", [header.getvalue()], tensor)


def _member(
    archive: zipfile.ZipFile,
    name: str,
    before: Iterable[bytes],
    tensor: OutgoingTensor | None = None,
) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    with archive.open(info, "w", force_zip64=True) as member:
        for head in before:
            member.write(head)
        for part in tensor.parts() if tensor is not None else ():
            member.write(part)


_STORAGES: Mapping[str, str] = {
    "float32": "Float",
    "float64": "Double",
    "float16": "Half",
    "bfloat16": "BFloat16",
    "int64": "Long",
    "int32": "Int",
    "int16": "Short",
    "int8": "Char",
    "uint8": "Byte",
    "bool": "Bool",
    "complex64": "ComplexFloat",
    "complex128": "ComplexDouble",
}


def write_torch(file: BinaryIO, tensors: Sequence[OutgoingTensor]) -> None:
    """Write a state dict as `torch.save` does, without torch.

    Raises:
        InputError: torch's files of this form cannot hold a tensor's dtype.
    """
    for tensor in tensors:
        if tensor.dtype not in _STORAGES:
            raise InputError(
                f"{tensor.name} is {tensor.dtype}, which is not written as .pt; "
                "use --as safetensors"
            )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        _member(archive, "archive/data.pkl", [b"".join(_pickled(tensors))])
        _member(archive, "archive/byteorder", [b"little"])
        for key, tensor in enumerate(tensors):
            _member(archive, f"archive/data/{key}", [], tensor)
        _member(archive, "archive/version", [b"3\n"])


def _pickled(tensors: Sequence[OutgoingTensor]) -> Iterator[bytes]:
    """The opcodes of a pickle of protocol 2: an ordered dictionary of tensors."""
    yield b"\x80\x02" + _ORDERED_DICT + b"("
    for key, tensor in enumerate(tensors):
        elements = prod(tensor.shape)
        storage = b"ctorch\n" + _STORAGES[tensor.dtype].encode() + b"Storage\n"
        yield _text(tensor.name)
        yield b"ctorch._utils\n_rebuild_tensor_v2\n("
        yield b"(" + _text("storage") + storage + _text(str(key)) + _text("cpu")
        yield _number(elements) + b"tQ" + _number(0)
        yield _tuple(tensor.shape) + _tuple(_strides(tensor.shape))
        yield b"\x89" + _ORDERED_DICT + b"tR"  # requires_grad is False, no hooks
    yield b"u."


_ORDERED_DICT = b"ccollections\nOrderedDict\n)R"


def _strides(shape: Shape) -> Shape:
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _text(text: str) -> bytes:
    raw = text.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(raw)) + raw


def _number(number: int) -> bytes:
    raw = number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def _tuple(numbers: Shape) -> bytes:
    return b"(" + b"".join(map(_number, numbers)) + b"t"
