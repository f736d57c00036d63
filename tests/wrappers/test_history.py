"""Keras-like histories."""

import json

import pytest

from modelhub.errors import DamagedFileError
from modelhub.testing import WrapperContract
from modelhub.wrappers import Recording
from modelhub.wrappers.history import wrapper as history

HISTORY = {"loss": [0.69, 0.4], "val_accuracy": [0.5, 0.75], "lr": [0.001, None]}


def write(folder, text, name="history.json"):
    path = folder / name
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    return path


class TestHistory(WrapperContract):
    """Our wrapper keeps the contract."""

    @pytest.fixture
    def wrapper(self):
        return history

    def make_files(self, folder):
        rows = [{"epoch": 1, "loss": 0.69}, {"epoch": 2, "loss": 0.4}]
        return [write(folder, HISTORY), write(folder, rows, "train_history.json")]


def test_an_entry_an_epoch(tmp_path):
    """Counted from 1; what is no number is passed over."""
    sink = Recording()
    history.read(write(tmp_path, HISTORY), sink)
    assert sink.history["loss"] == [(1, 0.69), (2, 0.4)]
    assert sink.history["lr"] == [(1, 0.001)]


def test_a_row_an_epoch(tmp_path):
    """A list of objects says the same; a row's own step counts, else its place."""
    rows = [{"epoch": 5, "loss": 0.69, "lr": 0.1}, {"loss": 0.4, "note": "3", "lr": None}]
    sink = Recording()
    history.read(write(tmp_path, rows), sink)
    assert sink.history == {"loss": [(5, 0.69), (2, 0.4)], "lr": [(5, 0.1)]}


def test_other_values_beside_the_lists(tmp_path):
    """Parameters of the training and the like are passed over."""
    sink = Recording()
    history.read(write(tmp_path, {"loss": [0.5], "epochs": 1, "params": {"steps": 3}}), sink)
    assert sink.history == {"loss": [(1, 0.5)]}


@pytest.mark.parametrize("text", ["", "[]", "[1]", '[{"a": 1}, 2]', '{"loss": 1}', "[" * 100_000])
def test_what_is_no_history_is_damage(tmp_path, text):
    """An object of lists is expected, or a list of objects."""
    with pytest.raises(DamagedFileError):
        history.read(write(tmp_path, text), Recording())


def test_a_file_that_is_too_long(tmp_path):
    """It is not read into memory."""
    with pytest.raises(DamagedFileError, match="more than"):
        history.read(write(tmp_path, " " * (17 << 20)), Recording())
