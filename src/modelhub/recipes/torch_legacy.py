"""torch's legacy form: five pickles, then the storages one after another."""

import struct
from pathlib import Path
from typing import Any

from modelhub.dtypes import numpy_dtype
from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import Layout
from modelhub.recipes.mapped import Buffer, mapped
from modelhub.recipes.pickles import PickleError, Table, UnwelcomeError
from modelhub.recipes.torch_storages import (
    Described,
    Place,
    describe,
    layout_of,
    run,
    whole,
)

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
_HEAD = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_COUNT = struct.Struct("<q")


class TorchLegacyReader:
    """Reads what `torch.save` wrote before torch 1.6, and still writes when it is told to."""

    name = "torch-legacy"

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """By the magic number, itself a pickle."""
        return head.startswith(_HEAD)

    def read(self, path: Path) -> Layout:
        """The layout of a file; one that asks for unknown classes is taken whole."""
        with mapped(path) as buffer:
            try:
                return self._layout(path, buffer, len(buffer))
            except UnwelcomeError as error:
                return whole(path, f"asks for {error}")
            except (PickleError, UnicodeDecodeError, struct.error) as error:
                raise DamagedFileError(f"{path}: its pickles are not valid: {error}") from None

    def _layout(self, path: Path, buffer: Buffer, end: int) -> Layout:
        magic, position = run(buffer, 0, end)
        protocol, position = run(buffer, position, end)
        system, position = run(buffer, position, end)
        if magic != MAGIC or protocol != PROTOCOL:
            raise PickleError("the magic number or the protocol is unknown")
        if _of(system, "little_endian") is not True:
            return whole(path, "written on a big-endian machine")
        value, position = run(buffer, position, end)
        keys, position = run(buffer, position, end)
        found = describe(value)
        places = _places(buffer, found, keys, position, end)
        return layout_of(path, self.name, found, places)


def _of(table: Any, name: str) -> Any:
    pairs = table.pairs if isinstance(table, Table) else []
    return next((value for key, value in pairs if key == name), None)


def _places(
    buffer: Buffer, found: Described, keys: Any, position: int, end: int
) -> dict[str, Place]:
    """Where each storage lies: in the order of the keys, each behind its count of elements.

    Raises:
        PickleError: the keys are not those of the tensors, or the file is cut off.
        UnwelcomeError: nobody says how wide a storage's elements are.
    """
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise PickleError("the list of storages is not valid")
    storages = {tensor.storage.key: tensor.storage for _, tensor in found.tensors}
    places: dict[str, Place] = {}
    for key in keys:
        if key in places:
            raise PickleError("a storage stands twice")
        if key not in storages:
            raise UnwelcomeError("a storage that no tensor is in")
        if position + _COUNT.size > end:
            raise PickleError("it is cut off")
        (count,) = _COUNT.unpack(buffer[position : position + _COUNT.size])
        position += _COUNT.size
        storage = storages[key]
        size = count * numpy_dtype(storage.dtype).itemsize
        if count != storage.elements or size > end - position:
            raise PickleError("a storage is cut off, or has another size than is said")
        places[key] = Place(offset=position, size=size)
        position += size
    return places


reader = TorchLegacyReader()
