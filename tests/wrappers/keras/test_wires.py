"""Arguments, as Keras 3 and Keras 2 write them."""

import pytest

from modelhub.wrappers.keras.parts import ConfigError
from modelhub.wrappers.keras.wires import argument_tree, call_of, leaves, tensor_place, tensors_in


def test_a_call_that_keras_2_wrote() -> None:
    """Its values, and no argument that says nothing."""
    call = call_of([["a", 0, 0, {"mask": None}], ["b", 1, 0, {}]])
    assert [tensor_place(each) for each in tensors_in(call.args)] == [("a", 0, 0), ("b", 1, 0)]
    assert call.kwargs == {}


def test_a_mode_is_kept() -> None:
    """A layer that is called as while evaluating stays so while the model trains."""
    assert call_of({"args": [], "kwargs": {"training": False}}).kwargs == {"training": False}
    assert call_of({"args": [], "kwargs": {"training": True}}).kwargs == {"training": True}
    with pytest.raises(ConfigError, match="no call"):
        call_of(3)


def test_a_slice_is_a_slice() -> None:
    """In the words of networks."""
    tree = {"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": None}}
    assert argument_tree([tree], lambda place: place[0]) == [{"slice": [1, None, None]}]
    assert list(leaves({"b": [1], "a": 2})) == [2, 1]
