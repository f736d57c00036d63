"""HDF5 files, as h5py writes them."""

import io

import h5py
import numpy as np
import pytest

from modelhub.recipes.hdf5 import Hdf5Error, contents

DTYPES = ["<f2", "<f4", "<f8", "<i1", "<i8", "<u1", "<u4"]


def written(fill, **options) -> bytes:
    out = io.BytesIO()
    with h5py.File(out, "w", **options) as file:
        fill(file)
    return out.getvalue()


def read(raw: bytes):
    return contents(io.BytesIO(b"before" + raw), offset=6, size=len(raw))


@pytest.mark.parametrize("dtype", DTYPES)
def test_elements_are_found(dtype) -> None:
    """Where they lie in the file around, for as many as take several nodes of a group's tree."""
    arrays = {f"g/{i:03}": np.arange(i + 1).astype(dtype) for i in range(100)}
    raw = written(lambda file: [file.create_dataset(k, data=v) for k, v in arrays.items()])
    found = {"/".join(each.path): each for each in read(raw).datasets}

    assert list(found) == sorted(arrays)
    for name, each in found.items():
        at = each.offset - 6
        assert (each.dtype, each.shape) == (arrays[name].dtype.name, arrays[name].shape)
        assert raw[at : at + arrays[name].nbytes] == arrays[name].tobytes()


def test_names_of_groups() -> None:
    """Texts of either kind."""

    def fill(file) -> None:
        file.create_group("a").attrs["name"] = "größe"
        file.create_group("b").attrs["name"] = np.bytes_(b"fixed")
        file["b"].attrs["more"] = 3

    assert read(written(fill)).names == {("a",): "größe", ("b",): "fixed"}


def test_what_is_not_one_piece_has_no_dtype() -> None:
    """Chunks, filters, texts, other byte orders; what was never written."""

    def fill(file) -> None:
        file.create_dataset("chunks", data=np.zeros((4, 4)), chunks=(2, 2))
        file.create_dataset("packed", data=np.zeros((4, 4)), compression="gzip")
        file.create_dataset("big", data=np.zeros(2, ">f4"))
        file.create_dataset("text", data="text")
        file.create_dataset("nothing", shape=(2,), dtype="<f4")

    assert [each.dtype for each in read(written(fill)).datasets] == [""] * 5


def test_newer_versions_are_refused() -> None:
    """They are not read."""
    with pytest.raises(Hdf5Error, match="version"):
        read(written(lambda file: file.create_group("a"), libver="latest"))


def test_damaged_files_are_refused_or_harmless() -> None:
    """Each byte, changed: an error of ours, or datasets inside the file."""
    raw = written(lambda file: file.create_dataset("a/b", data=np.ones(4, "<f4")))
    refused = 0
    for at in range(len(raw)):
        for value in (0, 1, 0x7F, 0xFF):
            other = raw[:at] + bytes([value]) + raw[at + 1 :]
            try:
                found = read(other)
            except Hdf5Error:
                refused += 1
                continue
            assert all(each.offset + 16 <= 6 + len(raw) for each in found.datasets if each.dtype)
    assert refused > 100


def test_cut_off_anywhere() -> None:
    """Never another error."""
    raw = written(lambda file: file.create_dataset("a/b", data=np.ones(4, "<f4")))
    for size in range(0, len(raw), 7):
        with pytest.raises(Hdf5Error):
            read(raw[:size])
