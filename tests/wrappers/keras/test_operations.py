"""Functions of keras.ops."""

from modelhub.wrappers.keras.operations import operation_described
from modelhub.wrappers.keras.parts import part_of
from modelhub.wrappers.keras.rules import Read


def test_a_mean_over_axes() -> None:
    """A reduction; the axes are gone."""
    part = part_of({"class_name": "Mean", "config": {"axis": [1, 2]}})
    found = operation_described(part, Read(places=[("batch", 4, 4, 3)]))
    assert (found.template, found.kind, found.outputs) == ("REDUCE", "MEAN", [("batch", 3)])


def test_an_unknown_function_is_an_operator() -> None:
    """Its kind is its name."""
    found = operation_described(part_of({"class_name": "Fft"}), Read(places=[(1,)]))
    assert (found.template, found.kind, found.outputs) == ("OP", "Fft", (None,))
