"""Names in a query, checked against what there is, before anything is looked up."""

from collections.abc import Mapping, Sequence

from modelhub.dql.cursor import did_you_mean
from modelhub.dql.facts import Facts
from modelhub.dql.limits import MAX_HOPS, MAX_PATTERN, MAX_SOURCES
from modelhub.dql.refusal import Refusing
from modelhub.dql.syntax import (
    Attribute,
    Call,
    Constant,
    Hop,
    Items,
    Like,
    Literal,
    Parameter,
    Path,
    Placed,
    Select,
    Selector,
    Span,
    Statement,
    Template,
)
from modelhub.dql.trees import mapped, walk_outer
from modelhub.dql.words import FUNCTIONS
from modelhub.errors import InputError, QueryError
from modelhub.network import ALIASES, all_templates, canonical_template, parse_selector

VERSION = (
    *("name", "id", "number", "version", "created", "creation_time", "author", "message"),
    *("parent", "parents", "tag", "tags", "size", "snapshots", "parameters", "n_params"),
    *("layers", "n_layers", "partial", "dialect"),
)
GROUPS = ("metrics", "hyperparameters", "notes", "tensors")
ENDS = ("input", "output")
Given = Mapping[str, Constant | Sequence[Constant]]


def bind(statements: Sequence[Statement], source: str, given: Given) -> list[Statement]:
    """Statements with values in place of their parameters.

    Raises:
        QueryError: a parameter is not given, or one that is given is not used.
    """
    used = set()

    def value(part: Placed) -> Placed | None:
        if not isinstance(part, Parameter):
            return None
        if part.name not in given:
            hint = did_you_mean(part.name, given) or f"give it with --param {part.name}=VALUE"
            raise QueryError(f"no value for :{part.name}", source=source, span=part.span, hint=hint)
        used.add(part.name)
        return _literal(given[part.name], part.span)

    found = mapped(list(statements), value)
    for name in given.keys() - used:
        raise QueryError(f"the query has no :{name}", source=source, span=(0, 1))
    return found


def _literal(value: Constant | Sequence[Constant], span: Span) -> Literal | Items:
    if isinstance(value, list | tuple):
        return Items(items=[Literal(value=each, span=span) for each in value], span=span)
    assert not isinstance(value, Sequence) or isinstance(value, str)
    return Literal(value=value, span=span)


class Checker(Refusing):
    """Refuses names that there are nowhere."""

    def __init__(self, facts: Facts, source: str) -> None:
        super().__init__(source)
        self._facts = facts

    def check(self, query: Select) -> None:
        """Check a select and all that is in it, down to queries inside.

        Raises:
            QueryError: a name is not known.
        """
        variables = [each.variable for each in query.sources if each.variable is not None]
        roots = variables_of(query)
        if len(roots) > MAX_SOURCES:
            self.fail(f"a query ranges over at most {MAX_SOURCES} variables", query)
        if len(variables) != len(set(variables)):
            self.fail("two sources have one name", query.sources[0])
        names = {each.name for each in query.items if each.name}
        for part in walk_outer(query):
            self._part(part, roots, names)

    def _part(self, part: Placed, roots: Sequence[str], names: set[str]) -> None:
        match part:
            case Path():
                self._path(part, roots, names)
            case Template():
                if canonical_template(part.name) is None:
                    known = [*all_templates(), *ALIASES]
                    hint = did_you_mean(part.name, known) or f"there are: {', '.join(known)}"
                    self.fail(f"unknown layer template {part.name!r}", part, hint)
            case Call():
                if part.name not in FUNCTIONS:
                    hint = did_you_mean(part.name, FUNCTIONS)
                    self.fail(f"unknown function {part.name!r}", part, hint)
            case Like(pattern=Literal(value=value)):
                if not isinstance(value, str) or len(value) > MAX_PATTERN:
                    self.fail(f"a pattern is a text of at most {MAX_PATTERN}", part)
            case _:
                pass

    def _path(self, path: Path, roots: Sequence[str], names: set[str]) -> None:
        if path.root not in roots:
            if path.root in names and not path.steps:
                return
            hint = did_you_mean(path.root, roots) or f"there are: {', '.join(roots)}"
            self.fail(f"unknown variable {path.root!r}", path, hint)
        if sum(s.most or MAX_HOPS for s in path.steps if isinstance(s, Hop)) > MAX_HOPS * 4:
            self.fail("a path with too many steps along edges", path)
        first = path.steps[0] if path.steps else None
        if isinstance(first, Attribute):
            self._attribute(path, first)
            return
        for step in path.steps:
            if isinstance(step, Selector):
                try:
                    parse_selector(step.text)
                except InputError as error:
                    self.fail(str(error), step)

    def _attribute(self, path: Path, first: Attribute) -> None:
        known = self._facts.names
        words = [each.name for each in path.steps if isinstance(each, Attribute)]
        if first.name in GROUPS:
            second = path.steps[1] if len(path.steps) > 1 else None
            if not isinstance(second, Selector):
                self.fail(f'say which, as in .{first.name}["name"]', first)
            there = known.get(first.name)
            if there is not None and second.text not in there:
                hint = did_you_mean(second.text, there) or _there(there)
                self.fail(f"no version has {first.name} {second.text!r}", second, hint)
            return
        dotted = ".".join(words)
        anywhere = set().union(*known.values())
        if first.name in (*VERSION, *ENDS) or dotted in anywhere:
            return
        hint = did_you_mean(dotted, [*VERSION, *anywhere]) or _there({*VERSION, *anywhere})
        self.fail(f"unknown attribute {dotted!r} of a model version", first, hint)


def _there(names: set[str]) -> str:
    return f"there are: {', '.join(sorted(names)) or 'none'}"


def variables_of(query: Select) -> list[str]:
    """What a query ranges over: its sources, or else the variables that it names."""
    roots = [part.root for part in walk_outer(query) if isinstance(part, Path)]
    said = [each.variable for each in query.sources]
    if not said:
        names = {each.name for each in query.items if each.name}
        return list(dict.fromkeys(r for r in roots if r not in names)) or ["m"]
    unnamed = [root for root in dict.fromkeys(roots) if root not in said] or ["m"]
    return [each if each is not None else unnamed[0] for each in said]
