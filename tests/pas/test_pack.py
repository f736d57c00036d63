"""Tests of `modelhub.pas.pack`."""

import pytest

from modelhub.errors import IntegrityError, NotFoundError
from modelhub.pas import MemoryStore, check_pack, read_footer


@pytest.fixture
def pack(archive, tools):
    with archive.writer() as writer:
        tools.put(writer, *tools.noise("float32", (3000,)))
        writer.put_blob(b"literal", role="literal")
    [written] = writer.packs
    return written


def bytes_of(store, pack):
    return store.read(pack.id, 0, pack.size)


def test_a_pack_is_framed_by_its_magics(archive, pack):
    """pack.md §1: the magics, and a footer that is found from the end."""
    data = bytes_of(archive.store, pack)
    length = int.from_bytes(data[-24:-16], "little")

    assert data[:8] == b"DLVPACK1"
    assert data[-8:] == b"1KCAPVLD"
    assert data[-24 - length :][:4] == b"\x28\xb5\x2f\xfd"  # a zstd frame


def test_the_footer_is_read_back(archive, pack):
    """What a writer reports of a pack is what the pack says of itself."""
    assert read_footer(archive.store, pack.id) == pack.footer
    assert archive.store.size(pack.id) == pack.size


def test_a_whole_pack_passes_the_check(archive, pack):
    """The SHA-256 of a pack's bytes is its name."""
    check_pack(archive.store, pack.id)


def test_every_flipped_bit_is_found(archive, pack):
    """One bit anywhere changes the hash, and a changed footer is not parsed."""
    data = bytes_of(archive.store, pack)
    for position in range(0, len(data), 97):
        store = DamagedStore(data, position)

        with pytest.raises(IntegrityError, match=pack.id):
            check_pack(store, pack.id)


def test_a_damaged_footer_is_refused(archive, pack):
    """Each bit of the footer and of the trailer is covered."""
    data = bytes_of(archive.store, pack)
    length = int.from_bytes(data[-24:-16], "little")
    for position in range(len(data) - 24 - length, len(data)):
        with pytest.raises(IntegrityError, match=pack.id):
            read_footer(DamagedStore(data, position), pack.id)


@pytest.mark.parametrize("size", [0, 8, 31, 32, 100])
def test_a_pack_that_is_cut_off_is_refused(size, archive, pack):
    """A pack without its end has no footer."""
    store = MemoryStore()
    name = store.put([bytes_of(archive.store, pack)[:size]])

    with pytest.raises(IntegrityError, match=name):
        read_footer(store, name)


def test_a_missing_pack_is_not_found():
    """A pack that is not there is neither read nor checked."""
    with pytest.raises(NotFoundError):
        read_footer(MemoryStore(), "0" * 64)
    with pytest.raises(NotFoundError):
        check_pack(MemoryStore(), "0" * 64)


class DamagedStore(MemoryStore):
    """Gives one object, whatever the name, with one bit flipped."""

    def __init__(self, data, position):
        super().__init__()
        changed = bytearray(data)
        changed[position] ^= 1 << position % 8
        self.data = bytes(changed)

    def _object(self, _pack):
        return self.data
