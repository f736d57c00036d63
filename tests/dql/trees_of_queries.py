"""Strategies of queries as trees, which all can be written down."""

from hypothesis import strategies as st

from modelhub.dql.syntax import (
    At,
    Attribute,
    Between,
    Binary,
    Call,
    Exists,
    Has,
    Hop,
    In,
    IsNull,
    Item,
    Items,
    Key,
    Like,
    Lineage,
    Literal,
    Logical,
    Parameter,
    Path,
    Select,
    Selector,
    Source,
    Template,
    TemplateSelector,
    Unary,
)

NAMES = st.sampled_from(["m", "m1", "loss", "top", "config", "Acc_1", "first"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.integers(0, 10**9) | st.floats(0, 1e9, allow_nan=False)
LITERALS = st.builds(
    lambda value: Literal(value=value), NUMBERS | TEXTS | st.booleans() | st.none()
)
PARAMETERS = st.builds(lambda name: Parameter(name=name), NAMES)
TEMPLATES = st.builds(
    lambda name: Template(name=name, arguments=[]), st.sampled_from(["POOL", "CONV"])
)
HOPS = st.builds(
    lambda direction, least, more: Hop(
        direction=direction, least=least, most=None if more is None else least + more
    ),
    st.sampled_from(["next", "prev"]),
    st.integers(0, 9),
    st.none() | st.integers(0, 9),
)
STEPS = (
    st.builds(lambda name: Attribute(name=name), NAMES)
    | st.builds(lambda text: Selector(text=text), TEXTS)
    | st.builds(lambda template: TemplateSelector(template=template), TEMPLATES)
    | st.builds(lambda step: At(step=step), st.integers(0, 999))
    | HOPS
)
PATHS = st.builds(
    lambda root, steps: Path(root=root, steps=steps), NAMES, st.lists(STEPS, max_size=3)
)


def _sums(inner):
    lists = st.lists(inner, max_size=3)
    return (
        st.builds(lambda items: Items(items=items), lists)
        | st.builds(lambda name, given: Call(name=name.lower(), arguments=given), NAMES, lists)
        | st.builds(lambda operand: Unary(operator="-", operand=operand), inner)
        | st.builds(
            lambda sign, a, b: Binary(operator=sign, left=a, right=b),
            st.sampled_from("+-*/"),
            inner,
            inner,
        )
    )


SUMS = st.recursive(LITERALS | PARAMETERS | PATHS, _sums, max_leaves=6)
FLAGS = st.booleans()
CONDITIONS = (
    st.builds(
        lambda sign, a, b: Binary(operator=sign, left=a, right=b),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        SUMS,
        SUMS,
    )
    | st.builds(
        lambda operand, text, escape, no: Like(
            operand=operand, pattern=Literal(value=text), escape=escape, is_negated=no
        ),
        SUMS,
        TEXTS,
        st.sampled_from("\\!"),
        FLAGS,
    )
    | st.builds(
        lambda operand, items, no: In(operand=operand, choices=Items(items=items), is_negated=no),
        SUMS,
        st.lists(SUMS, max_size=2),
        FLAGS,
    )
    | st.builds(
        lambda x, a, b, no: Between(operand=x, low=a, high=b, is_negated=no),
        SUMS,
        SUMS,
        SUMS,
        FLAGS,
    )
    | st.builds(lambda x, no: IsNull(operand=x, is_negated=no), SUMS, FLAGS)
    | st.builds(lambda path: Exists(path=path), PATHS)
    | st.builds(
        lambda path, relation, right: Lineage(left=path, relation=relation, right=right),
        PATHS,
        st.sampled_from(["descends from", "ancestor of", "parent of", "child of"]),
        PATHS | st.builds(lambda text: Literal(value=text), TEXTS),
    )
    | st.builds(
        lambda path, some, via, which, no: Has(
            nodes=path, templates=some, via=via, quantifier=which, is_negated=no
        ),
        PATHS,
        st.lists(TEMPLATES, min_size=1, max_size=2),
        st.lists(TEMPLATES, max_size=2),
        st.sampled_from(["", "all", "any", "none"]),
        FLAGS,
    )
)


def _logical(inner):
    def flat(operator, parts):
        found = []
        for part in parts:
            is_same = isinstance(part, Logical) and part.operator == operator
            found += part.parts if is_same else [part]
        return Logical(operator=operator, parts=found)

    parts = st.lists(inner, min_size=2, max_size=3)
    return st.builds(flat, st.sampled_from(["and", "or"]), parts) | st.builds(
        lambda operand: Unary(operator="not", operand=operand), inner
    )


EXPRESSIONS = st.recursive(CONDITIONS | SUMS, _logical, max_leaves=5)
ITEMS = st.builds(lambda value, name: Item(value=value, name=name), EXPRESSIONS, st.none() | NAMES)
KEYS = st.builds(
    lambda value, down, first: Key(value=value, is_descending=down, nulls_first=first),
    SUMS,
    FLAGS,
    FLAGS,
)
SELECTS = st.builds(
    lambda items, once, names, where, group, order, limit: Select(
        items=items,
        is_distinct=once,
        sources=[Source(variable=name) for name in names],
        where=where,
        group=group,
        having=None,
        order=order,
        limit=limit,
    ),
    st.lists(ITEMS, max_size=3),
    FLAGS,
    st.lists(NAMES, max_size=2),
    st.none() | EXPRESSIONS,
    st.lists(SUMS, max_size=2),
    st.lists(KEYS, max_size=2),
    st.none() | st.integers(0, 99) | PARAMETERS,
)
