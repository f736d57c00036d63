"""What conditions come to."""

import pytest

from modelhub.dql import Limits, query
from modelhub.errors import QueryError

A, B, C, COURSE = "alexnet_a@1", "alexnet_b@1", "alexnet-c@1", "course@1"


@pytest.mark.parametrize(
    ("condition", "versions"),
    [
        ('m.name like "alexnet_%"', [A, B, C]),
        (r'm.name like "alexnet\_%"', [A, B]),
        ('m.name like "alexnet!_%" escape "!"', [A, B]),
        ('m.name not like "alexnet%"', [COURSE]),
        ("m.accuracy > 0.85", [A]),
        ("not m.accuracy > 0.85", [B]),
        ("m.accuracy is null", [C, COURSE]),
        ("m.accuracy is not null and m.loss is null", [B]),
        ("m.accuracy > 0.85 or m.loss is null", [A, B, C, COURSE]),
        ("m.accuracy between 0.8 and 0.85", [B]),
        ("m.base_lr * 10 = 1", [A]),
        ("m.base_lr / 0 = 1", []),
        ("m.base_lr in [0.1, 0.2]", [A]),
        ('m.name not in ["alexnet_a", "course"]', [B, C]),
        ("m.name in (select n.name where n.accuracy < 0.85)", [B]),
        ('"v1" in m.tags', [A]),
        ('m descends from "alexnet_a"', [B, C]),
        ('m child of "alexnet_a@1"', [B]),
        ('m parent of "alexnet-c"', [B]),
        ('m ancestor of "alexnet-c@1"', [A, B]),
        ("m descends from (select n where n.accuracy = 0.8)", [C]),
        ('m["relu"].next has POOL("MAX")', [A, C]),
        ('m["relu"].next not has POOL("MAX")', [B]),
        ('m["relu"].next has none POOL("MAX")', [B]),
        ('m["relu"].next has all POOL | ADD', [A, B, C]),
        ('m["**"].next has all ADD', []),
        ('m["conv"].next{1,2} has POOL("AVG")', [B]),
        ('m["conv"].next via (RELU) has POOL("AVG")', [B]),
        ('m["output"].prev has FULL', [A, B, C]),
        ("exists m[CONV(kernel_size=3)]", [A, B, C, COURSE]),
        ("exists m[CONV(kernel_size=5)]", []),
        ("len(m[POOL]) = 1 and m[POOL].kind = 'AVG' and len(m.name) = 9", [B]),
        ("upper(m.name) = 'COURSE' or lower(m.name) = 'x'", [COURSE]),
        ("coalesce(m.accuracy, 1) = 1 and abs(-1) = 1 and round(1.26, 1) = 1.3", [C, COURSE]),
        ("true", [A, B, C, COURSE]),
    ],
)
def test_a_condition_holds_of_these(rows, condition: str, versions: list[str]) -> None:
    """In the order in which versions were made; what is not known does not hold."""
    assert [name for [name] in rows(f"select m where {condition}")] == versions


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("m.name > 1", "a text cannot be compared with a number"),
        ("m.name", "a value where a condition is expected"),
        ("-m.name = 1", "a text where a number is expected"),
        ("m has POOL", "'has' is asked of nodes"),
        ("1 has POOL", "'has' is asked of nodes"),
        ("m.name descends from 'alexnet_a'", "only versions have a lineage"),
        ("max(m.accuracy) > 1", "max can only stand in what is selected"),
        ('m["conv"].next has POOL(3)', "a kind is a text"),
        ("m.name in (slice s from m mutate s.input = m['a'])", "only a select"),
    ],
)
def test_what_has_no_meaning_is_told(rows, condition: str, problem: str) -> None:
    """In its place; never a wrong answer."""
    with pytest.raises(QueryError, match=problem):
        rows(f"select m where {condition}")


def test_time_is_limited(models) -> None:
    """However much a query looks at."""
    parts = " and ".join(["(m.number = 1 or m.number = 2)"] * 400)
    with pytest.raises(QueryError, match="this took more than"):
        query(models, f"select m where {parts}", limits=Limits(seconds=0))
