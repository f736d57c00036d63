"""torch's legacy form: five pickles, then the storages."""

import pickle
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelhub.errors import DamagedFileError
from modelhub.recipes import Layout
from modelhub.recipes.torch_legacy import MAGIC, PROTOCOL, reader

CONTENT = {"w": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2).to(torch.bfloat16), "n": 7}
SYSTEM = {"protocol_version": PROTOCOL, "little_endian": True, "type_sizes": {"int": 4}}
TENSOR = (
    b"ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01kU\x03cpu"
    b"K\x02NtQK\x00(K\x02t(K\x01t\x89}tR."
)


def write(path: Path, protocol: int = 2) -> Path:
    torch.save(CONTENT, path, pickle_protocol=protocol, _use_new_zipfile_serialization=False)
    return path


def assembled(
    path: Path,
    *,
    magic: int = MAGIC,
    version: int = PROTOCOL,
    system: Any = SYSTEM,
    content: bytes = TENSOR,
    keys: Any = ("k",),
    count: int = 2,
    storage: bytes = bytes(8),
) -> Path:
    """A file put together by hand."""
    heads = b"".join(pickle.dumps(each, 2) for each in (magic, version, system))
    listed = pickle.dumps(list(keys) if isinstance(keys, tuple) else keys, 2)
    path.write_bytes(heads + content + listed + struct.pack("<q", count) + storage)
    return path


def check(layout: Layout) -> None:
    end = 0
    for span in layout.spans:
        assert span.offset >= end
        assert span.length > 0
        end = span.offset + span.length
    assert end <= layout.size


@pytest.mark.parametrize("protocol", range(1, pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(tmp_path: Path, protocol: int) -> None:
    """The file is known by its magic number, however that is pickled."""
    path = write(tmp_path / "net.any", protocol)
    layout = reader.read(path)

    assert reader.claims(path, path.read_bytes()[:64])
    assert (layout.reader, [each.name for each in layout.tensors]) == ("torch-legacy", ["w", "b"])
    assert dict(layout.values) == {"n": 7}


def test_other_files_are_not_claimed() -> None:
    """Neither other pickles nor anything else."""
    assert not reader.claims(Path("a.pt"), pickle.dumps(MAGIC + 1, 2))
    assert not reader.claims(Path("a.pt"), b"")
    assert not reader.claims(Path("a.pt"), b"PK\x03\x04")
    assert not reader.claims(Path("a.pt"), bytes(12) + pickle.dumps(MAGIC, 2))


def test_each_storage_is_a_span(tmp_path: Path) -> None:
    """Behind its count of elements; together with what is literal they are the file."""
    path = write(tmp_path / "net.pt")
    layout, raw = reader.read(path), path.read_bytes()
    found = {
        each.name: raw[layout.spans[each.span].offset :][: layout.spans[each.span].length]
        for each in layout.tensors
        if each.span is not None
    }

    assert found["w"] == CONTENT["w"].numpy().tobytes()
    assert found["b"] == bytes(CONTENT["b"].view(torch.uint8).numpy())
    assert max(span.offset + span.length for span in layout.spans) == len(raw) == layout.size


def test_a_file_by_hand(tmp_path: Path) -> None:
    """What the cases below break is whole; bytes behind the last storage are literal."""
    layout = reader.read(assembled(tmp_path / "net.pt", storage=bytes(20)))

    assert [(each.dtype, each.shape) for each in layout.spans] == [("float32", (2,))]
    assert layout.size == (tmp_path / "net.pt").stat().st_size


def test_counts_are_of_the_declared_type(tmp_path: Path) -> None:
    """An untyped storage is counted in bytes: float8 tensors, tensors of unsigned numbers."""
    content = {"a": torch.ones(5, dtype=torch.uint16), "b": torch.ones(3).to(torch.float8_e5m2)}
    path = tmp_path / "net.pt"
    torch.save(content, path, _use_new_zipfile_serialization=False)

    assert sorted((each.dtype, each.shape) for each in reader.read(path).spans) == [
        ("float8_e5m2", (3,)),
        ("uint16", (5,)),
    ]


@pytest.mark.parametrize("system", [SYSTEM | {"little_endian": False}, {}, None, [1]])
def test_big_endian_files_are_taken_whole(tmp_path: Path, system: Any) -> None:
    """A machine that was not little-endian, or does not say that it was."""
    layout = reader.read(assembled(tmp_path / "net.pt", system=system))

    assert layout.reader == "whole"
    assert "big-endian" in layout.note


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"magic": MAGIC + 1}, "magic number"),
        ({"version": PROTOCOL + 1}, "protocol"),
        ({"keys": None}, "list of storages"),
        ({"keys": (1,)}, "list of storages"),
        ({"keys": ("k", "k")}, "twice"),
        ({"keys": ("other",)}, "not used"),
        ({"keys": ()}, "missing"),
        ({"count": 3}, "another size"),
        ({"count": -2}, "another size"),
        ({"count": 1 << 61}, "another size"),
        ({"storage": bytes(7)}, "cut off"),
        ({"content": TENSOR.replace(b"K\x02N", b"K\x03N")}, "another size"),
        ({"content": TENSOR.replace(b"K\x02N", b"\x8a\x08" + b"\xff" * 7 + b"\x0fN")}, "size"),
        ({"content": TENSOR[:-1]}, "not valid"),
        ({"content": b"h\x00."}, "not there"),
    ],
)
def test_damaged_files(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """Each rule of the form that a file can break."""
    with pytest.raises(DamagedFileError, match=message):
        reader.read(assembled(tmp_path / "net.pt", **change))


def test_every_truncation(tmp_path: Path) -> None:
    """Cut off anywhere, the file is refused."""
    raw = write(tmp_path / "net.pt").read_bytes()
    path = tmp_path / "cut.pt"
    for end in range(len(raw)):
        path.write_bytes(raw[:end])
        with pytest.raises(DamagedFileError):
            reader.read(path)


@pytest.mark.property
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_mutations(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever bytes are changed or cut off: a layout within the file, or the one error."""
    path = tmp_path / "net.pt"
    if not path.exists():
        write(path)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    mutant = tmp_path / "mutant.pt"
    mutant.write_bytes(raw[: data.draw(st.integers(0, len(raw)) | st.just(len(raw)))])

    try:
        check(reader.read(mutant))
    except DamagedFileError as error:
        assert str(mutant) in str(error)  # noqa: PT017 - other errors must come through
