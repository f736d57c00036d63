"""Which characters may be shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages import cells, shortened, visible

any_text = st.text(
    st.characters()
    | st.sampled_from("\x00\n\r\t\x1b\x7f\x9b\xad\u200b\u202e\u2066\u2028\ud800\U000e0041")
)


@given(any_text)
def test_nothing_that_misleads_a_terminal_is_left(text: str) -> None:
    """No control, formatting or bidi character, no line break, no surrogate gets through."""
    kinds = {unicodedata.category(character) for character in visible(text)}

    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    visible(text).encode()


@given(any_text)
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    """Escaping twice changes nothing, and clean text is not touched."""
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("\U000e0041", "\\U000e0041"),
        ("naïve 模型 🙂\xa0", "naïve 模型 🙂\xa0"),
    ],
)
def test_how_hidden_characters_look(text: str, shown: str) -> None:
    """They are written as Python would write them; other text stays."""
    assert visible(text) == shown


@given(st.text(), st.integers(1, 30))
def test_a_shortened_text_fits(text: str, width: int) -> None:
    """It is the text, or a beginning of it and an ellipsis."""
    found = shortened(visible(text), width)

    assert cells(found) <= width
    assert found == visible(text) or (found[-1] == "…" and visible(text).startswith(found[:-1]))


def test_wide_characters_take_two_columns() -> None:
    """And combining ones take none."""
    assert cells("模型") == 4
    assert cells("e\u0301") == 1
    assert shortened("模型模型", 6) == "模型…"
