"""Names and parameters, checked."""

import pytest

from modelhub.dql.binder import bind, variables_of
from modelhub.dql.parser import parse
from modelhub.errors import QueryError


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("select m where m.accurcy > 0.5", 18, "did you mean 'accuracy'"),
        ('select m where m["conv"].next has POL', 35, "did you mean 'POOL'"),
        ("select m where lowr(m.name) = 'x'", 16, "did you mean 'lower'"),
        ("select m from m where n.name = 'x'", 23, "there are: m"),
        ('select m.metrics["los"]', 18, "did you mean 'loss'"),
        ("select m.metrics", 10, "say which"),
        ('select m where exists m["conv[1"]', 25, "bracket without a partner"),
        ("select m, n from m, m, n", 18, "two sources have one name"),
        ("select a, b, c, d, e", 1, "at most 4 variables"),
        ("select m where m.name like :p", 16, "a pattern is a text"),
    ],
)
def test_what_is_not_there_is_told_in_its_place(rows, text: str, column: int, hint: str) -> None:
    """The nearest name, or all that there are."""
    given = {"p": 3} if ":p" in text else {}
    with pytest.raises(QueryError, match=hint) as caught:
        rows(text, **given)
    assert caught.value.column == column


def test_parameters_become_values(rows) -> None:
    """They are never pasted into the text: a quote in one is a quote."""
    text = "select m where m.name = :name"
    assert rows(text, name="alexnet_b") == [["alexnet_b@1"]]
    assert rows(text, name='" or true or "') == []
    assert rows("select m.name where m.number in :some", some=[7, 8]) == []


def test_a_parameter_that_is_not_given_or_not_used_is_refused() -> None:
    """A slip of the pen is no null."""
    with pytest.raises(QueryError, match="no value for :name"):
        bind(parse("select m where m.name = :name"), "", {})
    with pytest.raises(QueryError, match="the query has no :nme"):
        bind(parse("select m"), "", {"nme": 1})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("select m1 where m1.name = 'x'", ["m1"]),
        ("select *", ["m"]),
        ("select a.name from a, b", ["a", "b"]),
        ('select v from "saved"', ["v"]),
        ("select m.name as title order by title", ["m"]),
        ("select m where m.name in (select n.name)", ["m"]),
    ],
)
def test_a_query_ranges_over_its_sources_or_else_over_what_it_names(text, names) -> None:
    """Names of columns, and variables of queries inside, are no variables of it."""
    [found] = parse(text)
    assert variables_of(found) == names
