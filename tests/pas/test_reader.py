"""Tests of `modelhub.pas.reader`."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelhub.dtypes import NUMPY, PACKED_FLOAT4, numpy_dtype, size_bytes
from modelhub.errors import InputError, IntegrityError, NotFoundError
from modelhub.pas import (
    ArchiveReader,
    ArchiveWriter,
    BlobSpan,
    Limits,
    MemoryIndex,
    MemoryStore,
    merge_packs,
)

DTYPES = [*NUMPY, PACKED_FLOAT4, "opaque:q4_0"]
SHAPES = [(), (0,), (3, 0), (7,), (70, 50), (5000,), (9, 1000, 3)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_and_shape_comes_back(archive, tools, dtype):
    """What was put is read, streamed and read into memory, byte for byte."""
    tensors = [tools.noise(dtype, shape) for shape in SHAPES]
    infos = archive.write(tensors)
    with archive.reader() as reader:
        for info, (_, _, raw) in zip(infos, tensors, strict=True):
            out = bytearray(len(raw))
            reader.read_into(info.id, memoryview(out))
            reader.check_tensor(info.id)

            assert bytes(reader.read(info.id)) == raw
            assert out == raw
            assert b"".join(reader.stream(info.id)) == raw


@given(
    dtype=st.sampled_from(DTYPES),
    count=st.integers(0, 300),
    pattern=st.binary(min_size=1, max_size=24),
    flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=5),
    data=st.data(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_part_of_any_tensor_comes_back(dtype, count, pattern, flips, data):
    """For all bytes, and all ranges of elements: a part equals the same part of the whole."""
    count *= 50
    size = size_bytes(dtype, (count,))
    raw = bytearray((pattern * (size // len(pattern) + 1))[:size])
    for position, value in flips:
        if size:
            raw[position % size] = value
    limits = Limits(group=700, segment_raw=2000, held=20_000, read=6000)
    store, index = MemoryStore(), MemoryIndex()
    with ArchiveWriter(store, index, limits=limits) as writer:
        info = writer.put_tensor(
            lambda offset, length: raw[offset : offset + length], dtype=dtype, shape=(count,)
        )
    for pack in writer.packs:
        index.register(pack.id, pack.footer)
    start = data.draw(st.integers(0, count))
    stop = data.draw(st.integers(start, count))
    width = numpy_dtype(dtype).itemsize
    with ArchiveReader(store, index) as reader:
        assert bytes(reader.read(info.id)) == raw
        part = reader.read(info.id, start=start, stop=stop)

    assert bytes(part) == raw[start * width : stop * width]


SPECIAL = np.array(
    [0x7FC00001, 0x7F800001, 0xFFC12345, 0x80000000, 1, 0x807FFFFF, 0x7F800000, 0xFF800000],
    np.uint32,
)


def test_special_floats_keep_their_bits(archive):
    """NaN payloads, -0, subnormals and infinities come back bit by bit."""
    for repeat in (1, 500):
        raw = np.tile(SPECIAL, repeat).tobytes()
        [info] = archive.write([("float32", (8 * repeat,), raw)])

        assert archive.read(info.id) == raw


@pytest.mark.parametrize("dtype", ["float32", "int64", "bfloat16", "uint8"])
def test_no_flipped_bit_gives_wrong_bytes(archive, tools, dtype):
    """Flip any bit of a pack: each tensor and blob is read as it was, or is an IntegrityError."""
    big, small = tools.noise(dtype, (4500,)), tools.noise(dtype, (20,))
    with archive.writer() as writer:
        infos = [tools.put(writer, *big), tools.put(writer, *small)]
        blob = writer.put_blob(b"some literal" * 9, role="literal")
    archive.register(writer.packs)
    [pack] = writer.packs
    data = archive.store.read(pack.id, 0, pack.size)
    members = [(each.offset, each.offset + each.size) for each in pack.footer.members]
    for position in range(0, pack.size, 61):
        archive.store._objects[pack.id] = flipped(data, position)
        damaged = any(begin <= position < end for begin, end in members)
        outcomes = [
            outcome(archive, info.id, raw)
            for info, (_, _, raw) in zip(infos, (big, small), strict=True)
        ]
        outcomes.append(blob_outcome(archive, blob, b"some literal" * 9))

        assert outcomes.count("error") == (1 if damaged else 0)
        assert set(outcomes) <= {"right", "error"}


def flipped(data, position):
    changed = bytearray(data)
    changed[position] ^= 1 << position % 8
    return bytes(changed)


def outcome(archive, wanted, raw):
    try:
        return "right" if archive.read(wanted) == raw else "wrong"
    except IntegrityError as error:
        return "error" if wanted in str(error) else "unnamed"


def blob_outcome(archive, wanted, raw):
    try:
        with archive.reader() as reader:
            return "right" if reader.blob(wanted) == raw else "wrong"
    except IntegrityError as error:
        return "error" if wanted in str(error) else "unnamed"


def test_a_damaged_part_is_found_without_reading_the_rest(archive, tools):
    """A part is covered by checksums of its own."""
    [info] = archive.write([tools.noise("uint8", (9000,))])
    [segment] = archive.index.find_tensor(info.id).segments[:1]
    place = segment.location
    data = archive.store.read(place.pack, 0, archive.store.size(place.pack))
    archive.store._objects[place.pack] = flipped(data, place.offset + place.size - 1)
    with archive.reader() as reader:
        reader.read(info.id, start=0, stop=1000)
        with pytest.raises(IntegrityError, match=f"{info.id}.*{place.pack}"):
            reader.read(info.id, start=2000, stop=3000)


def test_the_error_names_tensor_pack_and_way_out(archive, tools):
    """One line: what, where, what to do."""
    [info] = archive.write([tools.noise("uint8", (9000,))])
    [pack] = archive.store.ids()
    data = archive.store.read(pack, 0, archive.store.size(pack))
    archive.store._objects[pack] = flipped(data, 60)

    with pytest.raises(IntegrityError, match=f"^tensor {info.id} .*pack {pack}.*run dlv fsck$"):
        archive.read(info.id)


def test_a_part_reads_few_bytes(archive, tools):
    """Only the groups that hold the elements are read, and the heads of their segments."""
    [info] = archive.write(
        [tools.noise("float32", (60_000,))], limits=Limits(group=1000), encoding="planes-zstd"
    )
    before = archive.store.bytes_read
    with archive.reader() as reader:
        reader.read(info.id, start=20_500, stop=21_500)

    heads = 4 * (12 + 13 * 60)
    assert archive.store.bytes_read - before == 2 * 4000 + heads


def test_a_whole_tensor_is_read_once(archive, tools):
    """Reading a tensor reads its segments and nothing else."""
    [info] = archive.write([tools.noise("float32", (60_000,)), tools.noise("int8", (9000,))][:1])
    stored = archive.index.find_tensor(info.id)
    before = archive.store.bytes_read
    archive.read(info.id)

    assert archive.store.bytes_read - before == sum(s.location.size for s in stored.segments)


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (6, 5), (0, 8), (8, None)])
def test_elements_that_are_not_there_are_refused(archive, tools, start, stop):
    """A range must lie inside the tensor."""
    [info] = archive.write([tools.noise("int16", (7,))])
    with archive.reader() as reader, pytest.raises(InputError, match="7 elements"):
        reader.read(info.id, start=start, stop=stop)


def test_memory_that_does_not_fit_is_refused(archive, tools):
    """`read_into` needs writable memory of the very size."""
    [info] = archive.write([tools.noise("int16", (7,))])
    with archive.reader() as reader:
        for out in (memoryview(bytearray(13)), memoryview(bytes(14))):
            with pytest.raises(InputError, match="needs 14 writable"):
                reader.read_into(info.id, out)


def test_memory_of_any_type_is_filled(archive, tools):
    """`read_into` takes the memory of a matrix as it is."""
    dtype, shape, raw = tools.noise("float32", (30, 50))
    [info] = archive.write([(dtype, shape, raw)])
    out = np.empty(shape, np.float32)
    with archive.reader() as reader:
        reader.read_into(info.id, memoryview(out))

    assert out.tobytes() == raw


def test_what_is_not_stored_is_not_found(archive):
    """A tensor or blob that the index does not know is NotFoundError."""
    with archive.reader() as reader:
        asks = (reader.read, reader.stream, reader.check_tensor, reader.blob, joined(reader))
        for ask in asks:
            with pytest.raises(NotFoundError, match="is not stored here"):
                ask("0" * 64)


def test_tensors_and_spans_of_blobs_are_joined(archive, tools):
    """Large tensors, small ones from a block, empty ones and literals come one after another."""
    tensors = [tools.noise("float32", (count,), count) for count in (5000, 7, 0, 4200, 9)]
    blobs = [bytes([65 + n]) * 100 for n in range(2)]
    with archive.writer() as writer:
        ids = [tools.put(writer, *tensor).id for tensor in tensors]
        literals = [writer.put_blob(blob, role="literal") for blob in blobs]
    archive.register(writer.packs)
    parts, expected = [], b""
    for number, (id_, (_, _, raw)) in enumerate(zip(ids * 2, tensors * 2, strict=True)):
        which, length = number % 2, 10 * number
        parts += [BlobSpan(blob=literals[which], offset=3, length=length), id_]
        expected += blobs[which][3 : 3 + length] + raw
    with archive.reader() as reader:
        assert b"".join(reader.join(parts)) == expected
        assert list(reader.join([])) == []


def test_no_flipped_bit_is_joined(archive, tools):
    """Stored bytes are compared with their checksums, though decoded ones are not hashed."""
    _, _, raw = big = tools.noise("float32", (4500,))
    [info] = archive.write([big])
    for segment in archive.index.find_tensor(info.id).segments:
        place = segment.location
        data = archive.store._objects[place.pack]
        for position in (place.offset, place.offset + place.size // 2):
            archive.store._objects[place.pack] = flipped(data, position)
            with archive.reader() as reader, pytest.raises(IntegrityError, match=info.id):
                list(reader.join([info.id]))
        archive.store._objects[place.pack] = data
    with archive.reader() as reader:
        assert b"".join(reader.join([info.id])) == raw


def joined(reader):
    return lambda id_: list(reader.join([id_]))


class MovingIndex:
    """An index that changes when it is asked the second time."""

    def __init__(self, before, after):
        self.indexes = [before, after]
        self.asked = 0

    def _now(self):
        self.asked += 1
        return self.indexes[min(self.asked, 2) - 1]

    def find_tensor(self, wanted):
        return self._now().find_tensor(wanted)

    def find_blob(self, wanted):
        return self._now().find_blob(wanted)

    def blob_depth(self, wanted):
        return self._now().blob_depth(wanted)


@pytest.fixture
def moved(archive, tools):
    """Two small packs that were merged into another one and deleted."""
    raws = {}
    for seed in range(2):
        with archive.writer() as writer:
            dtype, shape, raw = tools.noise("float32", (5000,), seed)
            raws[tools.put(writer, dtype, shape, raw).id] = raw
            small = tools.noise("float32", (5,), seed)
            raws[tools.put(writer, *small).id] = small[2]
            blob = bytes([seed]) * 100
            raws[writer.put_blob(blob, role="literal")] = blob
        archive.register(writer.packs)
    old = list(archive.store.ids())
    after = MemoryIndex()
    for pack in merge_packs(archive.store, old, keep=lambda _: True):
        after.register(pack.id, pack.footer)
    for pack in old:
        archive.store.delete(pack)
    return after, raws


def test_a_pack_that_was_merged_away_is_looked_up_again(archive, moved):
    """A reader that finds a pack missing asks the index once more."""
    after, raws = moved
    for wanted, raw in raws.items():
        index = MovingIndex(archive.index, after)
        with ArchiveReader(archive.store, index) as reader:
            is_blob = after.find_blob(wanted) is not None
            found = reader.blob(wanted) if is_blob else bytes(reader.read(wanted))

        assert found == raw


def test_packs_that_are_merged_away_while_parts_are_joined(archive, moved):
    """Each part is looked up again for itself."""
    after, raws = moved
    tensors = [id_ for id_ in raws if after.find_blob(id_) is None]
    for index in (MovingIndex(archive.index, after), after):
        with ArchiveReader(archive.store, index) as reader:
            assert b"".join(reader.join(tensors)) == b"".join(raws[id_] for id_ in tensors)


def test_a_pack_that_is_lost_is_an_integrity_error(archive, moved):
    """If the index still names the missing pack, the data is lost, and the error says so."""
    _, raws = moved
    with archive.reader() as reader:
        for wanted in raws:
            is_blob = archive.index.find_blob(wanted) is not None
            with pytest.raises(IntegrityError, match=f"{wanted}.*missing; run dlv fsck"):
                reader.blob(wanted) if is_blob else reader.read(wanted)


def test_a_stream_that_is_abandoned_ends(archive, tools):
    """Closing a stream half-way leaves no work behind."""
    [info] = archive.write([tools.noise("float32", (60_000,))])
    with archive.reader() as reader:
        stream = reader.stream(info.id)
        next(stream)
        stream.close()

        assert bytes(reader.read(info.id))[:4] != b""


def test_threads_may_read_together(archive, tools):
    """One reader serves several threads."""
    tensors = [tools.noise("float32", (count,), count) for count in range(5, 9000, 500)]
    infos = archive.write(tensors)
    with archive.reader() as reader, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda info: bytes(reader.read(info.id)), infos * 3))

    assert found == [raw for _, _, raw in tensors] * 3
