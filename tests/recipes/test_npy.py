"""NumPy's files, written by NumPy."""

import io
import struct
import zipfile

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from modelhub.errors import DamagedFileError
from modelhub.recipes.npy import MAGIC, npy_reader, npz_reader

ARRAY = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def described(array):
    return (array.dtype.name, array.shape, array.tobytes())


@pytest.mark.property
@given(
    array=hnp.arrays(
        st.sampled_from(["<f4", "<f8", "<f2", "<i8", "<u2", "|i1", "|b1", "<c8", "<c16"]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
    fortran=st.booleans(),
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arrays_come_back(tmp_path, tensors_of, array, fortran):
    """In C order and in Fortran order, of every number of extents."""
    path = tmp_path / "name.npy"
    np.save(path, np.asfortranarray(array).reshape(array.shape) if fortran else array)
    layout = npy_reader.read(path)
    assert tensors_of(path, layout) == {"name": described(array)}
    assert layout.note == ""


def test_an_array_in_fortran_order_is_a_view(tmp_path, tensors_of):
    """Its bytes are a tensor of the reversed shape."""
    path = tmp_path / "a.npy"
    np.save(path, np.asfortranarray(ARRAY))
    layout = npy_reader.read(path)
    assert layout.spans[0].shape == (4, 3, 2)
    assert tensors_of(path, layout) == {"a": described(ARRAY)}


@pytest.mark.parametrize(
    "array",
    [
        ARRAY.astype(">f4"),
        np.array(["a", None], object),
        np.array(["text"]),
        np.array([b"bytes"]),
        np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]),
        np.array(["2020-01-01"], "datetime64[D]"),
        ARRAY.astype(ml_dtypes.bfloat16),
        np.longdouble([1.0]),
    ],
)
def test_other_arrays_are_literal(tmp_path, tensors_of, array):
    """Big-endian numbers, objects, texts and records stay as they are, and the user is told."""
    path = tmp_path / "a.npy"
    np.save(path, array)
    layout = npy_reader.read(path)
    assert tensors_of(path, layout) == {}
    assert "are kept as bytes" in layout.note
    np.savez(tmp_path / "a.npz", array, ARRAY)
    layout = npz_reader.read(tmp_path / "a.npz")
    assert tensors_of(tmp_path / "a.npz", layout) == {"arr_1": described(ARRAY)}


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_all_versions_of_the_format(tmp_path, tensors_of, version):
    """NumPy writes the later ones for headers that need them."""
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        np.lib.format.write_array(file, ARRAY, version=version)
    assert tensors_of(path, npy_reader.read(path)) == {"a": described(ARRAY)}


def test_archives(tmp_path, tensors_of):
    """Stored members are tensors, called like the members."""
    path = tmp_path / "a.npz"
    arrays = {"x": ARRAY, "y/z": ARRAY.T, "0d": np.array(1), "empty": np.zeros((0, 2)), "": ARRAY}
    np.savez(path, **arrays)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("notes.txt", "no array")
    layout = npz_reader.read(path)
    assert tensors_of(path, layout) == {name: described(each) for name, each in arrays.items()}
    assert (layout.reader, layout.note) == ("npz", "")


def test_compressed_archives_are_literal(tmp_path, tensors_of):
    """They are not unpacked, and the user is told."""
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.zeros(10**6))
    layout = npz_reader.read(path)
    assert tensors_of(path, layout) == {}
    assert layout.note == "compressed arrays are kept as they are"


def npy(header: bytes, data: bytes = b"", version=(2, 0)) -> bytes:
    return MAGIC + bytes(version) + struct.pack("<I", len(header)) + header + data


def header(shape: str, descr: str = "'<f4'") -> bytes:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()


@pytest.mark.parametrize(
    "raw",
    [
        MAGIC,
        MAGIC + b"\x09\x09",
        npy(header("(2,)"), bytes(7)),
        npy(header("(2,)"), bytes(9)),
        npy(header("(-2,)"), bytes(8)),
        npy(header("(1000000000000,)"), bytes(8)),
        npy(header("(" + "9" * 4000 + ",)"), bytes(8)),
        npy(header("(0, " + "9" * 30 + ")")),
        npy(header("(" + "1," * 100 + ")"), bytes(4)),
        npy(header("(2.0,)"), bytes(8)),
        npy(header("2"), bytes(8)),
        npy(header("(__import__('os').system('touch hacked'),)"), bytes(8)),
        npy(header("(2,)", "'<f99'"), bytes(8)),
        npy(header("(2,)", "'|V9" + "9" * 30 + "'"), bytes(8)),
        npy(b"(" * 60_000),
        npy(b"-" * 60_000 + b"1"),
        npy(b"[" * 60_000),
        npy(b"1+" * 30_000 + b"1"),
        npy(b"{1:" * 20_000),
        npy(b"\xff" * 100),
        MAGIC + b"\x02\x00" + struct.pack("<I", 0xFFFF_FFFF) + b"{}",
    ],
)
def test_what_breaks_the_rules_is_damage(tmp_path, monkeypatch, raw):
    """Nothing is executed, and nothing allocated by a number that the file says."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.npy").write_bytes(raw)
    with pytest.raises(DamagedFileError):
        npy_reader.read(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", raw)
    with pytest.raises(DamagedFileError):
        npz_reader.read(tmp_path / "a.npz")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.npy", "a.npz"]


def test_extents_are_integers(tmp_path):
    """Python takes True for one, in a header, too; a layout does not."""
    (tmp_path / "a.npy").write_bytes(npy(header("(True,)"), bytes(4)))
    (tensor,) = npy_reader.read(tmp_path / "a.npy").tensors
    assert [type(extent) for extent in tensor.shape] == [int]


def test_a_crowd_of_arrays_takes_linear_time(tmp_path):
    """Tens of thousands of members, all of one name, get names of their own."""
    raw = io.BytesIO()
    np.save(raw, np.float32(1))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for number in range(3000):
            archive.writestr(f"{number}.npy", raw.getvalue())
            archive.filelist[-1].filename = "x.npy"
    layout = npz_reader.read(tmp_path / "a.npz")
    assert len({tensor.name for tensor in layout.tensors}) == 3000


def test_every_truncation_is_damage(tmp_path):
    """The array must fill the file."""
    np.save(tmp_path / "a.npy", ARRAY)
    raw = (tmp_path / "a.npy").read_bytes()
    for size in range(len(raw)):
        (tmp_path / "a.npy").write_bytes(raw[:size])
        with pytest.raises(DamagedFileError):
            npy_reader.read(tmp_path / "a.npy")


def test_files_are_recognised_by_their_magic(tmp_path):
    """An archive by its name as well: other files are zips, too."""
    assert npy_reader.claims(tmp_path / "x", MAGIC + b"\x01\x00")
    assert not npy_reader.claims(tmp_path / "x.npy", b"PK\x03\x04")
    assert npz_reader.claims(tmp_path / "x.NPZ", b"PK\x03\x04")
    assert not npz_reader.claims(tmp_path / "x.zip", b"PK\x03\x04")
