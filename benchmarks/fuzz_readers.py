"""Broken files for every reader: each is refused, or its layout keeps its promises.

    python benchmarks/fuzz_readers.py --cases 100000 --reader npy

Whatever was not refused properly is kept under --work, named by the case, to be looked at.
"""

import argparse
import io
import shutil
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import gguf
import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from safetensors.numpy import save_file

from modelhub.errors import DamagedFileError
from modelhub.recipes import READERS, Layout
from modelhub.wrappers import NETWORK_READERS

SLOW = 2.0  # seconds for a file of some kilobytes
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 62, 1 << 63)
DIGITS = (
    b"0",
    b"1",
    b"-1",
    b"99",
    b"4294967296",
    b"9223372036854775808",
    b"1e9",
    b"1" + b"0" * 400,
)
NAMES = {
    "safetensors": "f.safetensors",
    "torch-zip": "f.pt",
    "torch-legacy": "f.pt",
    "onnx": "f.onnx",
    "npz": "f.npz",
    "npy": "f.npy",
    "gguf": "f.gguf",
    "caffe": "f.caffemodel",
    "keras": "f.keras",
    "hdf5": "f.h5",
}
GOLDEN = Path(__file__).parent.parent / "tests" / "data" / "keras"
Mutation = Callable[[bytearray, Random], None]


def flip(data: bytearray, random: Random) -> None:
    for _ in range(random.choice((1, 1, 2, 8))):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def cut(data: bytearray, random: Random) -> None:
    del data[random.randrange(len(data)) :]


def splice(data: bytearray, random: Random) -> None:
    begin, size = random.randrange(len(data)), random.choice((1, 4, 16, 200))
    piece = bytes(data[begin : begin + size])
    at = random.randrange(len(data))
    data[at : at + random.choice((0, size))] = piece * random.choice((1, 1, 2, 40))


def number(data: bytearray, random: Random) -> None:
    width, value = random.choice((1, 2, 4, 8)), random.choice(EXTREMES)
    at = random.randrange(len(data))
    order = random.choice(("little", "little", "big"))
    data[at : at + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, order)


def digits(data: bytearray, random: Random) -> None:
    """Replace a number that is written out."""
    start = random.randrange(len(data))
    begin = next((i for i in range(start, len(data)) if 48 <= data[i] < 58), None)
    if begin is not None:
        end = next((i for i in range(begin, len(data)) if not 48 <= data[i] < 58), len(data))
        data[begin:end] = random.choice(DIGITS)


def remove(data: bytearray, random: Random) -> None:
    begin = random.randrange(len(data))
    del data[begin : begin + random.choice((1, 2, 8, 64))]


def noise(data: bytearray, random: Random) -> None:
    begin = random.randrange(len(data))
    size = random.choice((1, 4, 32))
    data[begin : begin + size] = random.randbytes(size)


MUTATIONS: tuple[Mutation, ...] = (flip, flip, cut, splice, number, number, digits, remove, noise)


def mutated(seed: bytes, random: Random) -> bytes:
    """A file with one to three things wrong; half of the time where the headers are."""
    data = bytearray(seed)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if len(data) < 2:
            break
        if random.random() < 0.5 and len(data) > 600:
            head, tail = (0, 300) if random.random() < 0.5 else (len(data) - 300, len(data))
            part = data[head:tail]
            random.choice(MUTATIONS)(part, random)
            data[head:tail] = part
        else:
            random.choice(MUTATIONS)(data, random)
    return bytes(data)


