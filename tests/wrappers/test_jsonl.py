"""JSON lines."""

import pytest

from modelhub.errors import DamagedFileError
from modelhub.testing import WrapperContract
from modelhub.wrappers import Recording
from modelhub.wrappers.jsonl import wrapper as jsonl

LOG = """\
{"step": 1, "loss": 2.5, "lr": 0.001, "phase": "warmup", "nested": {"a": 1}, "ok": true}
{"step": 2, "loss": NaN, "lr": 0.002}

{"loss": 1.5, "note": "3"}
{"step": 3, "loss": 1, "lr": null}
"""


def write(folder, text):
    path = folder / "metrics.jsonl"
    path.write_text(text)
    return path


class TestJsonLines(WrapperContract):
    """Our wrapper keeps the contract."""

    @pytest.fixture
    def wrapper(self):
        return jsonl

    def make_files(self, folder):
        return [write(folder, LOG)]


def test_numbers_of_each_line(tmp_path):
    """At the line's step; texts, booleans and nested objects are passed over."""
    sink = Recording()
    jsonl.read(write(tmp_path, LOG), sink)
    assert [step for step, _ in sink.history["loss"]] == [1, 2, 3]
    assert sink.history["lr"] == [(1, 0.001), (2, 0.002)]
    assert sink.metrics["loss"] == 1
    assert set(sink.history) == {"loss", "lr"}


def test_a_line_that_is_being_written_is_left_out(tmp_path):
    """A last line without an end may be half of one."""
    sink = Recording()
    jsonl.read(write(tmp_path, LOG + '{"step": 4, "lo'), sink)
    assert len(sink.history["loss"]) == 3


def test_a_last_object_that_is_whole_is_read(tmp_path):
    """Its brace says that nothing is missing, whether or not the line is ended."""
    sink = Recording()
    jsonl.read(write(tmp_path, LOG + '{"step": 4, "loss": 0.5}'), sink)
    assert sink.history["loss"][3] == (4, 0.5)
    for end in ('{"step": 4, "loss": 0.', '{"step": 4, "loss": 0.5', "{"):
        sink = Recording()
        jsonl.read(write(tmp_path, LOG + end), sink)
        assert len(sink.history["loss"]) == 3


@pytest.mark.parametrize("line", ["{", "[1]", "3", "[" * 100_000, '{"a": 1' + "0" * 5000 + "}"])
def test_a_line_that_is_no_object_is_damage(tmp_path, line):
    """In the middle of the file."""
    with pytest.raises(DamagedFileError, match="line 6"):
        jsonl.read(write(tmp_path, LOG + line + "\n"), Recording())


def test_an_endless_line_is_not_read(tmp_path):
    """Memory is bounded."""
    with pytest.raises(DamagedFileError, match="longer than"):
        jsonl.read(write(tmp_path, LOG + "x" * 3_000_000), Recording())


def test_data_sets_are_no_logs(tmp_path):
    """A first line without a step, or with nothing but a step, is something else."""
    for text in ('{"text": "hello", "label": 1}\n', '{"step": 1}\n', "[1]\n", ""):
        assert not jsonl.claims(write(tmp_path, text)), text
