"""Extents of windows, by Keras' words for padding."""

import pytest

from modelhub.wrappers.keras.windows import positions


@pytest.mark.parametrize(
    ("padding", "stride", "found"),
    [("valid", 1, 8), ("valid", 2, 4), ("same", 2, 5), ("causal", 1, 10)],
)
def test_positions(padding, stride, found) -> None:
    """Of a window of three over ten."""
    assert positions(10, 3, stride, padding) == found