def mutated_inside(seed: bytes, random: Random) -> bytes:
    """A sound zip file of which one member has something wrong."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(seed)) as old, zipfile.ZipFile(out, "w") as new:
        infos = old.infolist()
        pickles = [info for info in infos if info.filename.endswith("data.pkl")]
        chosen = random.choice(pickles or infos)
        for info in infos:
            data = old.read(info)
            new.writestr(info.filename, mutated(data, random) if info is chosen else data)
    return out.getvalue()


def case(seed: bytes, random: Random) -> bytes:
    is_zip = seed.startswith(b"PK\x03\x04")
    return (mutated_inside if is_zip and random.random() < 0.6 else mutated)(seed, random)


def check(path: Path, layout: Layout) -> None:
    """The promises of a layout.

    Raises:
        AssertionError: it breaks one.
    """
    position = 0
    for span in layout.spans:
        assert span.length > 0, "a span without bytes"
        assert span.offset >= position, "spans overlap"
        position = span.offset + span.length
    assert position <= layout.size == path.stat().st_size, "a span lies outside"
    assert len({tensor.name for tensor in layout.tensors}) == len(layout.tensors), "equal names"
    for tensor in layout.tensors:
        tensor.name.encode()
        assert all(type(extent) is int and extent >= 0 for extent in tensor.shape), "a shape"
        if tensor.span is not None:
            span = layout.spans[tensor.span]
            assert tensor.dtype == span.dtype, "another dtype"
            view = tensor.view
            if view is None:
                assert tensor.shape == span.shape, "another shape"
            else:
                reach = sum((n - 1) * s for n, s in zip(view.shape, view.strides, strict=True))
                elements = 1
                for extent in span.shape:
                    elements *= extent
                assert 0 <= view.offset <= view.offset + reach < elements, "a view leaves its span"
    assert layout.note.isprintable(), "a note that is not printable"


def seeds(name: str, folder: Path) -> Iterator[bytes]:
    """Sound files of a format."""
    path = folder / NAMES[name]
    for write in WRITERS[name]:
        write(path)
        yield path.read_bytes()
        path.unlink()


ARRAYS = {
    "weight": np.arange(60, dtype=np.float32).reshape(3, 4, 5),
    "half": np.zeros((2, 3), np.float16),
    "scalar": np.array(7),
    "empty": np.zeros((0, 2), np.int8),
}


def checkpoint() -> dict[str, object]:
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    optimizer = torch.optim.Adam(module.parameters())
    module(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    tied = torch.arange(24.0)
    return {
        "model": module.state_dict(),
        "optimizer": optimizer.state_dict(),
        "views": [tied, tied[3:9], tied.view(4, 6).T, tied[:1].expand(2, 3)],
        "others": (torch.zeros(()), torch.zeros(0, 2), torch.ones(3, dtype=torch.bfloat16)),
        "float8": torch.ones(3).to(torch.float8_e4m3fn),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "epoch": 3,
        "name": "résumé",
        "args": argparse.Namespace(lr=0.1),
    }


def write_onnx(path: Path) -> None:
    tensors = [numpy_helper.from_array(array, name) for name, array in ARRAYS.items()]
    tensors.append(helper.make_tensor("floats", onnx.TensorProto.FLOAT, [2], [1.0, 2.0]))
    node = helper.make_node("Constant", [], ["c"], value=tensors[0])
    onnx.save(helper.make_model(helper.make_graph([node], "g", [], [], tensors)), path)


def write_gguf(path: Path) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_string("name", "tiny")
    writer.add_array("tokens", ["a", "b"])
    for name, array in ARRAYS.items():
        if array.size and array.dtype != np.int64:
            writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def message(number: int, raw: bytes) -> bytes:
    """A field of a message that is bytes."""
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found, value = found + bytes([value & 0x7F | 0x80]), value >> 7
    return found + bytes([value])


def write_caffe(path: Path) -> None:
    raw = message(1, b"LeNet")
    for name, array in ARRAYS.items():
        dims = message(1, b"".join(map(varint, array.shape)))
        blob = message(7, dims) + message(5, array.astype("<f4").tobytes())
        double = message(7, dims) + message(8, array.astype("<f8").tobytes())
        layer = message(1, name.encode()) + message(2, b"Convolution")
        raw += message(100, layer + message(7, blob) + message(7, double))
    path.write_bytes(raw)


def write_old_caffe(path: Path) -> None:
    weight = b"".join(
        bytes([8 * n]) + varint(e) for n, e in zip((1, 2, 3, 4), (1, 1, 4, 5), strict=True)
    )
    weight += message(5, np.arange(20, dtype="<f4").tobytes())
    bias = b"\x08\x01\x10\x01\x18\x01\x20\x04" + message(5, bytes(16))
    layer = message(4, b"ip1") + b"\x28\x0e" + message(6, weight) + message(6, bias)
    path.write_bytes(message(1, b"Old") + message(2, layer))


def save_legacy(path: Path) -> None:
    torch.save(checkpoint(), path, _use_new_zipfile_serialization=False)


def keras_writer(source: Path) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(source, "config.json")

    return write


def write_hdf5(path: Path) -> None:
    with zipfile.ZipFile(GOLDEN / "nested.keras") as archive:
        path.write_bytes(archive.read("model.weights.h5"))


WRITERS: dict[str, tuple[Callable[[Path], object], ...]] = {
    "safetensors": (lambda path: save_file(ARRAYS, path, metadata={"a": "b"}),),
    "torch-zip": (
        lambda path: torch.save(checkpoint(), path),
        lambda path: torch.save({"w": torch.arange(6.0)}, path, pickle_protocol=5),
    ),
    "torch-legacy": (
        save_legacy,
        lambda path: torch.save(
            {"w": torch.arange(6.0)}, path, _use_new_zipfile_serialization=False
        ),
    ),
    "onnx": (write_onnx,),
    "npz": (
        lambda path: np.savez(path, **ARRAYS),
        lambda path: np.savez_compressed(path, **ARRAYS),
    ),
    "npy": (
        lambda path: np.save(path, ARRAYS["weight"]),
        lambda path: np.save(path, np.asfortranarray(ARRAYS["weight"])),
        lambda path: np.save(path, np.zeros(3, [("a", ">i4"), ("b", "O")])),
    ),
    "gguf": (write_gguf,),
    "caffe": (write_caffe, write_old_caffe),
    "keras": (
        *map(keras_writer, sorted(GOLDEN.glob("*.json"))),
        lambda path: shutil.copyfile(GOLDEN / "nested.keras", path),
    ),
    "hdf5": (write_hdf5,),
}


def attempt(name: str, path: Path) -> str:
    """Read a file: `refused`, `read`, `whole`, or what is wrong."""
    begin = time.perf_counter()
    try:
        layout = READERS.get(name).read(path)
        check(path, layout)
        found = "whole" if layout.reader == "whole" else "read"
        if name == "keras":  # and its network, which is checked as it is made
            NETWORK_READERS.get(name).read(path)
    except DamagedFileError as error:
        found = "refused" if str(error).isprintable() else "WRONG: an unprintable message"
    except Exception as error:  # noqa: BLE001 - finding it is the purpose
        found = f"WRONG: {type(error).__name__}: {error}"[:150]
    if time.perf_counter() - begin > SLOW:
        found = f"WRONG: slow, and {found}"
    return found


def fuzz(name: str, cases: int, seed: int, work: Path) -> Counter[str]:
    """Run the cases of a reader; what came of them, counted."""
    random = Random(seed)
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        originals = list(seeds(name, Path(folder)))
        path = Path(folder) / NAMES[name]
        for index in range(cases):
            data = case(random.choice(originals), random)
            path.write_bytes(data)
            outcome = attempt(name, path)
            outcomes[outcome] += 1
            if outcome.startswith("WRONG") and outcomes[outcome] == 1:
                work.mkdir(parents=True, exist_ok=True)
                (work / f"{name}-{seed}-{index}").write_bytes(data)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--reader", choices=sorted(NAMES), action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=Path("fuzz-findings"))
    options = parser.parse_args()
    is_wrong = False
    print(f"| reader | cases | refused | read | whole | wrong | seconds |\n|{'---|' * 7}")
    for name in options.reader or sorted(NAMES):
        begin = time.perf_counter()
        outcomes = fuzz(name, options.cases, options.seed, options.work)
        wrong = {each: count for each, count in outcomes.items() if each.startswith("WRONG")}
        counts = [outcomes[each] for each in ("refused", "read", "whole")]
        row = [
            name,
            options.cases,
            *counts,
            sum(wrong.values()),
            round(time.perf_counter() - begin),
        ]
        print(f"| {' | '.join(map(str, row))} |", flush=True)
        for each, count in wrong.items():
            print(f"  {count} times {each}", file=sys.stderr)
        is_wrong |= bool(wrong)
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main())
