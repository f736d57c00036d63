"""Selectors of nodes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.errors import InputError
from modelhub.network import Node, canonical_template, fits_template, parse_selector


@pytest.mark.parametrize(
    ("selector", "name", "bound"),
    [
        ("conv1", "conv1", {}),
        ("conv1", "conv12", None),
        ("conv[1,3,5]", "conv3", {}),
        ("conv[1,3,5]", "conv,", None),
        ("conv [1, 3 ]", "conv3", {}),
        ("conv[1-12]", "conv11", {}),
        ("[conv,fc]($1).*", "fc.weight", {"1": "fc"}),
        ("conv*", "conv.0", None),
        ("conv**", "conv.0", {}),
        ("conv?", "conv5", {}),
        ("conv?", "conv", None),
        ("conv*($1)", "conv3", {"1": "3"}),
        ("conv($1)", "conv", None),
        ("($a)_($b)", "x_y", {"a": "x", "b": "y"}),
        ("*($a).*($a)", "l1.l1", {"a": "l1"}),
        ("*($a).*($a)", "l1.l2", None),
        ("a.b(c)+", "a.b(c)+", {}),
    ],
)
def test_a_selector_matches_whole_names(selector, name, bound) -> None:
    """And binds its variables."""
    assert parse_selector(selector).match(name) == bound


@pytest.mark.parametrize(
    ("selector", "problem"),
    [
        ("", "1 to 512 characters"),
        ("a" * 513, "1 to 512 characters"),
        ("conv[1,2", "bracket without a partner"),
        ("conv]", "bracket without a partner"),
        ("[1-100000]", "no range of at most"),
        ("[5-1]", "no range"),
    ],
)
def test_what_is_no_selector_is_told(selector: str, problem: str) -> None:
    """By its rule."""
    with pytest.raises(InputError, match=problem):
        parse_selector(selector)


def test_words_are_all_that_it_can_match() -> None:
    """Where there is an end of them."""
    assert parse_selector("[a,b]_[1-2]").words == ["a_1", "a_2", "b_1", "b_2"]
    assert parse_selector("a*").words is None


@given(st.text("ab.", max_size=6), st.text("ab.*?", min_size=1, max_size=6))
def test_it_agrees_with_a_regular_expression(name: str, selector: str) -> None:
    """`**` is any run, `*` one without dots, `?` one character but a dot."""
    ways = {"**": ".*", "*": "[^.]*", "?": "[^.]"}
    pieces = re.findall(r"\*\*|\*|.", selector)
    pattern = "".join(ways.get(each, re.escape(each)) for each in pieces)
    assert (parse_selector(selector).match(name) is not None) == bool(re.fullmatch(pattern, name))


def test_no_selector_is_slow() -> None:
    """Where a regular expression would take for ever."""
    assert parse_selector("*a" * 100 + "b").match("a" * 512) is None


def test_a_template_fits_by_kind_and_attributes() -> None:
    """A number stands for a list of it alone."""
    node = Node(
        name="p", op="layer", template="POOL", kind="MAX", attributes={"kernel_size": [3, 3]}
    )
    assert fits_template(node, "pool", attributes={})
    assert fits_template(node, "POOL", kind="max", attributes={"kernel_size": 3})
    assert not fits_template(node, "POOL", kind="AVG", attributes={})
    assert not fits_template(node, "POOL", attributes={"kernel_size": [3, 2]})
    assert not fits_template(node, "POOL", attributes={"colour": 3})
    assert canonical_template("nothing") is None
