"""The words that all readers speak."""

from hypothesis import given
from hypothesis import strategies as st

from modelhub.recipes.layout import (
    MAX_RANK,
    MAX_TEXT,
    MAX_VALUES,
    TensorSpan,
    UniqueNames,
    bounded,
    is_possible,
    shown,
    storable,
)


def test_the_length_of_a_span():
    """It is what dtype and shape say."""
    assert TensorSpan(offset=3, dtype="bfloat16", shape=(2, 3)).length == 12
    assert TensorSpan(offset=3, dtype="float32", shape=()).length == 4


@given(st.lists(st.sampled_from(["a", "a#2", "a#3", "a#2#2", "b"]), max_size=30))
def test_names_become_unique(names):
    """Equal names get followers, and no follower is anyone's name."""
    unique = UniqueNames()
    taken = [unique.take(name) for name in names]
    assert len(set(taken)) == len(taken)
    assert all(own.startswith(name) for own, name in zip(taken, names, strict=True))
    assert not names or taken[0] == names[0]


def test_names_that_no_file_can_hold():
    """Halves of surrogate pairs become question marks, and stay apart."""
    unique = UniqueNames()
    assert [unique.take("\ud800"), unique.take("\udfff")] == ["?", "?#2"]


def test_values_are_bounded():
    """Their number, and the length of their names and texts."""
    values = bounded({"k" * 5000 + str(i): "v" * 5000 for i in range(3)})
    assert values == {"k" * MAX_TEXT: "v" * MAX_TEXT}
    assert len(bounded({str(i): i for i in range(5000)})) == MAX_VALUES
    assert storable("a\udc80\n") == "a?\n"


def test_what_is_shown_is_one_visible_line():
    """Control, formatting and bidirectional characters are shown by their codes."""
    assert shown("é\n\x1b[31m\u202e") == r"é\n\x1b[31m\u202e"
    assert len(shown("x" * 10**6)) < 250


def test_which_shapes_are_possible():
    """Few extents, none negative, and a product that can be counted."""
    assert is_possible(())
    assert is_possible((0, 5))
    assert is_possible((1,) * MAX_RANK)
    for shape in ((-1,), (1,) * (MAX_RANK + 1), (1 << 62,), (1 << 31, 1 << 31), (0, 1 << 62)):
        assert not is_possible(shape)
    assert not is_possible([10**4000] * 10**6)
