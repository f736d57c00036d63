"""Expressions, read."""

import pytest

from modelhub.dql.expressions import ExpressionParser
from modelhub.dql.parser import parse
from modelhub.dql.syntax import At, Attribute, Binary, Hop, Literal, Logical, Path, Selector, Unary
from modelhub.errors import QueryError


def read(text: str) -> object:
    return ExpressionParser(text).expression()


def test_arithmetic_binds_as_everywhere() -> None:
    """Products before sums, from the left."""
    one, two, three = (Literal(value=v) for v in (1, 2, 3))
    product = Binary(operator="*", left=two, right=three)
    assert read("1 + 2 * 3") == Binary(operator="+", left=one, right=product)
    difference = Binary(operator="-", left=one, right=two)
    assert read("1 - 2 - 3") == Binary(operator="-", left=difference, right=three)
    assert read("-1") == Unary(operator="-", operand=one)


def test_and_binds_before_or() -> None:
    """And chains are flat."""
    a, b, c = (Path(root=name, steps=[]) for name in "abc")
    both = Logical(operator="and", parts=[b, c])
    assert read("a or b and c") == Logical(operator="or", parts=[a, both])
    assert read("(a and b) and c") == Logical(operator="and", parts=[a, b, c])


def test_a_path_has_steps() -> None:
    """Attributes, selectors, steps of training, edges."""
    assert read('m.next["conv*"].loss[5].prev{2,}') == Path(
        root="m",
        steps=[
            Hop(direction="next"),
            Selector(text="conv*"),
            Attribute(name="loss"),
            At(step=5),
            Hop(direction="prev", least=2, most=None),
        ],
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("m.next{3,1}", "fewer steps at most than at least"),
        ("m.next{99}", "more than 64 steps"),
        ("m not 3", "'like', 'in', 'between' or 'has' after 'not'"),
        ("m like 3", "a quoted pattern"),
        ("m like 'a' escape 'ab'", "'escape' takes one character"),
        ("m in select", "a list as in"),
        ("m.name between 1 or 2", "'and' between the bounds"),
        ("1e999", "too large a number"),
        ("1 + " * 200 + "1", "more than 100 operators in a row"),
        ("m.", "the name of an attribute"),
        ("m[*]", "names of nodes in quotes"),
    ],
)
def test_what_is_no_expression_says_what_was_expected(text: str, problem: str) -> None:
    """In its place."""
    with pytest.raises(QueryError, match=problem):
        read(text)


def test_words_mean_something_only_where_they_are_expected() -> None:
    """`top`, `first`, `config` and the like are names elsewhere."""
    for word in ("top", "first", "config", "of", "all", "parent"):
        assert parse(f"select {word}.{word}")
