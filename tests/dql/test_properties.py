"""What holds of all queries."""

import contextlib

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from trees_of_queries import SELECTS

from modelhub.dql import format_script, parse, query
from modelhub.dql.words import KEYWORDS
from modelhub.errors import QueryError

PIECES = [
    *KEYWORDS,
    *("m", "m1", ".", "[", "]", "(", ")", "{", "}", ",", ";", ":p", "$1", "=", "<", "!=", "+", "-"),
    *('"conv*"', "'", '"', "1", "2.5", "1e400", "POOL", "next", "--", "\n", "*", "|", "\\", "\0"),
]


@given(SELECTS)
@settings(max_examples=150)
def test_what_is_written_is_read_as_it_was(tree) -> None:
    """The formatter loses nothing, and its form is the only one."""
    text = format_script([tree])
    assert parse(text) == [tree]
    assert format_script(parse(text)) == text


def refused_or_read(text: str) -> None:
    with contextlib.suppress(QueryError):
        found = parse(text)
        assert parse(format_script(found)) == found


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join))
@settings(max_examples=200)
@example("select " + "not " * 20000 + "m")
@example("select m" + ".next" * 12000)
@example("select " + "-" * 60000 + "1")
@example("select m where " + " or ".join(["m.x"] * 8000))
@example("select " + "f(" * 20000)
@example("select m from (" * 4000)
@example("evaluate m with config = " + "{a:" * 20000)
def test_any_words_are_read_or_refused_in_their_place(text: str) -> None:
    """Nothing but a QueryError comes out, however deep they are nested."""
    refused_or_read(text)


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_text_is_read_or_refused_in_its_place(text: str) -> None:
    """Whatever characters there are in it."""
    refused_or_read(f"select m where {text}")
    refused_or_read(text)


KNOWN = {  # what tests/dql/conftest.py commits, written down once more
    "alexnet_a": {"accuracy": 0.9, "loss": 0.3, "base_lr": 0.1, "pool": "MAX"},
    "alexnet_b": {"accuracy": 0.8, "base_lr": 0.01, "pool": "AVG"},
    "alexnet-c": {"pool": "MAX"},
}
COMPARISONS = st.tuples(
    st.sampled_from(["<", "<=", "=", "!=", ">", ">="]),
    st.sampled_from(["accuracy", "loss", "base_lr"]),
    st.sampled_from([0.01, 0.1, 0.3, 0.8, 0.85, 0.9]),
)
LEAVES = (
    COMPARISONS
    | st.tuples(st.just("null"), st.sampled_from(["accuracy", "loss", "base_lr"]), st.booleans())
    | st.tuples(st.just("pool"), st.sampled_from(["MAX", "AVG"]), st.booleans())
)
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(st.just("not"), inner) | st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=8,
)


def written(formula) -> str:
    """A formula as DQL."""
    match formula:
        case ("not", inner):
            return f"not ({written(inner)})"
        case ("and" | "or" as word, one, two):
            return f"({written(one)}) {word} ({written(two)})"
        case ("null", name, is_negated):
            return f"m.{name} is {'not ' if is_negated else ''}null"
        case ("pool", kind, is_negated):
            return f'm["relu"].next {"not " if is_negated else ""}has POOL("{kind}")'
        case (sign, name, bound):
            return f"m.{name} {sign} {bound}"


def true_of(formula, facts) -> bool | None:  # noqa: PLR0911 - a case each
    """The truth of a formula by tables: True, False, or None for not known."""
    match formula:
        case ("not", inner):
            found = true_of(inner, facts)
            return None if found is None else not found
        case ("and", one, two):
            both = {true_of(one, facts), true_of(two, facts)}
            return False if False in both else None if None in both else True
        case ("or", one, two):
            both = {true_of(one, facts), true_of(two, facts)}
            return True if True in both else None if None in both else False
        case ("null", name, is_negated):
            return (name not in facts) != is_negated
        case ("pool", kind, is_negated):
            return (facts["pool"] == kind) != is_negated
        case (sign, name, bound):
            if name not in facts:
                return None
            below, same = facts[name] < bound, facts[name] == bound
            ways = {"<": below, "<=": below or same, "=": same, "!=": not same}
            return {**ways, ">": not below and not same, ">=": not below}[sign]


@given(formula=FORMULAS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_select_agrees_with_truth_tables(models, formula) -> None:
    """A second evaluator, which shares nothing with the first."""
    text = f"select m.name where m.name like 'alexnet%' and ({written(formula)})"
    expected = [name for name, facts in KNOWN.items() if true_of(formula, facts)]
    assert [row[0] for row in query(models, text).rows] == expected
