"""Networks in the making."""

import numpy as np
import pytest

from modelhub.errors import InputError
from modelhub.network import Arguments, Node, State
from modelhub.wrappers.drafts import MAX_NAME, NetworkDraft, reference, valid_name


def test_names_are_made_valid_and_unique():
    """Blanks, control characters and missing names; equal names are told apart."""
    draft = NetworkDraft("onnx")

    assert [draft.name("a b"), draft.name("a b"), draft.name("", "relu")] == [
        "a_b",
        "a_b#2",
        "relu",
    ]
    assert draft.name("\n", "\t") == "layer"


@pytest.mark.parametrize(
    ("given", "found"),
    [("a\x00b", "a_b"), (" a ", "a"), ("x" * 999, "x" * MAX_NAME), ("\ud800", "?")],
)
def test_valid_names(given, found):
    """What the format allows stays; the rest is replaced or cut."""
    assert valid_name(given) == found


def test_constants_are_kept_by_what_they_hold():
    """Two equal ones have one value."""
    draft = NetworkDraft("onnx")
    names = [draft.constant("c", np.float32([1])), draft.constant("c", np.float32([1]))]
    draft.add(Node(name="output", op="output"))
    found = draft.captured()

    assert names == ["c", "c#2"]
    assert len(found.tensors) == 1
    assert {state.tensor for state in found.network.states} == set(found.tensors)


def test_notes_are_told_once_and_counted():
    """What is not known is named with how often it comes; a crowd is cut short."""
    draft = NetworkDraft("onnx")
    draft.add(Node(name="output", op="output"))
    for kind in ("A", "B", "A", *(f"K{n}" for n in range(30))):
        draft.unknown(kind)
    draft.note("one")
    draft.note("one")
    first, second = draft.captured().notes

    assert first == "one"
    assert "A (2), B, K0" in second
    assert second.endswith("and 12 more")


def test_what_breaks_the_format_is_refused():
    """A reference to nothing does not reach a repository."""
    draft = NetworkDraft("onnx")
    draft.add(Node(name="output", op="output", inputs=Arguments(args=[reference("nobody")])))
    with pytest.raises(InputError, match="nobody"):
        draft.captured()


def test_states_have_valid_names():
    """The name under which a state was added is the one to use."""
    draft = NetworkDraft("onnx")

    assert draft.state(State(name="a b", kind="parameter", dtype="float32", shape=(2,))) == "a_b"
