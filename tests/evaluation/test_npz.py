"""NumPy's archives."""

import tracemalloc
import zipfile

import numpy as np
import pytest

from modelhub.errors import DamagedFileError, InputError
from modelhub.evaluation import open_data

X = np.random.default_rng(0).normal(size=(11, 4)).astype(np.float32)
Y = np.arange(11)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_stored_and_compressed(tmp_path, save) -> None:
    """Both give the same rows."""
    save(tmp_path / "a.npz", x=X, y=Y)
    source = open_data(str(tmp_path / "a.npz"))
    found = list(source.batches(4, ["x", "y"]))
    np.testing.assert_array_equal(np.concatenate([b["x"] for b in found]), X)
    np.testing.assert_array_equal(np.concatenate([b["y"] for b in found]), Y)
    assert (source.fields["x"].shape, source.fields["x"].count) == ((4,), 11)


def test_memory_is_that_of_a_batch(tmp_path) -> None:
    """A compressed array of 40 MB goes through a few."""
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((10_000, 1000), np.float32))
    source = open_data(str(tmp_path / "a.npz"))
    tracemalloc.start()
    assert sum(len(batch["x"]) for batch in source.batches(100, ["x"])) == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


def test_arrays_that_cannot_be_cut(tmp_path) -> None:
    """Compressed column by column, or no numbers."""
    np.savez_compressed(tmp_path / "a.npz", x=np.asfortranarray(X))
    with pytest.raises(InputError, match="ascontiguousarray"):
        open_data(str(tmp_path / "a.npz"))
    np.savez_compressed(tmp_path / "b.npz", x=np.array([{}, {}], object))
    with pytest.raises(InputError, match="no numbers"):
        open_data(str(tmp_path / "b.npz"))


def test_damage_is_told(tmp_path) -> None:
    """A header that promises more than there is, and bytes that are broken."""
    np.savez_compressed(tmp_path / "a.npz", x=X)
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        raw = archive.read("x.npy").replace(b"(11, 4)", b"(99, 4)")
    with zipfile.ZipFile(tmp_path / "b.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", raw)
    with pytest.raises(DamagedFileError, match="cut off"):
        list(open_data(str(tmp_path / "b.npz")).batches(50, ["x"]))
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[200:220] = b"\xff" * 20
    (tmp_path / "c.npz").write_bytes(data)
    with pytest.raises(DamagedFileError):
        list(open_data(str(tmp_path / "c.npz")).batches(50, ["x"]))
    (tmp_path / "d.npz").write_bytes(b"nothing")
    with pytest.raises(DamagedFileError, match="is not a whole zip file"):
        open_data(str(tmp_path / "d.npz"))
