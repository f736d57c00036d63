"""Settings are made flat, and nested again."""

from modelhub.wrappers.keras.attributes import flat, nested, target_of
from modelhub.wrappers.keras.parts import part_of


def test_objects_become_names_with_settings() -> None:
    """What is none is left out, and so is code."""
    inner = {"class_name": "LSTM", "module": "keras.layers", "config": {"units": 8, "seed": None}}
    code = {"class_name": "__lambda__", "config": {"value": "secret"}}
    found = flat({"name": "b", "layer": inner, "bias_constraint": None, "f": code, "n": [1, 2]})

    assert found == {"layer": "LSTM", "layer.units": 8, "f": "__lambda__", "n": [1, 2]}
    assert nested(found)["layer"] == ("LSTM", {"units": 8})


def test_lists_of_objects_are_lists_again() -> None:
    """In their order."""
    cells = [{"class_name": "GRUCell", "module": "keras", "config": {"units": n}} for n in (2, 3)]
    found = nested(flat({"cells": cells, "empty": {}}))
    assert found == {"cells": [("GRUCell", {"units": 2}), ("GRUCell", {"units": 3})], "empty": {}}


def test_targets() -> None:
    """Keras' own classes, and others by their registered names."""
    mine = {"class_name": "Mine", "module": "m", "registered_name": "pkg>Mine"}
    assert target_of(part_of(mine)) == "pkg>Mine"
    assert target_of(part_of({"class_name": "Dense"})) == "keras.layers.Dense"
