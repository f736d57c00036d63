"""What is shown."""

import pytest

from modelhub.dql import Limits, query
from modelhub.errors import QueryError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select count(*)", [[4]]),
        ("select count(m.accuracy), min(m.accuracy), max(m.accuracy)", [[2, 0.8, 0.9]]),
        ("select sum(m.number), avg(m.number)", [[4, 1.0]]),
        ("select count(distinct m.number)", [[1]]),
        ("select count(*) where m.number = 7", [[0]]),
        ("select max(m.accuracy) where m.number = 7", [[None]]),
        (
            "select m[POOL].kind as k, count(*) as n group by m[POOL].kind order by n desc, k",
            [["MAX", 2], ["AVG", 1], [None, 1]],
        ),
        (
            "select m[POOL].kind as kind group by m[POOL].kind having count(*) > 1",
            [["MAX"]],
        ),
        ("select distinct m.number", [[1]]),
        ("select m.accuracy order by m.accuracy desc", [[0.9], [0.8], [None], [None]]),
        ("select m.accuracy order by m.accuracy nulls first limit 3", [[None], [None], [0.8]]),
        ("select m.name order by m.name limit 1 offset 1", [["alexnet_a"]]),
        ("select m.accuracy * 10 + 1 as x where m.loss > 0", [[10.0]]),
    ],
)
def test_rows_are_grouped_ordered_and_cut(rows, text: str, expected: list[object]) -> None:
    """Nulls come last unless it says otherwise; aggregates leave them out."""
    assert rows(text) == expected


def test_rows_are_limited(models) -> None:
    """A limit of the query itself is within it."""
    with pytest.raises(QueryError, match="more than 2 rows"):
        query(models, "select m", limits=Limits(rows=2))
    assert len(query(models, "select m limit 2", limits=Limits(rows=2))) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select sum(m.name)", "sum is taken of numbers"),
        ("select max(m.name, 1)", "max takes one value"),
        ("select m order by coalesce(m.accuracy, m.name)", "have no order"),
        ("select m limit :n", "a limit is a whole number"),
    ],
)
def test_what_has_no_order_or_sum_is_told(models, text: str, problem: str) -> None:
    """In its place."""
    given = {"n": -1} if ":n" in text else {}
    with pytest.raises(QueryError, match=problem):
        query(models, text, **given)
