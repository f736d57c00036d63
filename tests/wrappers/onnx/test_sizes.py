"""Sizes that are not fixed."""

import pytest

from modelhub.network import Value
from modelhub.wrappers.drafts import NetworkDraft
from modelhub.wrappers.onnx.messages import ValueInfo
from modelhub.wrappers.onnx.sizes import Sizes


@pytest.fixture
def sizes() -> Sizes:
    found = Sizes(NetworkDraft("onnx"))
    found.declare([ValueInfo(name="x", code=1, dims=["n", 3, "batch-size"])])
    return found


@pytest.mark.parametrize(
    ("dim", "extent"),
    [
        (7, 7),
        ("n", "n"),
        ("2*n + 1", "2*n + 1"),
        ("batch-size", "batch_size"),
        ("None", "s_None"),
        ("2nd", "s_2nd"),
        ("Min", "s_Min"),
        ("éa", "_a"),
        ("(" * 150, "_"),
        (None, "unknown_1"),
        (-1, "unknown_1"),
        (1 << 63, "unknown_1"),
    ],
)
def test_each_extent_can_be_stored(sizes, dim, extent):
    """Numbers and known expressions as they are; other texts become words."""
    assert sizes.extent(dim) == extent


def test_equal_words_of_different_names_differ(sizes):
    """`a-b` and `a b` are two sizes."""
    assert {sizes.extent("a-b"), sizes.extent("a b"), sizes.extent("a-b")} == {"a_b", "a_b_"}


def test_values(sizes):
    """A value without a rank is not known; one without sizes has symbols of its own."""
    assert sizes.value(ValueInfo(name="v", code=1)) is None
    assert sizes.value(ValueInfo(name="v", code=10, dims=["n", None])) == Value(
        dtype="float16", shape=("n", "unknown_1")
    )
