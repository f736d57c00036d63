"""Statements, read."""

import inspect
from pathlib import Path

import pytest

from modelhub.dql import expressions, parser, tokens
from modelhub.dql.parser import parse
from modelhub.dql.syntax import (
    Derive,
    Evaluate,
    Items,
    Let,
    Select,
    Source,
    Template,
    Threshold,
    Top,
)
from modelhub.errors import QueryError


def test_a_script_is_statements() -> None:
    """The last semicolon may be left out."""
    found = parse("let a = select m; select m from m in a;")
    assert [type(each) for each in found] == [Let, Select]
    assert found[1].sources == [Source(variable="m", saved="a")]


def test_a_slice_has_ends_and_a_construct_changes() -> None:
    """A template where its name tells."""
    text = 'construct n from m mutate m["a"].insert = RELU("r") and m["b"].delete'
    [found] = parse(text)
    assert isinstance(found, Derive)
    assert (found.verb, found.variable) == ("construct", "n")
    assert isinstance(found.actions[0].value, Template)
    assert found.actions[1].value is None


def test_an_evaluate_has_dimensions_and_rules() -> None:
    """Lists, ranges, default choices; the best so many, and a threshold."""
    text = """evaluate m with config = {a: {b: 1}}
    vary config.x in [1, 2] and config.y in loguniform(0.1, 1) and config.z auto
    keep top(3, m["loss"], 10 desc) and m.accuracy > 0.5 after 7"""
    [found] = parse(text)
    assert isinstance(found, Evaluate)
    choices = [each.choices for each in found.dimensions]
    assert [type(each) for each in choices] == [Items, Template, type(None)]
    top, threshold = found.rules
    assert isinstance(top, Top)
    assert (top.count, top.after, top.direction) == (3, 10, "desc")
    assert isinstance(threshold, Threshold)
    assert threshold.after == 7


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "expected select, slice, construct or evaluate, got the end"),
        ("select m m", "expected another clause or the end, got 'm'"),
        ("select m wheree m.x = 1", "did you mean 'where'"),
        ("select m limit x", "a number of rows, a whole number"),
        ("select m order by m nulls", "'first' or 'last'"),
        ("select m from 3", "a variable, a saved query in quotes"),
        ("slice s from m", "expected 'mutate'"),
        ("slice s from m mutate m['a']", "a change ends in .insert"),
        ("slice s from m mutate s.input m['a']", "expected '=' after '.input'"),
        ("evaluate m", "expected 'with'"),
        ("evaluate m with config = 3", "the path of a file in quotes"),
        ("evaluate m with config = 'a' vary config.x", "'in' or 'auto'"),
        ("evaluate m with config = 'a' vary config.x in 3", "a list as in"),
        ("evaluate m with config = 'a' keep 3", "a comparison, or top"),
        ("let select = select m", "a name for the query"),
    ],
)
def test_what_is_no_statement_says_what_was_expected(text: str, problem: str) -> None:
    """And what may be meant."""
    with pytest.raises(QueryError, match=problem):
        parse(text)


SPEC = Path(__file__).parents[2] / "docs" / "spec" / "dql.md"


def test_the_grammar_of_the_specification_is_that_of_the_docstrings() -> None:
    """Each line of a rule stands where it is read, and on the page."""
    grammar = SPEC.read_text().partition("```text\n")[2].partition("```")[0]
    read = "\n".join(inspect.getsource(each) for each in (parser, expressions, tokens))
    missing = [line for line in grammar.splitlines() if line.strip() not in read]
    assert missing == []
    assert grammar.count(" = ") > 40
