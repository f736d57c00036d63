"""What a query says, as a tree; its parts know their places, which do not tell trees apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
Constant: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Anything that has a place in the text."""

    span: Span = field(default=(0, 0), compare=False)


# Expressions.


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Placed):
    """A number, text, truth value or null."""

    value: Constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Placed):
    """A value that is given beside the query: `:name`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Items(Placed):
    """A list: `[1, 2]`."""

    items: "Sequence[Expression]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument(Placed):
    """A value handed to a template or function, by a name if it has one."""

    name: str | None
    value: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Placed):
    """A function of values: `count(*)`, `round(m.loss, 2)`; the name in small letters."""

    name: str
    arguments: "Sequence[Expression]" = ()
    is_star: bool = False
    is_distinct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Placed):
    """A layer template with what it must have: `POOL("MAX", kernel=3)`."""

    name: str
    arguments: Sequence[Argument] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Placed):
    """A step to an attribute: `.name`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector(Placed):
    """A step to nodes, or to what has that name: `["conv*"]`."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSelector(Placed):
    """A step to the nodes of a template: `[CONV(kernel=3)]`."""

    template: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class At(Placed):
    """A step to the value at a training step: `[500]`."""

    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop(Placed):
    """Steps along edges: `.next`, `.prev{1,2}`; `most` is None for any number."""

    direction: str
    least: int = 1
    most: int | None = 1


Step: TypeAlias = Attribute | Selector | TemplateSelector | At | Hop


@dataclass(frozen=True, slots=True, kw_only=True)
class Path(Placed):
    """A variable, and steps from it: `m["conv1"].next`."""

    root: str
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Placed):
    """`-` or `not` before an expression."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Placed):
    """Arithmetic or a comparison; `<>` is read as `!=`."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical(Placed):
    """`and` or `or` between two or more conditions."""

    operator: str
    parts: "Sequence[Expression]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Like(Placed):
    """A text compared with a pattern of `%` and `_`."""

    operand: "Expression"
    pattern: Literal | Parameter
    escape: str = "\\"
    is_negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Placed):
    """A value that is one of some."""

    operand: "Expression"
    choices: "Items | Parameter | Path | Query"
    is_negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Placed):
    """A value within bounds, both included."""

    operand: "Expression"
    low: "Expression"
    high: "Expression"
    is_negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNull(Placed):
    """Whether nothing is known of a value."""

    operand: "Expression"
    is_negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Has(Placed):
    """Nodes that are of one of some templates; `via` is skipped on the way."""

    nodes: "Expression"
    templates: Sequence[Template]
    via: Sequence[Template] = ()
    quantifier: str = ""
    is_negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage(Placed):
    """How two versions are related: `descends from`, `ancestor of`, `parent of`, `child of`."""

    left: "Expression"
    relation: str
    right: "Path | Literal | Parameter | Query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists(Placed):
    """Whether a path leads to anything."""

    path: Path


Expression: TypeAlias = (
    Literal
    | Parameter
    | Items
    | Call
    | Path
    | Unary
    | Binary
    | Logical
    | Like
    | In
    | Between
    | IsNull
    | Has
    | Lineage
    | Exists
)


# Queries.


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Placed):
    """What a variable ranges over.

    Attributes:
        variable: its name; None if the text does not say, and there is only one.
        saved: the name of a saved query.
        query: a query in parentheses; the repository if both are None.
    """

    variable: str | None
    saved: str | None = None
    query: "Query | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Placed):
    """What is selected, and what it is called."""

    value: Expression
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Placed):
    """What rows are ordered by; nulls come last unless it says otherwise."""

    value: Expression
    is_descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Select(Placed):
    """Versions, or what is known of them; no items mean all variables."""

    items: Sequence[Item]
    is_distinct: bool = False
    sources: Sequence[Source] = ()
    where: Expression | None = None
    group: Sequence[Expression] = ()
    having: Expression | None = None
    order: Sequence[Key] = ()
    limit: int | Parameter | None = None
    offset: int | Parameter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Placed):
    """A change of a network: a path whose last step says which, and what it is given."""

    path: Path
    value: "Template | Expression | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derive(Placed):
    """`slice` or `construct`: new networks from old ones."""

    verb: str
    variable: str
    actions: Sequence[Action]
    sources: Sequence[Source] = ()
    where: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Placed):
    """A configuration that stands in the query: `{lr: 0.1, net: {depth: 3}}`."""

    values: "Sequence[tuple[str, Expression | Settings]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension(Placed):
    """A setting that is varied: over a list, a range, or the default choices (None)."""

    path: Path
    choices: Items | Template | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Top(Placed):
    """Keep the best `count` by a measure, ranked when `after` steps are done."""

    count: int
    measure: Path
    after: int | None = None
    direction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(Placed):
    """Keep those of which a comparison holds once `after` steps are done."""

    comparison: Binary
    after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate(Placed):
    """Models, tried with instances of a configuration."""

    variable: str
    config: Literal | Parameter | Settings
    sources: Sequence[Source] = ()
    where: Expression | None = None
    dimensions: Sequence[Dimension] = ()
    strategy: Template | None = None
    rules: Sequence[Top | Threshold] = ()
    commit_as: str | None = None


Query: TypeAlias = Select | Derive | Evaluate


@dataclass(frozen=True, slots=True, kw_only=True)
class Let(Placed):
    """A name for a query, for the statements behind it."""

    name: str
    query: Query


Statement: TypeAlias = Let | Query
