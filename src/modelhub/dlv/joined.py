"""A weight whose elements lie in several tensors of a snapshot."""

from collections.abc import Sequence
from math import prod

import numpy as np
import numpy.typing as npt

from modelhub.dlv.tensors import LevelValues, Tensor
from modelhub.dtypes import numpy_dtype
from modelhub.errors import InputError
from modelhub.network import Part
from modelhub.values import Shape

Array = npt.NDArray[np.generic]


class JoinedTensor:
    """Tensors that fill the boxes of one array; nothing is read before it is asked for.

    Memory: of `read_into`, one part, and nothing where parts lie in one piece.
    """

    def __init__(self, name: str, shape: Shape, parts: Sequence[tuple[Part, Tensor]]) -> None:
        """Args say what `name` is made of; the parts fill all of `shape`.

        Raises:
            InputError: the parts have unequal dtypes.
        """
        dtypes = sorted({tensor.dtype for _, tensor in parts})
        if len(dtypes) != 1:
            raise InputError(f"the parts of {name} have unequal dtypes: {', '.join(dtypes)}")
        self.name, self.dtype, self.shape = name, dtypes[0], shape
        self._parts = parts

    def numpy(self) -> Array:
        """The whole array."""
        found: Array = np.empty(self.shape, dtype=numpy_dtype(self.dtype))
        self.read_into(found.reshape(-1).view(np.uint8).data)
        return found

    def levels(self, count: int) -> LevelValues:
        """Mid-points and a bound for each element, from the first `count` levels of each part.

        Raises:
            InputError: as of `Tensor.levels`.
        """
        found = [(part, tensor.levels(count)) for part, tensor in self._parts]
        values: Array = np.empty(self.shape, found[0][1].values.dtype)
        radius: Array = np.empty(self.shape, found[0][1].radius.dtype)
        for part, each in found:
            values[_box(part)] = each.values.reshape(part.shape)
            radius[_box(part)] = each.radius.reshape(part.shape)
        return LevelValues(
            values=values,
            radius=radius,
            bytes_read=sum(each.bytes_read for _, each in found),
            bytes_stored=sum(each.bytes_stored for _, each in found),
        )

    def read_into(self, out: memoryview) -> None:
        """Its elements, little-endian in C order, into memory of exactly their size.

        Raises:
            InputError: `out` is read-only, or of another size.
        """
        width = numpy_dtype(self.dtype).itemsize
        if out.readonly or out.nbytes != width * prod(self.shape):
            raise InputError(f"{self.name} needs memory of its size that can be written")
        flat = out.cast("B")
        whole = np.frombuffer(flat, dtype=numpy_dtype(self.dtype)).reshape(self.shape)
        for part, tensor in self._parts:
            box = whole[_box(part)]
            if box.flags.c_contiguous:
                tensor.read_into(box.reshape(-1).view(np.uint8).data)
            else:
                box[...] = tensor.numpy().reshape(part.shape)


def _box(part: Part) -> tuple[slice, ...]:
    return tuple(slice(at, at + n) for at, n in zip(part.start, part.shape, strict=True))
