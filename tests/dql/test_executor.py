"""Queries, run on a small repository."""

import pytest

from modelhub.dql import query
from modelhub.errors import QueryError


def test_the_rows_are_those_of_the_last_statement(models) -> None:
    """Those before it give names to versions."""
    text = "let good = select m where m.accuracy > 0; select m.name from m in good where m.loss > 0"
    assert query(models, text).rows == [["alexnet_a"]]
    text = "let good = select m where m.accuracy > 0; select good where good.loss is null"
    assert [str(each) for each in query(models, text).versions] == ["alexnet_b@1"]


def test_queries_nest(models) -> None:
    """In from and in where."""
    text = "select m from m in (select n where n.accuracy < 0.85)"
    assert [str(each) for each in query(models, text).versions] == ["alexnet_b@1"]
    text = "select m.name from (select n where n.accuracy < 0.85) as m"
    assert query(models, text).rows == [["alexnet_b"]]


def test_the_plan_says_how_many_were_left(models) -> None:
    """What the database decided, and what came after it."""
    found = query(models, "select m where m.name = 'alexnet_a' and m.accuracy > 1")
    steps = {each.step: each.rows for each in found.plan if each.rows is not None}
    assert steps == {"m: candidates": 1, "m: own conditions hold": 0, "rows": 0}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select m from m in goods", "no query is called 'goods'"),
        ('select m from "goods"', "no query is called 'goods'"),
        ("let good = select m.name; select m from m in good", "a variable ranges over versions"),
        ("evaluate m with config = 'a.toml'", "evaluate trains networks, and stands alone"),
    ],
)
def test_what_cannot_be_run_is_told(models, text: str, problem: str) -> None:
    """In one clear line, and nothing is made up."""
    with pytest.raises(QueryError, match=problem):
        query(models, text)
