"""Where packs lie: a protocol, a folder, and memory."""

import hashlib
import itertools
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Protocol

from modelhub import durable
from modelhub.durable import Buffer
from modelhub.errors import InputError, IntegrityError, ModelHubError, NotFoundError
from modelhub.pas import format as pack_format
from modelhub.values import PackId

_NAME = re.compile(rf"[0-9a-f]{{{pack_format.ID_DIGITS}}}")
_FOLDER_DIGITS = 2
_WRITE = pack_format.MIB  # bytes that are collected before the system is asked to write


class PackSink(Protocol):
    """Where new packs go."""

    def put(self, parts: Sequence[Buffer]) -> PackId:
        """Store the concatenation of some buffers; an object that is there already is fine."""
        ...


class PackSource(Protocol):
    """Where packs are read."""

    def read(self, pack: PackId, offset: int, size: int) -> bytes:
        """A range of an object.

        Raises:
            InputError: `pack` is no object name.
            NotFoundError: the object is not there.
            IntegrityError: it has no such range.
        """
        ...

    def size(self, pack: PackId) -> int:
        """Bytes of an object.

        Raises:
            NotFoundError: the object is not there.
        """
        ...


class ObjectStore(PackSink, PackSource, Protocol):
    """Immutable objects, named by the SHA-256 of their bytes.

    A store promises that an object is durable when `put` returns, that it is there as a whole or
    not at all, and that threads may use it together.
    """

    bytes_read: int
    """Bytes that `read` has returned so far."""

    def ids(self) -> Iterator[PackId]:
        """The names of all objects, ascending."""
        ...

    def modified(self, pack: PackId) -> float:
        """When the object was stored last, in seconds since 1970.

        Raises:
            NotFoundError: the object is not there.
        """
        ...

    def delete(self, pack: PackId) -> None:
        """Remove an object; one that is gone already is no error."""
        ...


def check_pack_id(pack: str) -> None:
    """Refuse what is no object name, before it becomes a path.

    Raises:
        InputError: it is not 64 lower-case hex digits.
    """
    if not _NAME.fullmatch(pack):
        raise InputError(f"{pack!r:.80} is no object name; one has 64 lower-case hex digits")


class DirectoryStore:
    """A folder `ab/cdef…` on a local disk.

    Args:
        folder: where the objects lie.
        scratch: gives a folder of the running writer, on the same file system.
    """

    def __init__(self, folder: Path, scratch: Callable[[], Path]) -> None:
        self.folder = folder
        self.bytes_read = 0
        self._scratch = scratch
        self._lock = Lock()

    def put(self, parts: Sequence[Buffer], *, expected: PackId | None = None) -> PackId:
        """Write, flush, rename, flush the folder.

        An object of the same name is replaced: the bytes are the same, and were it damaged, it
        would be whole again.

        Args:
            parts: its bytes.
            expected: the name that it must have, if somebody else said it.

        Raises:
            InputError: it has another one; nothing is stored.
        """
        temporary = self._scratch() / f"pack-{secrets.token_hex(8)}"
        digest = hashlib.sha256()
        try:
            durable.write_file(temporary, _hashed(parts, digest.update), mode=0o444)
        except (ModelHubError, OSError):
            durable.remove(temporary)
            raise
        name = PackId(digest.hexdigest())
        if expected not in {None, name}:
            durable.remove(temporary)
            raise InputError(f"the bytes that came are not those of object {expected:.12}")
        target = self.path_of(name)
        durable.make_folder(target.parent)
        durable.rename(temporary, target)
        return name

    def read(self, pack: PackId, offset: int, size: int) -> bytes:
        """A range of an object."""
        path = self.path_of(pack)
        try:
            with durable.reported("read", path):
                found = _read_range(path, offset, size)
        except FileNotFoundError:
            raise _missing(pack) from None
        if found is None:
            raise _too_short(pack, offset, size)
        with self._lock:
            self.bytes_read += size
        return found

    def size(self, pack: PackId) -> int:
        """Bytes of an object."""
        return self._status(pack).st_size

    def ids(self) -> Iterator[PackId]:
        """The names of all objects; files of other names are passed over."""
        for folder in _names(self.folder, _FOLDER_DIGITS):
            rest = pack_format.ID_DIGITS - _FOLDER_DIGITS
            for name in _names(self.folder / folder, rest):
                yield PackId(folder + name)

    def modified(self, pack: PackId) -> float:
        """When the object was stored last."""
        return self._status(pack).st_mtime

    def freshen(self, pack: PackId) -> None:
        """Make an object as young as if it were stored now.

        Raises:
            NotFoundError: the object is not there.
        """
        path = self.path_of(pack)
        try:
            with durable.reported("freshen", path):
                os.utime(path, follow_symlinks=False)
        except FileNotFoundError:
            raise _missing(pack) from None

    def delete(self, pack: PackId) -> None:
        """Remove an object."""
        durable.remove(self.path_of(pack))

    def path_of(self, pack: PackId) -> Path:
        """Where an object lies, or would.

        Raises:
            InputError: `pack` is no object name.
        """
        check_pack_id(pack)
        return self.folder / pack[:_FOLDER_DIGITS] / pack[_FOLDER_DIGITS:]

    def _status(self, pack: PackId) -> os.stat_result:
        path = self.path_of(pack)
        try:
            with durable.reported("read", path):
                return path.stat()
        except FileNotFoundError:
            raise _missing(pack) from None


