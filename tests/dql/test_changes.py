"""Actions of a query, as changes; no framework is needed to know them."""

import pytest

from modelhub.dql import query
from modelhub.errors import QueryError

TEXT = 'construct n from m where m.name = "alexnet_a" mutate '


@pytest.mark.parametrize(
    ("actions", "problem"),
    [
        ('n.input = m["conv"]', r"\.input is of slice"),
        ("m.delete", "say of which nodes"),
        ('m["conv"].insert = "relu"', "only a layer can be put in"),
        ('m["conv"].insert = RELO("a")', "unknown layer template 'RELO'"),
        ('m["conv"].insert = RELU("a", "b", "c")', "a name and a kind"),
        ('m["conv"].insert = RELU(3)', "all else as in kernel=3"),
        ('m["conv"].insert = RELU("relu$1")', "variable that nothing binds"),
        ('m["conv"].next["relu"].delete', r"an edge takes an \.insert alone"),
        ('m["conv"].next{1,2}.insert = RELU("a")', "one edge"),
        ('m["absent"].delete', "leads to no node of alexnet_a@1"),
        ('m["conv"].delete and k["relu"].delete', "one variable|unknown variable"),
        ('m["conv"].insert = CONV("c")', "alexnet_a@1: "),
    ],
)
def test_what_is_no_change_is_told(models, actions: str, problem: str) -> None:
    """In one line, in its place."""
    with pytest.raises(QueryError, match=problem):
        query(models, TEXT + actions)


def test_where_nothing_matches_nothing_is_made(models) -> None:
    """There are no rows."""
    found = query(models, TEXT.replace("alexnet_a", "none") + 'm["conv"].delete')
    assert list(found) == []
    assert found.columns == ["source", "inserted", "deleted", "nodes", "parameters"]
