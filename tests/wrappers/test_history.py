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
        return [write(folder, HISTORY), write(folder, HISTORY, "train_history.json")]


def test_an_entry_an_epoch(tmp_path):
    """Counted from 1; what is no number is passed over."""
    sink = Recording()
    history.read(write(tmp_path, HISTORY), sink)
    assert sink.history["loss"] == [(1, 0.69), (2, 0.4)]
    assert sink.history["lr"] == [(1, 0.001)]


@pytest.mark.parametrize("text", ["", "[1]", '{"loss": 1}', "[" * 100_000])
def test_what_is_no_history_is_damage(tmp_path, text):
    """An object of lists is expected."""
    with pytest.raises(DamagedFileError):
        history.read(write(tmp_path, text), Recording())


def test_a_file_that_is_too_long(tmp_path):
    """It is not read into memory."""
    with pytest.raises(DamagedFileError, match="more than"):
        history.read(write(tmp_path, " " * (17 << 20)), Recording())
