"""The words of DQL: the one list that the parser, completion and highlighting go by."""

STATEMENTS = ("select", "slice", "construct", "evaluate", "let")
CLAUSES = (
    *("distinct", "from", "where", "group", "by", "having", "order", "limit", "mutate"),
    *("with", "vary", "keep", "as"),
)
OPERATORS = ("and", "or", "not", "like", "in", "between", "is", "has", "via", "exists")
CONSTANTS = ("true", "false", "null")
RESERVED = frozenset({*STATEMENTS, *CLAUSES, *OPERATORS, *CONSTANTS})
"""Words that no variable may be called; an attribute, behind a dot, may."""

CONTEXTUAL = (
    *("asc", "desc", "nulls", "first", "last", "offset", "escape", "all", "any", "none"),
    *("descends", "derived", "ancestor", "parent", "child", "of"),
    *("config", "auto", "using", "top", "after", "commit", "range", "uniform", "loguniform"),
)
"""Words that mean something where they are expected, and are names elsewhere."""

KEYWORDS = tuple(sorted({*RESERVED, *CONTEXTUAL}))
QUANTIFIERS = ("all", "any", "none")
HOPS = ("next", "prev")
AGGREGATES = ("count", "min", "max", "avg", "sum")
FUNCTIONS = (
    *AGGREGATES,
    *("lower", "upper", "len", "date", "abs", "round", "coalesce"),
)
LINEAGE = {
    ("descends", "from"): "descends from",
    ("derived", "from"): "descends from",
    ("ancestor", "of"): "ancestor of",
    ("parent", "of"): "parent of",
    ("child", "of"): "child of",
}
"""Two words each, and the relation that they name."""
