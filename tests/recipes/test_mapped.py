"""Files as bytes."""

import os

import gguf
import numpy as np
import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from modelhub.errors import DamagedFileError, StorageError
from modelhub.recipes import READERS
from modelhub.recipes.mapped import WINDOW, mapped, text

RAW = np.random.default_rng(1).bytes(3 * WINDOW + 7)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("mapped") / "f"
    path.write_bytes(RAW)
    return path


def places():
    near = st.sampled_from([0, WINDOW, 2 * WINDOW, 3 * WINDOW, len(RAW)])
    return st.builds(lambda place, off: max(0, place + off), near, st.integers(-9, 9))


@pytest.mark.property
@given(st.lists(st.tuples(places(), st.one_of(st.integers(0, 9), places())), max_size=20))
def test_a_file_is_its_bytes(file, ranges):
    """Wherever it is touched, in whatever order: elements, slices, and where a byte stands."""
    with mapped(file) as buffer:
        assert len(buffer) == len(RAW)
        for begin, end in ranges:
            stop = end if end > 9 else begin + end
            assert buffer[begin:stop] == RAW[begin:stop]
            assert buffer.find(b"\n", begin, stop) == RAW.find(b"\n", begin, stop)
            if begin < len(RAW):
                assert buffer[begin] == RAW[begin]


def test_places_are_those_of_bytes(file):
    """From the end, in steps, and none behind it."""
    with mapped(file) as buffer:
        assert (buffer[-1], buffer[-len(RAW)]) == (RAW[-1], RAW[0])
        assert buffer[10:40:7] == RAW[10:40:7]
        assert buffer[:] == RAW
        for place in (len(RAW), -len(RAW) - 1):
            with pytest.raises(IndexError):
                buffer[place]


def test_a_byte_is_found_by_few_reads(file, monkeypatch):
    """A search goes on where the last one ended: a window is read once."""
    reads = []
    read = os.pread
    monkeypatch.setattr("os.pread", lambda *where: reads.append(where) or read(*where))
    with mapped(file) as buffer:
        place = count = 0
        while (place := buffer.find(b"\n", place, len(RAW)) + 1) > 0:
            count += 1
    assert count == RAW.count(b"\n") > 100
    assert len(reads) == 4


def test_it_cannot_be_changed(file):
    """It is read-only."""
    with mapped(file) as buffer, pytest.raises(TypeError):
        buffer[0] = 0


def test_an_empty_file_is_damaged(tmp_path):
    """There is nothing to read."""
    (tmp_path / "f").touch()
    with pytest.raises(DamagedFileError, match="is empty"), mapped(tmp_path / "f"):
        pass


def test_a_file_that_the_system_does_not_give(file, monkeypatch):
    """The message names it, and the reason."""

    def fail(*_):
        raise OSError(5, "Input/output error")

    with mapped(file) as buffer:
        monkeypatch.setattr("os.pread", fail)
        with pytest.raises(StorageError, match=r"cannot read .*: Input/output error"):
            buffer[0]


def write_onnx(path):
    weight = numpy_helper.from_array(np.ones((300, 300), np.float32), "w")
    onnx.save(helper.make_model(helper.make_graph([], "g", [], [], [weight])), path)


def write_gguf(path):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tensor("w", np.ones((300, 300), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_legacy(path):
    state = {"w": torch.ones(300, 300), "v": torch.ones(300, 300)}
    torch.save(state, path, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize(
    ("reader", "write", "at"),
    [
        *(("onnx", write_onnx, 0), ("gguf", write_gguf, 0), ("torch-legacy", write_legacy, 0)),
        *(("onnx", write_onnx, 1), ("torch-legacy", write_legacy, 1)),
    ],
)
def test_a_file_that_is_cut_off_while_it_is_read(tmp_path, monkeypatch, reader, write, at):
    """One line says so; the process lives on."""
    path = tmp_path / "model.onnx"
    write(path)
    read = os.pread
    left = [at]

    def cut(descriptor, size, offset):
        left[0] -= 1
        if left[0] < 0:
            os.truncate(path, 10)
        return read(descriptor, size, offset)

    monkeypatch.setattr("os.pread", cut)
    with pytest.raises(
        DamagedFileError, match=r"model\.onnx was cut off while it was read"
    ) as told:
        READERS.get(reader).read(path)
    assert "\n" not in str(told.value)


def test_texts_are_cut():
    """At a number of characters, whatever bytes they take; what is invalid is replaced."""
    assert text("ééé".encode(), 0, 6, 2) == "éé"
    assert text(b"a\xffb", 0, 3, 10) == "a\ufffdb"
    assert text(b"abc", 1, 2, 10) == "b"
