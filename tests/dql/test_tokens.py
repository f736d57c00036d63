"""Tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.dql.tokens import TokenKind, quoted, tokenize
from modelhub.errors import QueryError


def test_a_text_is_cut_into_tokens() -> None:
    """Blanks and comments are none; the last one is the end."""
    found = tokenize("m.x >= .5e1 -- so\n:p 'a\\'b'")
    assert [(t.kind.value, t.text) for t in found] == [
        ("name", "m"),
        ("symbol", "."),
        ("name", "x"),
        ("symbol", ">="),
        ("number", ".5e1"),
        ("parameter", "p"),
        ("string", "a'b"),
        ("end", ""),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('m "abc', "a string that does not end"),
        ("m \u201cabc\u201d", "a typographic quote"),
        ("m ? 1", "unexpected character"),
        ("1" * 50, "too long a number"),
        ("m " * 40000, "at most 65,536 characters"),
    ],
)
def test_what_is_no_token_is_told(text: str, problem: str) -> None:
    """In its place."""
    with pytest.raises(QueryError, match=problem):
        tokenize(text)


@given(st.text())
def test_a_quoted_text_says_itself(text: str) -> None:
    """Whatever quotes and backslashes are in it."""
    [token, _] = tokenize(quoted(text))
    assert (token.kind, token.text) == (TokenKind.STRING, text)
