"""TensorBoard's event files: one that tensorboardX 2.6.5 wrote, and some by hand."""

import struct
import tracemalloc
from pathlib import Path

import google_crc32c
import pytest

from modelhub.errors import DamagedFileError
from modelhub.testing import WrapperContract
from modelhub.wrappers import Recording
from modelhub.wrappers.tensorboard import wrapper as tensorboard

GOLDEN = Path(__file__).parents[1] / "data" / "logs" / "events.out.tfevents.1700000000.host"


def read(path):
    sink = Recording()
    tensorboard.read(path, sink)
    return sink


def masked(data):
    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFF_FFFF)


def record(data):
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def field(number, payload):
    return bytes([number << 3 | 2, len(payload)]) + payload


def event(tag, value, *, step=b"\x07"):
    return b"\x10" + step + field(5, field(1, field(1, tag.encode()) + value))


def tensor(dtype, content):
    return field(8, b"\x08" + bytes([dtype]) + content)


def write(folder, *records):
    path = folder / "events.out.tfevents.1.host"
    path.write_bytes(b"".join(records))
    return path


class TestTensorBoard(WrapperContract):
    """Our wrapper keeps the contract."""

    @pytest.fixture
    def wrapper(self):
        return tensorboard

    def make_files(self, folder):
        path = folder / GOLDEN.name
        path.write_bytes(GOLDEN.read_bytes())
        return [path]


def test_scalars_by_step():
    """Texts and histograms are passed over."""
    history = read(GOLDEN).history
    loss = history["train/loss"]
    assert [step for step, _ in loss] == [0, 10, 20]
    assert [value for _, value in loss] == pytest.approx([1, 1 / 11, 1 / 21])
    assert [value for _, value in history["lr"]] == pytest.approx([0.1, 0.05, 0.025])
    assert history["eval/accuracy"] == [(20, 0.875)]
    assert set(history) == {"train/loss", "lr", "eval/accuracy"}


@pytest.mark.parametrize(
    "value",
    [
        b"\x15" + struct.pack("<f", 0.5),
        tensor(1, field(4, struct.pack("<f", 0.5))),
        tensor(1, field(5, struct.pack("<f", 0.5))),
        tensor(1, b"\x2d" + struct.pack("<f", 0.5)),
        tensor(2, field(6, struct.pack("<d", 0.5))),
        tensor(2, b"\x31" + struct.pack("<d", 0.5)),
    ],
)
def test_all_ways_to_write_a_scalar(tmp_path, value):
    """Simple values, and tensors of one float, packed or not."""
    assert read(write(tmp_path, record(event("a", value)))).history == {"a": [(7, 0.5)]}


@pytest.mark.parametrize(
    "value",
    [tensor(1, field(4, bytes(8))), tensor(7, field(8, b"text")), tensor(3, b"\x38\x05"), b""],
)
def test_what_is_no_float_is_passed_over(tmp_path, value):
    """Rows of numbers, texts, whole numbers."""
    assert read(write(tmp_path, record(event("a", value)))).metrics == {}


def test_a_step_below_zero(tmp_path):
    """Steps are signed."""
    value = b"\x15" + struct.pack("<f", 0.5)
    raw = record(event("a", value, step=b"\xff" * 9 + b"\x01"))
    assert read(write(tmp_path, raw)).history == {"a": [(-1, 0.5)]}


def test_a_record_that_is_being_written_is_left_out(tmp_path):
    """What stands before it is read."""
    raw = record(event("a", b"\x15" + bytes(4)))
    for size in range(len(raw)):
        assert read(write(tmp_path, raw, raw[:size])).history == {"a": [(7, 0)]}


def test_a_length_is_not_believed(tmp_path):
    """A record longer than the file is half written, however long it says that it is."""
    for length in (1 << 20, 1 << 40, 1 << 63, (1 << 64) - 1):
        head = struct.pack("<Q", length)
        assert read(write(tmp_path, head + masked(head) + b"abc")).metrics == {}


def test_very_long_records_are_passed_over(tmp_path, monkeypatch):
    """They are images and the like; what stands around them is read, and their sum is checked."""
    monkeypatch.setattr("modelhub.wrappers.tensorboard.MAX_RECORD", 100)
    monkeypatch.setattr("modelhub.wrappers.tensorboard.PIECE", 64)
    scalar = record(event("a", b"\x15" + struct.pack("<f", 0.5)))
    image = record(bytes(1000))
    assert read(write(tmp_path, scalar, image, scalar)).history == {"a": [(7, 0.5)] * 2}
    for size in range(1, len(image), 50):
        assert read(write(tmp_path, scalar, image[:size])).history == {"a": [(7, 0.5)]}
    wrong = bytearray(image)
    wrong[500] ^= 1
    with pytest.raises(DamagedFileError, match="damaged"):
        read(write(tmp_path, scalar, bytes(wrong), scalar))


def test_a_record_of_more_than_64_mib(tmp_path):
    """It is not taken for damage, and not held in memory."""
    path = write(tmp_path, record(bytes(65 << 20)), record(event("a", b"\x15" + bytes(4))))
    tracemalloc.start()
    assert read(path).history == {"a": [(7, 0)]}
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


def test_checksums_are_verified(tmp_path):
    """One wrong bit is noticed."""
    raw = bytearray(GOLDEN.read_bytes())
    for place in (2, 9, 20, len(raw) // 2):
        raw[place] ^= 1
        with pytest.raises(DamagedFileError):
            read(write(tmp_path, bytes(raw)))
        raw[place] ^= 1


def test_an_event_that_is_no_message(tmp_path):
    """Its checksum is right, and it is not."""
    with pytest.raises(DamagedFileError, match="not valid"):
        read(write(tmp_path, record(b"\x07\x07")))


def test_files_are_recognised_by_name():
    """As TensorBoard does."""
    assert tensorboard.claims(Path("runs/events.out.tfevents.1.host"))
    assert not tensorboard.claims(Path("events.txt"))
