"""Tests of `modelhub.pas.writer`."""

from collections import Counter
from threading import Event

import numpy as np
import pytest
from blake3 import blake3

from modelhub.errors import ConflictError, InputError, NotFoundError, StorageError
from modelhub.pas import MemoryStore, SegmentMember, check_pack, read_footer


def id_of(dtype, shape, raw):
    extents = ",".join(map(str, shape))
    return blake3(f"dlv tensor 1\n{dtype}\n{extents}\n".encode() + raw).hexdigest()


def test_the_id_is_that_of_the_specification(archive, tools):
    """repository.md §2: BLAKE3 of domain, dtype, extents and elements."""
    tensor = tools.noise("bfloat16", (5000, 3))
    [info] = archive.write([tensor])

    assert info.id == id_of(*tensor)
    assert (info.dtype, info.shape) == tensor[:2]


@pytest.mark.parametrize("count", [10, 2000, 7000, 9000], ids=["block", "held", "held 2", "large"])
def test_equal_tensors_are_stored_once(archive, tools, count):
    """A tensor that this writer or the index has is not stored again."""
    tensor = tools.noise("float32", (count,))
    with archive.writer() as writer:
        first = tools.put(writer, *tensor)
        assert tools.put(writer, *tensor) == first
    archive.register(writer.packs)
    with archive.writer() as second:
        assert tools.put(second, *tensor) == first

    assert second.packs == []
    stored = [copy for pack in writer.packs for copy in pack.footer.copies]
    assert len({(copy.tensor, copy.copy) for copy in stored}) == (1 if count > 10 else 0)


@pytest.mark.parametrize("count", [0, 10, 2000, 9000], ids=["empty", "block", "held", "large"])
def test_the_observer_sees_every_byte_once_known_or_not(archive, tools, count):
    """The hash of a file is computed in the same pass, even of what is not stored again."""
    tensor = tools.noise("float32", (count,))
    for _ in range(2):
        seen = bytearray()
        with archive.writer() as writer:
            tools.put(writer, *tensor, observer=seen.extend)
        archive.register(writer.packs)

        assert seen == tensor[2]


