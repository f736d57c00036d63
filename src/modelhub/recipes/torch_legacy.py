"""torch's legacy form: five pickles, then the storages one after another."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import Layout
from modelhub.recipes.mapped import Buffer, mapped
from modelhub.recipes.pickles import PickleError, Table, UnwelcomeError
from modelhub.recipes.torch_storages import Place, Storage, layout_of, unpickle, whole

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
_BINARY = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # behind the protocol, since protocol 4 a frame, too
_DECIMAL = f"L{MAGIC}L\n.".encode()
_FRAME = 11  # bytes before it, at most
_COUNT = struct.Struct("<q")


class TorchLegacyReader:
    """Reads what `torch.save` wrote before torch 1.6, and still writes when it is told to."""

    name = "torch-legacy"

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """By the magic number, itself a pickle."""
        if head.startswith(_DECIMAL):
            return True
        return head.startswith(b"\x80") and _BINARY in head[: _FRAME + len(_BINARY)]

    def read(self, path: Path) -> Layout:
        """The layout of a file; one that asks for unknown classes is taken whole."""
        with mapped(path) as buffer:
            try:
                return self._layout(path, buffer, len(buffer))
            except UnwelcomeError as error:
                return whole(path, f"asks for {error}")
            except PickleError as error:
                raise DamagedFileError(
                    f"{path}: its pickles are not valid: {error}; get it anew"
                ) from None

    def _layout(self, path: Path, buffer: Buffer, end: int) -> Layout:
        magic = unpickle(buffer, 0, end)
        protocol = unpickle(buffer, magic.end, end)
        system = unpickle(buffer, protocol.end, end)
        if magic.value != MAGIC or protocol.value != PROTOCOL:
            raise PickleError("the magic number or the protocol is unknown")
        if _of(system.value, "little_endian") is not True:
            return whole(path, "written on a big-endian machine")
        content = unpickle(buffer, system.end, end)
        keys = unpickle(buffer, content.end, end)
        places = _places(buffer, content.storages, keys.value, keys.end)
        return layout_of(path, self.name, content, places)


def _of(table: Any, name: str) -> Any:
    pairs = table.items() if isinstance(table, Table) else ()
    return next((value for key, value in pairs if key == name), None)


def _places(
    buffer: Buffer, storages: Mapping[str, Storage], keys: Any, position: int
) -> dict[str, Place]:
    """Where each storage lies: in the order of the keys, each behind its count of elements.

    Raises:
        PickleError: the keys are not those of the storages, or the file is cut off.
    """
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise PickleError("the list of storages is not valid")
    places: dict[str, Place] = {}
    for key in keys:
        if key in places or key not in storages:
            raise PickleError("the list of storages names one twice, or one that is not used")
        if len(buffer) - position < _COUNT.size:
            raise PickleError("it is cut off")
        (count,) = _COUNT.unpack(buffer[position : position + _COUNT.size])
        position += _COUNT.size
        storage = storages[key]
        if count != storage.elements or storage.size > len(buffer) - position:
            raise PickleError("a storage is cut off, or has another size than is said")
        places[key] = Place(offset=position, size=storage.size)
        position += storage.size
    return places


reader = TorchLegacyReader()
