"""What layers are."""

from modelhub.wrappers.keras.layers import described, joined, reshaped
from modelhub.wrappers.keras.parts import part_of
from modelhub.wrappers.keras.rules import Read


def test_settings_that_do_not_fit_make_a_layer_unknown() -> None:
    """An axis that is not there."""
    layer = part_of({"class_name": "Permute", "config": {"dims": [7]}})
    assert not described(layer, Read(places=[(2, 3)])).is_known


def test_extents_that_are_open() -> None:
    """They become expressions."""
    assert joined([("s0", 2), ("s1", 2)], 0) == ("s0 + s1", 2)
    assert reshaped((4, 6), [-1, 8]) == [3, 8]
