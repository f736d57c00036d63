"""Words that rules share."""

from modelhub.wrappers.keras.parts import part_of
from modelhub.wrappers.keras.rules import Read, around, channels, weight_shape


def test_channels_first_and_last() -> None:
    """As the layer says."""
    first = part_of({"class_name": "Conv2D", "config": {"data_format": "channels_first"}})
    last = part_of({"class_name": "Conv2D"})
    assert (channels(first, (1, 3, 8, 9)), channels(last, (1, 8, 9, 3))) == (3, 3)
    assert around(first, 1, [8, 9], 3) == (1, 3, 8, 9)


def test_what_is_open_is_no_weight() -> None:
    """Its shape is all numbers; arguments come by place or name."""
    assert weight_shape("s0", 2) is None
    assert Read(places=[(1,)], names={"value": (2,)}).argument(1, "value") == (2,)
