"""Where the members of a zip file lie; nothing is ever unpacked."""

import errno
import struct
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import shown

_LOCAL = struct.Struct("<4s22xHH")
_FAULTS = (
    *(zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, struct.error),
    *(OverflowError, OSError),
)
_LOCAL_MAGIC = b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMember:
    """A member of a zip file.

    Attributes:
        name: as the directory says; it never becomes a path.
        offset: where its data begin in the file.
        size: bytes of its data there.
        is_stored: whether the data are the member itself, not compressed, not encrypted.
    """

    name: str
    offset: int
    size: int
    is_stored: bool


def members(path: Path) -> list[StoredMember]:
    """The members of a zip file, by offset; they lie inside the file and do not overlap.

    Raises:
        DamagedFileError: it is no zip file, is cut off, or says impossible things.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            size = path.stat().st_size
            found = [_member(path, file, info, size) for info in archive.infolist()]
    except _FAULTS as error:
        # The system's errors are not the file's fault, but for a seek to an impossible place.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise DamagedFileError(f"{path} is not a whole zip file ({shown(str(error))})") from error
    found.sort(key=lambda member: (member.offset, member.size))
    for one, other in pairwise(found):
        if one.offset + one.size > other.offset:
            raise DamagedFileError(
                f"{path}: the members {one.name!r} and {other.name!r} overlap; "
                "it is damaged, or was made to deceive"
            )
    return found


def _member(path: Path, file: BinaryIO, info: zipfile.ZipInfo, size: int) -> StoredMember:
    """A member's place, by its local header: its extra field differs from the directory's."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size:
        raise DamagedFileError(f"{path}: the member {info.filename!r} lies outside the file")
    magic, name_size, extra_size = _LOCAL.unpack(header)
    offset = info.header_offset + _LOCAL.size + name_size + extra_size
    if magic != _LOCAL_MAGIC or offset + info.compress_size > size:
        raise DamagedFileError(f"{path}: the member {info.filename!r} lies outside the file")
    is_stored = (
        info.compress_type == zipfile.ZIP_STORED
        and info.compress_size == info.file_size
        and not info.flag_bits & 1
    )
    return StoredMember(
        name=info.filename, offset=offset, size=info.compress_size, is_stored=is_stored
    )


def read_member(path: Path, member: StoredMember, *, limit: int) -> bytes:
    """The data of a stored member.

    Raises:
        DamagedFileError: it is longer than `limit`, or compressed.
    """
    if member.size > limit or not member.is_stored:
        raise DamagedFileError(f"{path}: the member {member.name!r} is too long or compressed")
    with path.open("rb") as file:
        file.seek(member.offset)
        return file.read(member.size)
