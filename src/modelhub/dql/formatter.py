"""A query in its one form: what `dlv query --format-only` prints."""

from collections.abc import Iterator, Sequence

from modelhub.dql.syntax import (
    Action,
    Argument,
    At,
    Attribute,
    Between,
    Binary,
    Call,
    Constant,
    Derive,
    Dimension,
    Evaluate,
    Exists,
    Expression,
    Has,
    Hop,
    In,
    IsNull,
    Items,
    Key,
    Let,
    Like,
    Lineage,
    Literal,
    Logical,
    Parameter,
    Path,
    Query,
    Select,
    Selector,
    Settings,
    Source,
    Statement,
    Step,
    Template,
    TemplateSelector,
    Threshold,
    Top,
    Unary,
)
from modelhub.dql.tokens import quoted

_OR, _AND, _NOT, _CONDITION, _SUM, _TERM, _UNARY, _PRIMARY = range(8)
_LEVELS = {"+": _SUM, "-": _SUM, "*": _TERM, "/": _TERM}


def format_script(statements: Sequence[Statement]) -> str:
    """Statements as text; reading it gives the same statements.

    Keywords are small, a clause has a line, and so has each part of a condition that all hold.
    """
    return ";\n".join(map(_statement, statements)) + "\n"


def _statement(found: Statement) -> str:
    if isinstance(found, Let):
        return f"let {found.name} = {format_query(found.query)}"
    return format_query(found)


def format_query(query: Query) -> str:
    """One query, a clause a line."""
    if isinstance(query, Select):
        return "\n".join(_select(query))
    if isinstance(query, Derive):
        return "\n".join(_derive(query))
    return "\n".join(_evaluate(query))


def _select(query: Select) -> Iterator[str]:
    items = ", ".join(
        format_expression(each.value) + (f" as {each.name}" if each.name else "")
        for each in query.items
    )
    yield f"select {'distinct ' if query.is_distinct else ''}{items or '*'}"
    yield from _scope(query)
    if query.group:
        yield f"group by {', '.join(map(format_expression, query.group))}"
    if query.having is not None:
        yield f"having {format_expression(query.having)}"
    if query.order:
        yield f"order by {', '.join(map(_key, query.order))}"
    if query.limit is not None:
        offset = "" if query.offset is None else f" offset {_count(query.offset)}"
        yield f"limit {_count(query.limit)}{offset}"


def _count(found: int | Parameter) -> str:
    return str(found) if isinstance(found, int) else f":{found.name}"


def _key(key: Key) -> str:
    direction = " desc" if key.is_descending else ""
    return format_expression(key.value) + direction + (" nulls first" if key.nulls_first else "")


def _scope(query: Query) -> Iterator[str]:
    if query.sources:
        yield f"from {', '.join(map(_source, query.sources))}"
    if query.where is not None:
        yield f"where {_parts(query.where)}"


def _parts(where: Expression) -> str:
    if isinstance(where, Logical) and where.operator == "and":
        return " and\n      ".join(_expression(part, _NOT) for part in where.parts)
    return format_expression(where)


def _source(source: Source) -> str:
    if source.variable is None:
        return quoted(source.saved or "")
    if source.query is not None:
        return f"{source.variable} in {_nested(source.query)}"
    return source.variable if source.saved is None else f"{source.variable} in {_named(source)}"


def _named(source: Source) -> str:
    return quoted(source.saved or "")


def _nested(query: Query) -> str:
    return f"({' '.join(line.strip() for line in format_query(query).splitlines())})"


def _derive(query: Derive) -> Iterator[str]:
    yield f"{query.verb} {query.variable}"
    yield from _scope(query)
    yield "mutate " + " and\n       ".join(map(_action, query.actions))


def _action(action: Action) -> str:
    if action.value is None:
        return _path(action.path)
    value = action.value
    text = _template(value) if isinstance(value, Template) else _expression(value, _SUM)
    return f"{_path(action.path)} = {text}"


def _evaluate(query: Evaluate) -> Iterator[str]:
    yield f"evaluate {query.variable}"
    yield from _scope(query)
    yield f"with config = {_setting(query.config)}"
    if query.dimensions:
        using = "" if query.strategy is None else f"\nusing {_template(query.strategy)}"
        yield "vary " + " and\n     ".join(map(_dimension, query.dimensions)) + using
    if query.rules:
        yield "keep " + " and\n     ".join(map(_rule, query.rules))
    if query.commit_as is not None:
        yield f"commit as {quoted(query.commit_as)}"


def _setting(found: Settings | Expression) -> str:
    if not isinstance(found, Settings):
        return _expression(found, _SUM)
    pairs = (f"{quoted(name)}: {_setting(value)}" for name, value in found.values)
    return f"{{{', '.join(pairs)}}}"


def _dimension(dimension: Dimension) -> str:
    path, choices = _path(dimension.path), dimension.choices
    if choices is None:
        return f"{path} auto"
    text = _template(choices) if isinstance(choices, Template) else _expression(choices, _PRIMARY)
    return f"{path} in {text}"