@pytest.mark.parametrize(("count", "passes"), [(7000, 1), (9000, 2)])
def test_only_large_tensors_are_read_twice(archive, small, count, passes):
    """A source is asked in ascending order, for at most the limit at a time."""
    raw = bytes(4 * count)
    asked = []

    def source(offset, size):
        asked.append((offset, size))
        return raw[offset : offset + size]

    with archive.writer() as writer:
        writer.put_tensor(source, dtype="float32", shape=(count,))

    assert Counter(asked) == dict.fromkeys(asked, passes)
    assert asked[: len(asked) // passes] == sorted(set(asked))
    assert max(size for _, size in asked) <= small.read


def test_a_reused_buffer_is_no_harm(archive):
    """What a source returns is copied if it can change."""
    buffer = bytearray(30_000)

    def source(offset, size):
        buffer[:size] = bytes([offset % 251]) * size
        return memoryview(buffer)[:size]

    with archive.writer() as writer:
        info = writer.put_tensor(source, dtype="uint8", shape=(30_000,))
        buffer[:] = b"\xff" * len(buffer)
    archive.register(writer.packs)

    assert archive.read(info.id)[:9] == bytes(9)


def test_a_large_tensor_that_changes_is_a_conflict(archive):
    """A second reading that differs is found before the copy is complete, and ends the writer."""
    calls = iter(range(100))

    def source(_, size):
        return bytes([next(calls)]) * size

    with archive.writer() as writer, pytest.raises(ConflictError, match="changed while being"):
        writer.put_tensor(source, dtype="float32", shape=(10_000,))
    archive.register(writer.packs)

    assert list(archive.index.tensors()) == []
    with pytest.raises(ConflictError, match="begin again"):
        writer.finish()


@pytest.mark.parametrize("count", [10, 2000, 9000])
def test_a_source_that_ends_early_is_a_conflict(archive, count):
    """A file that became shorter while being added is refused."""
    with archive.writer() as writer, pytest.raises(ConflictError, match="ended after"):
        writer.put_tensor(lambda _, size: bytes(size - 1), dtype="float32", shape=(count,))

    assert writer.packs == []


def test_wrong_descriptions_are_refused(archive, tools):
    """No such dtype, and impossible shapes."""
    with archive.writer() as writer:
        for dtype, shape in (("float33", (1,)), ("int8", (-1,)), ("int8", (1,) * 65)):
            with pytest.raises(InputError):
                tools.put(writer, dtype, shape, b"")
        tools.put(writer, *tools.noise("int8", (3,)))  # nothing was half written

    assert len(writer.packs) == 1


def test_an_unknown_encoding_is_refused_at_once(archive):
    """The name of an encoding is checked when the writer is made."""
    with pytest.raises(NotFoundError, match=r"no modelhub\.encodings called 'nope'"):
        archive.writer(encoding="nope")


def test_packs_keep_to_the_limits(archive, tools, small):
    """Many tensors become several packs, none of them too large, each of them sound."""
    tensors = [tools.noise("float32", (2000 + 10 * i,), i) for i in range(60)]
    with archive.writer() as writer:
        for tensor in tensors:
            tools.put(writer, *tensor)
        assert writer.packs  # some are written before the end

    assert len(writer.packs) > 4
    for pack in writer.packs:
        assert pack.size <= small.pack
        check_pack(archive.store, pack.id)
        assert read_footer(archive.store, pack.id) == pack.footer


def test_a_pack_is_ordered_by_level_then_tensor_then_group(archive, tools):
    """pack.md §1: segments by level, tensor and group; then blobs."""
    with archive.writer() as writer:
        writer.put_blob(b"first", role="literal")
        for i in range(3):
            tools.put(writer, *tools.noise("float32", (5000,), i))
        tools.put(writer, *tools.noise("float32", (5,)))
    [pack] = writer.packs
    places = [
        (member.level, member.copy, member.group) if isinstance(member, SegmentMember) else (99,)
        for member in pack.footer.members
    ]

    assert places == sorted(places)
    assert len(places) == 4 * 3 * 2 + 2


def test_blocks_have_bounded_numbers_of_tensors(archive, tools, small):
    """A block is closed when it has enough tensors, or bytes."""
    tensors = [tools.noise("uint8", (i,), i) for i in range(12)]
    tensors += [tools.noise("uint8", (3000,), i) for i in range(4)]
    with archive.writer() as writer:
        infos = [tools.put(writer, *tensor) for tensor in tensors]
    archive.register(writer.packs)
    blocks = [member for pack in writer.packs for member in pack.footer.members]

    assert max(len(block.tensors) for block in blocks) <= small.block_tensors
    assert max(block.raw_size for block in blocks) <= small.block
    assert [archive.read(info.id) for info in infos] == [raw for _, _, raw in tensors]


def test_blocks_of_equal_elements_are_two_blobs(archive):
    """Two zeros of float32 are not two of int32: blocks that list other tensors differ."""
    first = archive.write([("float32", (2,), bytes(8)), ("int8", (0,), b"")])
    second = archive.write([("int32", (2,), bytes(8)), ("int8", (0, 3), b"")])

    stored = [archive.index.find_tensor(info.id) for info in first + second]

    assert len({each.block[0] for each in stored}) == 2
    assert [archive.read(info.id) for info in first + second] == [bytes(8), b"", bytes(8), b""]


def test_an_exception_drops_what_is_pending(archive, tools):
    """Leaving the block by an exception writes nothing more."""

    def fail():
        with archive.writer() as writer:
            tools.put(writer, *tools.noise("float32", (2000,)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert list(archive.store.ids()) == []


def test_spill_keeps_little_and_writes_much(archive, tools):
    """`spill` writes only when more than its limit waits."""
    with archive.writer() as writer:
        tools.put(writer, *tools.noise("int8", (10,)))
        writer.spill()
        assert writer.packs == []
        tools.put(writer, *tools.noise("int8", (5000,)))
        writer.spill()
        [pack] = writer.packs
        writer.finish()

    assert writer.packs == [pack]
    assert len(pack.footer.tensors) == 2


def test_a_writer_goes_on_after_finish(archive, tools):
    """`finish` makes durable what was added so far; more may follow."""
    with archive.writer() as writer:
        for seed in range(3):
            tools.put(writer, *tools.noise("int8", (5000,), seed))
            writer.finish()

    assert len(writer.packs) == 3


def test_packs_do_not_depend_on_the_threads(archive, tools):
    """The same input makes the same packs."""
    tensors = [tools.noise("bfloat16", (3000 + i,), i) for i in range(20)]
    packs = []
    for threads in (1, 4):
        with archive.writer(threads=threads) as writer:
            for tensor in tensors:
                tools.put(writer, *tensor)
        packs.append(sorted(pack.id for pack in writer.packs))

    assert packs[0] == packs[1]


def test_statistics_are_recorded(archive):
    """A footer has the statistics of tensors in blocks, of held ones and of large ones."""
    for count in (10, 2000, 20_000):
        values = np.arange(count, dtype=np.float32)
        [info] = archive.write([("float32", (count,), values.tobytes())])
        found = archive.index.find_tensor(info.id).statistics

        assert (found.min, found.max, found.zeros) == (0, count - 1, 1)
        assert found.std == pytest.approx(values.astype(np.float64).std())


def test_an_error_of_the_store_surfaces(archive, tools):
    """A pack that cannot be written is an error of the writer, and nothing hangs."""

    class FullStore(MemoryStore):
        def put(self, _parts):
            raise StorageError("the disk is full")

    archive.store = FullStore()
    with pytest.raises(StorageError, match="the disk is full"):
        archive.write(tools.noise("int8", (9000,), seed) for seed in range(50))


def test_pending_bytes_are_bounded(archive, tools, small):
    """However much is added, no more than the limit waits to be written."""
    released = Event()
    sizes = []

    class SlowStore(MemoryStore):
        def put(self, parts):
            released.wait(0.01)
            sizes.append(sum(map(len, parts)))
            return super().put(parts)

    archive.store = SlowStore()
    with archive.writer() as writer:
        for seed in range(60):
            tools.put(writer, *tools.noise("float32", (7000,), seed))
            assert writer.pending <= small.pending

    assert sum(sizes) > 4 * small.pending
