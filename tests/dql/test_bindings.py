"""Outcomes and bindings."""

from modelhub.dql.bindings import distinct, holding, joined, negated, substituted


def test_three_outcomes() -> None:
    """It holds, it does not, it is not known."""
    assert [holding(each, {"1": "3"}) for each in (True, False, None)] == [[{"1": "3"}], [], None]
    assert [negated(each, {}) for each in ([{"1": "3"}], [], None)] == [[], [{}], None]


def test_bindings_join_where_they_agree() -> None:
    """A variable has one value."""
    assert joined({"1": "3"}, {"2": "x"}) == {"1": "3", "2": "x"}
    assert joined({"1": "3"}, {"1": "4"}) is None
    assert distinct([{"1": "3"}, {"1": "3"}, {}]) == [{"1": "3"}, {}]


def test_values_are_put_in_place_once() -> None:
    """What is put in is not looked through again, and a longer name wins."""
    bound = {"1": "$2", "2": "x", "12": "y"}
    assert substituted("a$1 b$12 $3", bound) == "a$2 by $3"
    assert substituted(4, bound) == 4
