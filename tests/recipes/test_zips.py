"""Members of zip files, where they lie."""

import io
import struct
import zipfile

import pytest

from modelhub.errors import DamagedFileError
from modelhub.recipes.zips import members, read_member

DATA = bytes(range(256)) * 4


def write(path, *, compression=zipfile.ZIP_STORED, names=("a", "b/c")):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name in names:
            archive.writestr(name, DATA + name.encode())
    return path


def test_stored_members_lie_in_the_file(tmp_path):
    """Their bytes are where they are said to be, by offset."""
    path = write(tmp_path / "f.zip")
    raw, found = path.read_bytes(), members(path)
    assert [raw[m.offset : m.offset + m.size] for m in found] == [DATA + b"a", DATA + b"b/c"]
    assert [m.name for m in found] == ["a", "b/c"]
    assert all(m.is_stored for m in found)
    assert read_member(path, found[0], limit=2000) == DATA + b"a"


def test_a_zip_within_other_bytes(tmp_path):
    """What stands before the zip moves its members."""
    path = write(tmp_path / "f.zip")
    path.write_bytes(b"#!shell\n" + path.read_bytes())
    assert read_member(path, members(path)[1], limit=2000) == DATA + b"b/c"


def test_large_zip_fields(tmp_path):
    """The extra field of a local header may be longer than that of the directory."""
    path = tmp_path / "f.zip"
    with zipfile.ZipFile(path, "w") as archive, archive.open("x", "w", force_zip64=True) as member:
        member.write(DATA)
    assert read_member(path, members(path)[0], limit=2000) == DATA


def test_compressed_members_are_not_unpacked(tmp_path):
    """They are listed, and cannot be read: no bomb goes off."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50_000_000))
    (member,) = members(path)
    assert not member.is_stored
    assert member.size < 100_000
    with pytest.raises(DamagedFileError, match="too long or compressed"):
        read_member(path, member, limit=1 << 40)


def test_a_limit_is_kept(tmp_path):
    """A member that is too long is not read."""
    path = write(tmp_path / "f.zip")
    with pytest.raises(DamagedFileError, match="too long"):
        read_member(path, members(path)[0], limit=10)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a\nb", "\u202eevil", "C:\\x"])
def test_names_are_only_names(tmp_path, name):
    """A member's name never becomes a path."""
    path = write(tmp_path / "f.zip", names=(name,))
    assert [member.name for member in members(path)] == [name]
    assert list(tmp_path.iterdir()) == [path]


def directory_of(raw: bytes) -> int:
    return struct.unpack_from("<I", raw, len(raw) - 22 + 16)[0]


def test_members_that_overlap_are_refused(tmp_path):
    """Two entries of the directory that point to the same bytes."""
    path = write(tmp_path / "f.zip", names=("a", "b"))
    raw = bytearray(path.read_bytes())
    second = raw.index(b"PK\x01\x02", directory_of(raw) + 4)
    raw[second + 42 : second + 46] = bytes(4)
    path.write_bytes(raw)
    with pytest.raises(DamagedFileError, match="overlap"):
        members(path)


@pytest.mark.parametrize(
    ("field", "value"), [(42, 0xFFFF_FFF0), (42, 5), (20, 0x7FFF_FFFF), (20, 0xFFFF_FFFF)]
)
def test_members_outside_the_file_are_refused(tmp_path, field, value):
    """An offset or a size that is not there."""
    path = write(tmp_path / "f.zip", names=("a",))
    raw = bytearray(path.read_bytes())
    at = directory_of(raw) + field
    raw[at : at + 4] = struct.pack("<I", value)
    path.write_bytes(raw)
    with pytest.raises(DamagedFileError):
        members(path)


def test_every_truncation_is_damage(tmp_path):
    """A zip file's directory is at its end."""
    raw = write(tmp_path / "f.zip").read_bytes()
    for size in range(0, len(raw), 7):
        (tmp_path / "cut.zip").write_bytes(raw[:size])
        with pytest.raises(DamagedFileError, match="not a whole zip file"):
            members(tmp_path / "cut.zip")


def test_encrypted_members_are_not_stored(tmp_path):
    """Their bytes are not theirs."""
    path = write(tmp_path / "f.zip", names=("a",))
    raw = bytearray(path.read_bytes())
    raw[directory_of(raw) + 8] |= 1
    path.write_bytes(raw)
    assert not members(path)[0].is_stored


def test_what_is_no_zip(tmp_path):
    """Any other bytes."""
    (tmp_path / "f").write_bytes(io.BytesIO(DATA).read())
    with pytest.raises(DamagedFileError):
        members(tmp_path / "f")
