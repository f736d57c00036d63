"""The place in a query, and what is said of it."""

import pytest

from modelhub.dql.cursor import Cursor, did_you_mean
from modelhub.dql.parser import parse
from modelhub.errors import QueryError


def test_tokens_are_taken_one_by_one() -> None:
    """The end stays the end."""
    cursor = Cursor("select m")
    assert cursor.ahead().text == "m"
    assert cursor.take("SELECT", "select").text == "select"
    assert cursor.need_name("a name").span == (7, 8)
    assert cursor.advance() == cursor.advance() == cursor.here


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "select m where m.name in [1, 2 order by m",
            (
                "1:32: expected ']' or ',' in the list, got 'order'\n"
                "  1 | select m where m.name in [1, 2 order by m\n"
                "    |                                ^^^^^\n"
                "the '[' at 1:26 is not closed"
            ),
        ),
        (
            "select m\nwhere m.a = ",
            (
                "2:12: expected a value, a name or '(', got the end\n"
                "  2 | where m.a = \n"
                "    |            ^"
            ),
        ),
        (
            "selec m",
            (
                "1:1: expected select, slice, construct or evaluate, got 'selec'\n"
                "  1 | selec m\n"
                "    | ^^^^^\n"
                "did you mean 'select'?"
            ),
        ),
    ],
)
def test_a_mistake_is_shown_in_its_place(text: str, message: str) -> None:
    """Line, column, the place, and the way out."""
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert str(caught.value) == message


def test_nesting_has_an_end() -> None:
    """Long before Python's own."""
    with pytest.raises(QueryError, match="at most 30 levels deep"):
        parse("select " + "(" * 5000 + "m" + ")" * 5000)


def test_hints_need_a_near_word() -> None:
    """Capitals do not matter."""
    assert did_you_mean("POL", ["POOL", "CONV"]) == "did you mean 'POOL'?"
    assert did_you_mean("xyz", ["POOL", "CONV"]) == ""
