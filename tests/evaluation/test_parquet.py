"""Parquet files."""

import io
import json

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet as pq

from modelhub.errors import DamagedFileError, InputError, NotFoundError
from modelhub.evaluation import DataOptions, open_data

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (5, 4, 4, 3), np.uint8)


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


@pytest.fixture
def digits(tmp_path):
    """In the form that the `datasets` library writes."""
    images = [{"bytes": png(each), "path": None} for each in PIXELS]
    table = pa.table({"image": images, "label": [0, 1, 1, 0, 1], "note": list("abcde")})
    features = {"label": {"names": ["ant", "cat"], "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    path = tmp_path / "set" / "test-0.parquet"
    path.parent.mkdir()
    pq.write_table(table.replace_schema_metadata(metadata), path, row_group_size=2)
    return path


def test_pictures_and_classes(digits) -> None:
    """Columns of text are left out; the metadata name the classes."""
    source = open_data(str(digits))
    found = list(source.batches(2, ["image", "label"]))
    images = np.concatenate([batch["image"] for batch in found])
    np.testing.assert_array_equal(images, PIXELS.transpose(0, 3, 1, 2))
    assert np.concatenate([batch["label"] for batch in found]).tolist() == [0, 1, 1, 0, 1]
    assert source.classes == ["ant", "cat"]
    assert set(source.fields) == {"image", "label"}


def test_folders_are_one_set(digits) -> None:
    """File after file."""
    (digits.parent / "test-1.parquet").write_bytes(digits.read_bytes())
    source = open_data(str(digits.parent))
    assert source.fields["image"].count == 10
    assert sum(len(batch["label"]) for batch in source.batches(3, ["label"])) == 10


def test_columns_of_numbers(tmp_path) -> None:
    """Single ones are features together; lists are fields of their own."""
    table = pa.table({"a": [1.0, 2.0], "y": [0, 1], "b": [3.0, 4.0], "v": [[1, 2], [3, 4]]})
    pq.write_table(table, tmp_path / "a.parquet")
    source = open_data(str(tmp_path / "a.parquet"))
    (batch,) = source.batches(9, ["features", "v", "y"])
    assert batch["features"].tolist() == [[1, 3], [2, 4]]
    assert batch["v"].tolist() == [[1, 2], [3, 4]]
    assert batch["y"].tolist() == [0, 1]


def test_what_is_no_data(tmp_path, digits) -> None:
    """Damaged, empty, ragged, with holes, or without the label."""
    (tmp_path / "a.parquet").write_bytes(digits.read_bytes()[:200])
    with pytest.raises(DamagedFileError, match="no sound parquet"):
        open_data(str(tmp_path / "a.parquet"))
    with pytest.raises(NotFoundError, match="no column 'z'"):
        open_data(str(digits), options=DataOptions(label="z"))
    for cells, message in [
        ({"x": pa.array([], pa.float32())}, "no rows"),
        ({"x": ["a"]}, "no columns"),
    ]:
        pq.write_table(pa.table(cells), tmp_path / "b.parquet")
        with pytest.raises(InputError, match=message):
            open_data(str(tmp_path / "b.parquet"))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"x": [1.0, None], "y": [1, 2]}, "cell of 'features' is empty"),
        ({"x": [[1.0], [1.0, 2.0]]}, "different lengths"),
    ],
)
def test_rows_that_do_not_fit(tmp_path, cells, message) -> None:
    """Found when they are read: holes, and lists of other lengths."""
    pq.write_table(pa.table(cells), tmp_path / "a.parquet")
    source = open_data(str(tmp_path / "a.parquet"))
    with pytest.raises(InputError, match=message):
        list(source.batches(9, list(source.fields)))


def test_a_broken_footer_is_damage(tmp_path, digits) -> None:
    """pyarrow calls it an error of the operating system; it is the file's."""
    raw = bytearray(digits.read_bytes())
    raw[-60:-12] = b"\xff" * 48
    path = tmp_path / "broken.parquet"
    path.write_bytes(raw)
    with pytest.raises(DamagedFileError, match="no sound parquet file") as caught:
        open_data(str(path))
    assert "\n" not in str(caught.value)
