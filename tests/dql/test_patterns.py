"""Patterns of `like`."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.dql.patterns import like


@pytest.mark.parametrize(
    ("text", "pattern", "fits"),
    [
        ("alexnet", "alexnet", True),
        ("alexnet", "AlexNet", False),
        ("alexnet", "%net", True),
        ("alexnet", "alex___", True),
        ("alexnet", "alex__", False),
        ("", "%", True),
        ("a%b", r"a\%b", True),
        ("axb", r"a\%b", False),
        ("a\nb", "a%b", True),
    ],
)
def test_percent_is_any_text_and_underscore_one_character(text, pattern, fits) -> None:
    """As in SQL; capitals count."""
    assert like(text, pattern) is fits


@given(st.text("ab", max_size=8), st.text("ab%_", max_size=8))
def test_it_agrees_with_another_matcher(text: str, pattern: str) -> None:
    """`%` and `_` are `*` and `?` of file names."""
    glob = pattern.replace("%", "*").replace("_", "?")
    assert like(text, pattern) == fnmatch.fnmatchcase(text, glob)


def test_no_pattern_is_slow() -> None:
    """Where a regular expression would take for ever."""
    assert not like("a" * 5000, "%a" * 200 + "b")