class MemoryStore:
    """Objects in a dictionary: for tests, and for archives that need not last."""

    def __init__(self) -> None:
        self.bytes_read = 0
        self._objects: dict[PackId, bytes] = {}
        self._modified: dict[PackId, float] = {}
        self._clock = itertools.count(1)
        self._lock = Lock()

    def put(self, parts: Sequence[Buffer]) -> PackId:
        """Keep an object."""
        data = b"".join(parts)
        name = PackId(hashlib.sha256(data).hexdigest())
        with self._lock:
            self._objects[name] = data
            self._modified[name] = float(next(self._clock))
        return name

    def read(self, pack: PackId, offset: int, size: int) -> bytes:
        """A range of an object."""
        data = self._object(pack)
        if offset < 0 or size < 0 or offset + size > len(data):
            raise _too_short(pack, offset, size)
        with self._lock:
            self.bytes_read += size
        return data[offset : offset + size]

    def size(self, pack: PackId) -> int:
        """Bytes of an object."""
        return len(self._object(pack))

    def ids(self) -> Iterator[PackId]:
        """The names of all objects."""
        return iter(sorted(self._objects))

    def modified(self, pack: PackId) -> float:
        """A number that grows with each `put`."""
        self._object(pack)
        return self._modified[pack]

    def delete(self, pack: PackId) -> None:
        """Forget an object."""
        check_pack_id(pack)
        with self._lock:
            self._objects.pop(pack, None)

    def _object(self, pack: PackId) -> bytes:
        check_pack_id(pack)
        try:
            return self._objects[pack]
        except KeyError:
            raise _missing(pack) from None


def _hashed(parts: Sequence[Buffer], update: Callable[[Buffer], object]) -> Iterator[Buffer]:
    """The parts, small ones joined, each hashed as it is handed on."""
    small = bytearray()
    for part in parts:
        update(part)
        if len(small) + len(part) <= _WRITE:
            small += part
            continue
        yield bytes(small)
        small.clear()
        yield part
    yield bytes(small)


def _read_range(path: Path, offset: int, size: int) -> bytes | None:
    """The range, or None if the file has no such one; nothing is allocated before that is known."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if offset < 0 or size < 0 or offset + size > os.fstat(descriptor).st_size:
            return None
        found = os.pread(descriptor, size, offset)
        while len(found) < size:  # the system may return less than was asked for
            more = os.pread(descriptor, size - len(found), offset + len(found))
            if not more:
                return None
            found += more
        return found
    finally:
        os.close(descriptor)


def _names(folder: Path, digits: int) -> list[str]:
    pattern = re.compile(rf"[0-9a-f]{{{digits}}}")
    try:
        with durable.reported("list", folder), os.scandir(folder) as entries:
            wants_folders = digits == _FOLDER_DIGITS
            return sorted(
                entry.name
                for entry in entries
                if pattern.fullmatch(entry.name)
                and (entry.is_dir if wants_folders else entry.is_file)(follow_symlinks=False)
            )
    except FileNotFoundError:
        return []


def _missing(pack: PackId) -> NotFoundError:
    return NotFoundError(f"object {pack} is missing; run dlv fsck")


def _too_short(pack: PackId, offset: int, size: int) -> IntegrityError:
    return IntegrityError(
        f"object {pack} has no {size} bytes at offset {offset}: it is cut off; run dlv fsck"
    )
