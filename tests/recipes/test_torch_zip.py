"""torch's zip form: what it is made of, and what is taken whole."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelhub.errors import DamagedFileError
from modelhub.recipes import Layout, torch_zip
from modelhub.recipes.torch_zip import reader

CONTENT = {"w": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2).to(torch.bfloat16), "n": 7}
Change = Callable[[str, bytes], bytes | None]


def write(path: Path) -> Path:
    torch.save(CONTENT, path)
    return path


def rewrite(path: Path, change: Change, compression: int = zipfile.ZIP_STORED) -> Path:
    """Write the checkpoint anew: `change` gives the content of each member; None leaves it out."""
    with zipfile.ZipFile(write(path)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, raw in found.items():
            changed = change(name, raw)
            if changed is not None:
                archive.writestr(name, changed)
    return path


def check(layout: Layout) -> None:
    end = 0
    for span in layout.spans:
        assert span.offset >= end
        assert span.length > 0
        end = span.offset + span.length
    assert end <= layout.size


def test_it_is_known_by_name_and_magic(tmp_path: Path) -> None:
    """A zip with a name that torch's files have; not a zip of another name, nor another file."""
    head = write(tmp_path / "net.pt").read_bytes()[:64]

    assert all(reader.claims(Path(name), head) for name in ("a.pt", "a.PTH", "a.bin", "a.ckpt"))
    assert not reader.claims(Path("a.zip"), head)
    assert not reader.claims(Path("a.pt"), b"PK")
    assert not reader.claims(Path("a.pt"), b"")


def test_each_storage_is_a_span(tmp_path: Path) -> None:
    """The members `data/KEY` are the spans."""
    path = write(tmp_path / "net.pt")
    layout = reader.read(path)
    raw = path.read_bytes()

    assert layout.reader == "torch-zip"
    assert [(each.dtype, each.shape) for each in layout.spans] == [
        ("float32", (2, 3)),
        ("bfloat16", (2,)),
    ]
    span = layout.spans[0]
    assert raw[span.offset : span.offset + 24] == CONTENT["w"].numpy().tobytes()
    assert dict(layout.values) == {"n": 7}
    assert layout.size == len(raw)


def test_a_checkpoint_that_was_zipped_again(tmp_path: Path) -> None:
    """Any writer of zip files will do, as long as it stores."""
    layout = reader.read(rewrite(tmp_path / "net.pt", lambda _, raw: raw))

    assert (layout.reader, len(layout.spans), len(layout.tensors)) == ("torch-zip", 2, 2)


def test_a_storage_without_a_tensor_is_a_span(tmp_path: Path) -> None:
    """A member that the pickle does not name is a flat tensor of bytes."""
    path = write(tmp_path / "net.pt")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("net/data/77", b"unnamed")
    layout = reader.read(path)

    assert [(each.dtype, each.shape) for each in layout.spans][2:] == [("uint8", (7,))]
    assert len(layout.tensors) == 2


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (lambda name, raw: None if name.endswith("data.pkl") else raw, "without a data.pkl"),
        (lambda name, raw: b"big" if name.endswith("byteorder") else raw, "big-endian"),
        (lambda name, raw: b"l" * 99 if name.endswith("byteorder") else raw, "big-endian"),
    ],
)
def test_what_is_taken_whole(tmp_path: Path, change: Change, note: str) -> None:
    """A zip that is no checkpoint, or one of a big-endian machine; the note says why."""
    layout = reader.read(rewrite(tmp_path / "net.pt", change))

    assert layout.reader == "whole"
    assert note in layout.note
    assert layout.spans == ()


def test_compressed_checkpoints_are_taken_whole(tmp_path: Path) -> None:
    """Compressed storages, or a compressed pickle, are no tensors in the file."""
    every = reader.read(rewrite(tmp_path / "a.pt", lambda _, raw: raw, zipfile.ZIP_DEFLATED))
    path = rewrite(tmp_path / "b.pt", lambda name, raw: None if name.endswith("/data/0") else raw)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(archive.namelist()[0].split("/")[0] + "/data/0", bytes(24))

    assert (every.reader, reader.read(path).reader) == ("whole", "whole")
    assert "compressed" in every.note
    assert "compressed" in reader.read(path).note


def test_a_long_pickle_is_taken_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle that does not fit in the memory set aside for it is not looked into."""
    path = write(tmp_path / "net.pt")
    monkeypatch.setattr(torch_zip, "MAX_PICKLE", 10)

    assert reader.read(path).reader == "whole"


def test_scripts_are_taken_whole(tmp_path: Path) -> None:
    """A TorchScript archive holds a program, which is not looked into."""
    path = rewrite(tmp_path / "net.pt", lambda _, raw: raw)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("net/constants.pkl", b"\x80\x02).")

    assert "TorchScript" in reader.read(path).note


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice(tmp_path: Path) -> None:
    """Nobody knows which of two members of one name is meant."""
    path = write(tmp_path / "net.pt")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("net/data/0", bytes(24))

    assert "twice" in reader.read(path).note


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name, raw: None if name.endswith("data/1") else raw, "'1' is missing"),
        (lambda name, raw: raw[:-1] if name.endswith("data/0") else raw, "23 bytes"),
        (lambda name, raw: raw + b"x" if name.endswith("data/0") else raw, "25 bytes"),
        (lambda name, raw: raw[:-9] if name.endswith("data.pkl") else raw, "cut off"),
        (lambda name, raw: b"" if name.endswith("data.pkl") else raw, "cut off"),
    ],
)
def test_damaged_checkpoints(tmp_path: Path, change: Change, message: str) -> None:
    """Storages that are missing or of another size, a pickle that is cut off."""
    with pytest.raises(DamagedFileError, match=message):
        reader.read(rewrite(tmp_path / "net.pt", change))


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
