"""Variables and sizes of layers over sequences."""

from modelhub.wrappers.keras.parts import part_of
from modelhub.wrappers.keras.rules import Read
from modelhub.wrappers.keras.sequences import recurrent


def test_a_gru_has_two_biases_where_it_resets_after() -> None:
    """As in Keras; its output is the last step."""
    found = recurrent(
        part_of({"class_name": "GRU", "config": {"units": 4}}), Read(places=[(2, 5, 3)])
    )
    assert [each.shape for each in found.variables] == [(3, 12), (4, 12), (2, 12)]
    assert found.outputs == [(2, 4)]