def _rule(rule: Top | Threshold) -> str:
    if isinstance(rule, Threshold):
        after = "" if rule.after is None else f" after {rule.after}"
        return format_expression(rule.comparison) + after
    after = "" if rule.after is None else f", {rule.after}"
    direction = f" {rule.direction}" if rule.direction else ""
    return f"top({rule.count}, {_path(rule.measure)}{after}{direction})"


def format_expression(found: Expression) -> str:
    """One expression, in one line."""
    return _expression(found, _OR)


def _expression(found: Expression, level: int) -> str:
    own, text = _leveled(found)
    return text if own >= level else f"({text})"


def _leveled(found: Expression) -> tuple[int, str]:
    """How tightly an expression holds together, and its text."""
    if isinstance(found, Logical):
        level = _OR if found.operator == "or" else _AND
        parts = (_expression(part, level + 1) for part in found.parts)
        return level, f" {found.operator} ".join(parts)
    if isinstance(found, Unary) and found.operator == "not":
        return _NOT, f"not {_expression(found.operand, _NOT)}"
    if isinstance(found, Unary):
        operand = _expression(found.operand, _UNARY)
        return _UNARY, f"-({operand})" if operand.startswith("-") else f"-{operand}"  # -- comments
    if isinstance(found, Binary):
        return _binary(found)
    simple = _primary(found)
    return (_CONDITION, _condition(found)) if simple is None else (_PRIMARY, simple)


def _binary(found: Binary) -> tuple[int, str]:
    level = _LEVELS.get(found.operator)
    if level is None:
        left, right = _expression(found.left, _SUM), _expression(found.right, _SUM)
        return _CONDITION, f"{left} {found.operator} {right}"
    left, right = _expression(found.left, level), _expression(found.right, level + 1)
    return level, f"{left} {found.operator} {right}"


def _primary(found: Expression) -> str | None:
    match found:
        case Literal():
            return _literal(found.value)
        case Parameter():
            return f":{found.name}"
        case Items():
            return f"[{', '.join(_expression(each, _SUM) for each in found.items)}]"
        case Call():
            distinct = "distinct " if found.is_distinct else ""
            inner = ", ".join(map(format_expression, found.arguments))
            return f"{found.name}({'*' if found.is_star else distinct + inner})"
        case Path():
            return _path(found)
        case _:
            return None


def _literal(value: Constant) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)


def _condition(found: Expression) -> str:  # noqa: PLR0911 - a case each
    match found:
        case Like():
            escape = "" if found.escape == "\\" else f" escape {quoted(found.escape)}"
            return f"{_start(found)}like {_expression(found.pattern, _PRIMARY)}{escape}"
        case In():
            return f"{_start(found)}in {_choices(found.choices)}"
        case Between():
            low, high = _expression(found.low, _SUM), _expression(found.high, _SUM)
            return f"{_start(found)}between {low} and {high}"
        case IsNull():
            return f"{_expression(found.operand, _SUM)} is {_not(found)}null"
        case Has():
            return _has(found)
        case Lineage():
            right = _choices(found.right)
            return f"{_expression(found.left, _SUM)} {found.relation} {right}"
        case Exists():
            return f"exists {_path(found.path)}"
        case _:
            raise AssertionError(found)


def _start(found: Like | In | Between) -> str:
    return f"{_expression(found.operand, _SUM)} {_not(found)}"


def _not(found: Like | In | Between | IsNull | Has) -> str:
    return "not " if found.is_negated else ""


def _choices(found: Expression | Query) -> str:
    if isinstance(found, Select | Derive | Evaluate):
        return _nested(found)
    return _expression(found, _PRIMARY)


def _has(found: Has) -> str:
    via = f"via ({_templates(found.via)}) " if found.via else ""
    quantifier = f"{found.quantifier} " if found.quantifier else ""
    nodes = _expression(found.nodes, _SUM)
    return f"{nodes} {via}{_not(found)}has {quantifier}{_templates(found.templates)}"


def _templates(found: Sequence[Template]) -> str:
    return " | ".join(map(_template, found))


def _template(found: Template) -> str:
    if not found.arguments:
        return found.name if found.name.isupper() else f"{found.name}()"
    return f"{found.name}({', '.join(map(_argument, found.arguments))})"


def _argument(found: Argument) -> str:
    value = _expression(found.value, _SUM)
    return value if found.name is None else f"{found.name}={value}"


def _path(path: Path) -> str:
    return path.root + "".join(map(_step, path.steps))


def _step(step: Step) -> str:
    match step:
        case Attribute():
            return f".{step.name}"
        case Selector():
            return f"[{quoted(step.text)}]"
        case TemplateSelector():
            return f"[{_template(step.template)}]"
        case At():
            return f"[{step.step}]"
        case Hop():
            return f".{step.direction}{_hops(step)}"


def _hops(hop: Hop) -> str:
    if (hop.least, hop.most) == (1, 1):
        return ""
    if hop.most == hop.least:
        return f"{{{hop.least}}}"
    return f"{{{hop.least},{'' if hop.most is None else hop.most}}}"
