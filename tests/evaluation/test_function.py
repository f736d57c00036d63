"""Data that a function yields."""

import numpy as np
import pytest

from modelhub.errors import InputError
from modelhub.evaluation.function import FunctionSource

X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = np.arange(6)


def cut(*sizes):
    """The same rows in batches of these sizes."""

    def batches():
        start = 0
        for size in sizes:
            yield X[start : start + size], Y[start : start + size]
            start += size

    return batches


def test_each_pass_calls_it_anew() -> None:
    """And its batches are as it cuts them."""
    source = FunctionSource("m:f", cut(4, 2))
    for _ in range(2):
        found = list(source.batches(64, ["x", "y"]))
        assert [len(batch["x"]) for batch in found] == [4, 2]
    assert source.fields["x"].dtype == "float32"
    assert source.fields["x"].count is None


def test_the_hash_is_of_the_rows() -> None:
    """However they are cut; other rows have another one."""
    ids = []
    for sizes in ((4, 2), (1, 2, 3), (4, 1)):
        source = FunctionSource("m:f", cut(*sizes))
        list(source.batches(1, ["x"]))
        ids.append(source.content())
    assert ids[0] == ids[1] != ids[2]


def raising():
    yield X, Y
    raise KeyError("gone\nfor ever")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda: 3, "gave a int, no batches"),
        (list, "yields no batch"),
        (lambda: [(1, 2, 3)], "yields a tuple; yield a pair"),
        (lambda: [{}], "yields a dict"),
        (lambda: [(X, Y[:2])], "unequal lengths"),
        (lambda: [(np.array(["a"]), [1])], "dtype"),
        (lambda: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_what_is_no_data(function, message) -> None:
    """It is told in one line."""
    with pytest.raises(InputError, match=message):
        FunctionSource("m:f", function)


def test_a_function_that_raises_on_the_way() -> None:
    """One line, too."""
    source = FunctionSource("m:f", raising)
    with pytest.raises(InputError, match="m:f raised KeyError") as raised:
        list(source.batches(1, ["x"]))
    assert "\n" not in str(raised.value)
    changing = FunctionSource("m:f", lambda: [{"x": X, "y": Y}, {"x": X}])
    with pytest.raises(InputError, match="without 'y'"):
        list(changing.batches(1, ["x", "y"]))
