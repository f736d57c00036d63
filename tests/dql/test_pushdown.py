"""What the database decides."""

import pytest

from modelhub.dql.expressions import ExpressionParser
from modelhub.dql.matching import conjuncts
from modelhub.dql.pushdown import candidates


def narrowed(models, condition: str) -> list[str]:
    parts = conjuncts(ExpressionParser(condition).expression())
    return [row.name for row in models.catalog.rows(candidates(parts))]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ('m.name = "alexnet_a"', ["alexnet_a"]),
        ('m.name like " alexnet\\_ %"', ["alexnet_a", "alexnet_b"]),
        ('m["relu"].next has POOL("max")', ["alexnet_a", "alexnet-c"]),
        ('m["relu1"].next has POOL("AVG")', ["alexnet_b"]),
        ("m.number = 2", []),
        ('m.created < "2015"', []),
        ("m.accuracy > 5", ["alexnet_a", "alexnet_b", "alexnet-c", "course"]),
        ('m["r*"].next has POOL("L2")', ["alexnet_a", "alexnet_b", "alexnet-c", "course"]),
    ],
)
def test_a_condition_leaves_only_what_may_match(models, condition: str, names) -> None:
    """What SQL cannot decide is left to be looked at."""
    assert narrowed(models, condition) == names
