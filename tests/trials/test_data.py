"""Data are divided and shuffled, and nothing is lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from modelhub.evaluation import Field
from modelhub.trials.data import Part, Shuffled


class Numbers:
    """A source of the numbers below `count`."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.fields = {"x": Field(dtype="int64", shape=(), count=count)}
        self.classes = ["zero"]

    def batches(self, size, fields):
        assert fields == ["x"]
        for start in range(0, self.count, size):
            yield {"x": np.arange(start, min(start + size, self.count))}

    def content(self) -> str:
        return "id"


def all_of(source, size: int) -> list[int]:
    return [int(each) for batch in source.batches(size, ["x"]) for each in batch["x"]]


@given(
    count=st.integers(0, 100),
    share=st.floats(0.01, 0.99),
    size=st.integers(1, 40),
)
def test_each_example_is_in_one_part(count: int, share: float, size: int) -> None:
    """However they are cut into batches; the parts are as large as they say."""
    source = Numbers(count)
    parts = [Part(source, share, is_measured=side) for side in (True, False)]
    found = [all_of(part, size) for part in parts]
    assert sorted(found[0] + found[1]) == list(range(count))
    assert [part.fields["x"].count for part in parts] == [len(each) for each in found]
    assert found == [all_of(part, 7) for part in parts]


def test_a_part_is_evenly_spread() -> None:
    """Every fifth example of a fifth."""
    part = Part(Numbers(10), 0.2, is_measured=True)
    assert all_of(part, 3) == [4, 9]
    assert (part.classes, part.content()) == (["zero"], "id")


@given(count=st.integers(0, 600), buffer=st.integers(1, 50), seed=st.integers(0, 3))
def test_shuffling_loses_nothing(count: int, buffer: int, seed: int) -> None:
    """Each epoch has all examples once; the same seed gives the same epochs."""
    source = Shuffled(Numbers(count), seed=seed, buffer=buffer)
    again = Shuffled(Numbers(count), seed=seed, buffer=buffer)
    first, second = all_of(source, 16), all_of(source, 16)
    assert sorted(first) == sorted(second) == list(range(count))
    assert [first, second] == [all_of(again, 16), all_of(again, 16)]


def test_epochs_differ() -> None:
    """And batches are of the size asked for."""
    source = Shuffled(Numbers(100), seed=0, buffer=1000)
    assert all_of(source, 10) != all_of(source, 10)
    assert [len(each["x"]) for each in source.batches(30, ["x"])] == [30, 30, 30, 10]
    assert (source.fields["x"].count, source.classes, source.content()) == (100, ["zero"], "id")
