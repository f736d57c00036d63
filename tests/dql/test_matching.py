"""Tuples of versions."""

import pytest

from modelhub.dql import Limits, query
from modelhub.dql.expressions import ExpressionParser
from modelhub.dql.matching import conjuncts, roots_of
from modelhub.errors import QueryError


def test_two_variables_are_joined_by_their_conditions(rows) -> None:
    """Every pair of which all hold."""
    text = "select a.name, b.name from a, b where a parent of b and b.name like 'alexnet%'"
    assert rows(text) == [["alexnet_a", "alexnet_b"], ["alexnet_b", "alexnet-c"]]


def test_pairs_are_limited(models) -> None:
    """Before they are made."""
    with pytest.raises(QueryError, match="more than 10 tuples of versions"):
        query(models, "select a.name, b.name from a, b", limits=Limits(candidates=10))


def test_conditions_that_name_no_version_hold_or_not(rows) -> None:
    """Of all alike."""
    assert rows("select m.name where 1 = 2 and m.number = 1") == []


def test_conjuncts_and_roots() -> None:
    """A query inside has variables of its own."""
    found = ExpressionParser("a.x = b.y and c.z in [1]").expression()
    assert [roots_of(each) for each in conjuncts(found)] == [{"a", "b"}, {"c"}]
    assert conjuncts(None) == []
