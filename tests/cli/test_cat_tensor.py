"""dlv cat-tensor."""

import numpy as np


def test_prints_numbers(lenet) -> None:
    """As text, as JSON, or some rows only."""
    assert lenet("cat-tensor", "lenet::fc.bias").out.startswith("fc.bias  float32  40  (")
    assert lenet("cat-tensor", "lenet::fc.bias", "--rows", "1:3", "--json").json["values"] == [0, 0]


def test_writes_numpy_files(lenet, folder) -> None:
    """The file is what NumPy loads."""
    lenet("cat-tensor", "lenet::fc.weight", "-o", "w.npy")
    expected = np.random.default_rng(2).normal(size=(40, 30)).astype(np.float32)
    assert np.array_equal(np.load(folder / "w.npy"), expected)


def test_raw_bytes(lenet) -> None:
    """The bytes as they are in memory."""
    done = lenet("cat-tensor", "lenet::fc.bias", "--rows", "0:2", "--raw")
    assert done.out.encode() == bytes(8)


def test_wrong_input(lenet) -> None:
    """No tensor, several, rows out of range, rows that are no range."""
    assert "names no tensor" in lenet("cat-tensor", "lenet").err
    assert "matches 2 tensors" in lenet("cat-tensor", "lenet::*").err
    assert "out of range" in lenet("cat-tensor", "lenet::fc.bias", "--rows", "39:41").err
    assert lenet("cat-tensor", "lenet::fc.bias", "--rows", "a").status == 2
