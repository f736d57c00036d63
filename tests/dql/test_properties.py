"""What holds of all queries."""

import contextlib

from hypothesis import example, given, settings
from hypothesis import strategies as st
from trees_of_queries import SELECTS

from modelhub.dql import format_script, parse
from modelhub.dql.words import KEYWORDS
from modelhub.errors import QueryError

PIECES = [
    *KEYWORDS,
    *("m", "m1", ".", "[", "]", "(", ")", "{", "}", ",", ";", ":p", "$1", "=", "<", "!=", "+", "-"),
    *('"conv*"', "'", '"', "1", "2.5", "1e400", "POOL", "next", "--", "\n", "*", "|", "\\", "\0"),
]


@given(SELECTS)
@settings(max_examples=150)
def test_what_is_written_is_read_as_it_was(tree) -> None:
    """The formatter loses nothing, and its form is the only one."""
    text = format_script([tree])
    assert parse(text) == [tree]
    assert format_script(parse(text)) == text


def refused_or_read(text: str) -> None:
    with contextlib.suppress(QueryError):
        found = parse(text)
        assert parse(format_script(found)) == found


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join))
@settings(max_examples=200)
@example("select " + "not " * 20000 + "m")
@example("select m" + ".next" * 12000)
@example("select " + "-" * 60000 + "1")
@example("select m where " + " or ".join(["m.x"] * 8000))
@example("select " + "f(" * 20000)
@example("select m from (" * 4000)
@example("evaluate m with config = " + "{a:" * 20000)
def test_any_words_are_read_or_refused_in_their_place(text: str) -> None:
    """Nothing but a QueryError comes out, however deep they are nested."""
    refused_or_read(text)


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_text_is_read_or_refused_in_its_place(text: str) -> None:
    """Whatever characters there are in it."""
    refused_or_read(f"select m where {text}")
    refused_or_read(text)
