"""Which format is which."""

from pathlib import Path

import pytest

from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation import DATA_SOURCES, open_data
from modelhub.evaluation.sources import format_of


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.npz", "npz"),
        ("a.NPY", "npy"),
        ("a.safetensors", "tensors"),
        ("a.pth", "tensors"),
        ("a.tsv", "tsv"),
        ("a.parquet", "parquet"),
    ],
)
def test_a_suffix_says_the_format(name, form) -> None:
    """In any case."""
    assert format_of(Path(name)) == form


def test_folders(tmp_path) -> None:
    """Of parquet files if there is one, else of pictures."""
    assert format_of(tmp_path) == "images"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.parquet").touch()
    assert format_of(tmp_path) == "parquet"


@pytest.mark.parametrize("name", ["a.h5", "a", "a.images", "a.tensors"])
def test_unknown_formats(name) -> None:
    """The known ones are listed."""
    with pytest.raises(InputError, match="known are csv, npy, npz"):
        format_of(Path(name))


def test_no_data() -> None:
    """A place where nothing is."""
    with pytest.raises(NotFoundError, match=r"no data at nowhere\.npz"):
        open_data("nowhere.npz")


def test_every_format_can_be_loaded() -> None:
    """What is registered is there."""
    assert all(hasattr(DATA_SOURCES.get(name), "open") for name in DATA_SOURCES)
