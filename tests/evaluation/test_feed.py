"""Fields and inputs."""

import numpy as np
import pytest

from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation import DataOptions, WantedInput, connect, open_data

ONE = np.zeros((4, 2), np.float32)
LABELS = np.arange(4)


@pytest.fixture
def data(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        return open_data(str(tmp_path / "a.npz"))

    return write


def inputs(*names):
    return [WantedInput(name=name, dtype="float32", shape=(2,)) for name in names]


def fields(feed):
    return {each.wanted.name: each.field for each in feed.preparations}, feed.label


@pytest.mark.parametrize("label", ["y", "label", "labels", "target", "targets"])
def test_usual_names(data, label) -> None:
    """The rest goes into the only input."""
    feed = connect(data(**{"anything": ONE, label: LABELS}), inputs("image"), DataOptions())
    assert fields(feed) == ({"image": "anything"}, label)
    (batch,) = feed.batches(9)
    assert (batch.count, batch.labels.tolist(), feed.count) == (4, [0, 1, 2, 3], 4)


def test_equal_names(data) -> None:
    """An input takes the field that is called like it, even if labels often are."""
    feed = connect(data(a=ONE, b=ONE, extra=ONE, y=LABELS), inputs("b", "a"), DataOptions())
    assert fields(feed) == ({"b": "b", "a": "a"}, "y")
    assert fields(connect(data(y=ONE), inputs("y"), DataOptions())) == ({"y": "y"}, None)


def test_the_user_says_it(data) -> None:
    """Which field is the label, and which goes where."""
    options = DataOptions(label="c", inputs={"image": "b"})
    feed = connect(data(a=ONE, b=ONE, c=LABELS), inputs("image"), options)
    assert fields(feed) == ({"image": "b"}, "c")


@pytest.mark.parametrize(
    ("names", "options", "error", "message"),
    [
        (["p", "q"], DataOptions(), InputError, "--input p=x1"),
        (["p"], DataOptions(), InputError, "'p' has no field"),
        (["p"], DataOptions(label="z"), NotFoundError, "no 'z'; there are: 'x1', 'x2', 'y'"),
        (["p"], DataOptions(inputs={"q": "x1"}), NotFoundError, "no input 'q'"),
        (["p"], DataOptions(inputs={"p": "z"}), NotFoundError, "no 'z'"),
        ([], DataOptions(), InputError, "takes no inputs"),
    ],
)
def test_what_is_not_clear_is_refused(data, names, options, error, message) -> None:
    """The message says how to make it clear."""
    with pytest.raises(error, match=message):
        connect(data(x1=ONE, x2=ONE, y=LABELS), inputs(*names), options)


def test_no_field_is_left(data) -> None:
    """The labels were all that there is."""
    with pytest.raises(InputError, match="or --label"):
        connect(data(y=LABELS), inputs("x"), DataOptions())
