"""CSV and TSV."""

import numpy as np
import pytest

from modelhub.errors import DamagedFileError, InputError, NotFoundError
from modelhub.evaluation import DataOptions, open_data


@pytest.fixture
def table(tmp_path):
    def write(text, name="a.csv", label=None):
        path = tmp_path / name
        path.write_text(text)
        return open_data(str(path), options=DataOptions(label=label))

    return write


def test_numbers_and_whole_labels(table) -> None:
    """All columns but the label are features, in their order."""
    source = table("a,label,b\n1,0,2.5\n3,1,-4\n\n5,1,6\n")
    first, second = source.batches(2, ["features", "label"])
    assert first["features"].tolist() == [[1, 2.5], [3, -4]]
    assert (first["label"].tolist(), second["label"].tolist()) == ([0, 1], [1])
    assert source.fields["features"].is_flat
    assert source.fields["features"].count == 3


def test_names_of_classes(table) -> None:
    """They are numbered by the alphabet."""
    source = table("x\tkind\n1\tcat\n2\tant\n3\tcat\n", "a.tsv", label="kind")
    assert source.classes == ["ant", "cat"]
    assert next(source.batches(9, ["kind"]))["kind"].tolist() == [1, 0, 1]


def test_labels_that_are_decimals(table) -> None:
    """They stay numbers."""
    (batch,) = table("x,y\n1,0.5\n2,3\n").batches(9, ["y"])
    np.testing.assert_array_equal(batch["y"], [0.5, 3])


def test_without_a_line_of_names(table) -> None:
    """Columns are called by their numbers."""
    source = table("1,2,0\n3,4,1\n", label="2")
    assert next(source.batches(9, ["features", "2"]))["features"].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", InputError, "is empty"),
        ("y\n1\n", InputError, "no columns of numbers"),
        ("x,x\n1,2\n", DamagedFileError, "stands twice"),
        ("x,y\n1\n", DamagedFileError, "line 2 has 1 cells"),
        ("x,y\n1,0\nsix,0\n", DamagedFileError, "line 3: 'six' in the column 'x'"),
        ('x,y\n"1,0\n', DamagedFileError, "no table"),
    ],
)
def test_broken_tables(table, text, error, message) -> None:
    """The line and the column are named."""
    with pytest.raises(error, match=message):
        list(table(text).batches(9, ["features"]))


def test_a_label_that_is_not_there(table) -> None:
    """The columns are listed."""
    with pytest.raises(NotFoundError, match="no column 'z'; there are: x, y"):
        table("x,y\n1,2\n", label="z")
