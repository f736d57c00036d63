"""The clauses of `evaluate`, read: configuration, settings that are varied, rules, strategy."""

import operator
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from modelhub.dql.cursor import did_you_mean
from modelhub.dql.formatter import format_expression
from modelhub.dql.refusal import Refusing
from modelhub.dql.syntax import (
    Argument,
    Attribute,
    Binary,
    Dimension,
    Evaluate,
    Expression,
    Items,
    Literal,
    Parameter,
    Path,
    Placed,
    Selector,
    Settings,
    Unary,
)
from modelhub.dql.syntax import Threshold as WrittenThreshold
from modelhub.dql.syntax import Top as WrittenTop
from modelhub.dql.trees import walk
from modelhub.errors import InputError, ModelHubError
from modelhub.trials import (
    SEARCHES,
    SETTINGS,
    Choices,
    Config,
    Drawn,
    Grid,
    Interval,
    Metrics,
    Rule,
    Search,
    Space,
    Threshold,
    Top,
    automatic,
    checked,
    data_options,
    is_falling,
    ranged,
    with_point,
)
from modelhub.trials import Dimension as Varied
from modelhub.wrappers import read_settings

TABLES = ("user", "data")  # whose keys may be varied
STRATEGIES = ("grid", "random", "tpe", "gp", "asha", "hyperband")
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "grid": (),
    "random": ("n", "seed"),
    "tpe": ("n", "seed"),
    "gp": ("n", "seed"),
    "asha": ("min", "factor"),
    "hyperband": ("min", "factor"),
}
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Clauses(Refusing):
    """Reads what an `evaluate` says of its trials."""

    def config(self, found: Evaluate) -> dict[str, Any]:
        """The whole configuration.

        Raises:
            QueryError: it is not there, not valid, or says what nothing uses.
        """
        given = self._given(found)
        varied = [self.setting(each.path) for each in found.dimensions]
        try:
            whole = checked(given, varied)
            data_options(whole["data"])
        except InputError as error:
            self.fail(str(error), found.config)
        return whole

    def _given(self, found: Evaluate) -> Config:
        config = found.config
        if isinstance(config, Settings):
            return self._table(config)
        assert not isinstance(config, Parameter), "parameters are bound"
        if not isinstance(config.value, str):
            self.fail("a configuration is the path of a file, or {…}", config)
        path = FilePath(config.value)
        if not path.is_file():
            self.fail(f"there is no configuration at {path}", config, "give a TOML, YAML or JSON")
        if path.suffix.lower() not in {".toml", ".yaml", ".yml", ".json"}:
            self.fail(f"{path} is of no known kind", config, "known are .toml, .yaml and .json")
        try:
            return read_settings(path)
        except ModelHubError as error:
            self.fail(str(error), config)

    def _table(self, found: Settings) -> dict[str, Any]:
        names = [name for name, _ in found.values]
        if len(set(names)) != len(names):
            self.fail("a setting stands twice", found)
        return {
            name: self._table(each) if isinstance(each, Settings) else self.constant(each)
            for name, each in found.values
        }

    def constant(self, found: Expression) -> Any:  # noqa: RET503 - fail raises
        """A number, text, truth value or list, in the query itself."""
        match found:
            case Literal():
                return found.value
            case Items():
                return [self.constant(each) for each in found.items]
            case Unary(operator="-", operand=Literal(value=int() | float() as value)):
                return -value
            case _:
                self.fail("a setting is a number, a text, true, false or a list", found)

    def setting(self, path: Path) -> str:  # noqa: RET503 - fail raises
        """The setting that a path names: `base_lr`, `net[conv*].lr`, `user.depth`."""
        if path.root != "config" or not path.steps:
            self.fail("a setting is varied: config and its name", path, "as in config.base_lr")
        match path.steps:
            case [Attribute(name="net"), Selector(text=text), Attribute(name="lr")]:
                return f"net[{text}].lr"
            case [Attribute(name=table), Attribute(name=name)] if table in TABLES:
                return f"{table}.{name}"
            case [Attribute(name=name)] if name in SETTINGS and name not in (
                "net",
                "auto",
                *TABLES,
            ):
                return name
            case _:
                first = path.steps[0]
                word = first.name if isinstance(first, Attribute) else ""
                hint = did_you_mean(word, SETTINGS) or "as in config.base_lr"
                self.fail("this is no setting that can be varied", path, hint)

    def varied(self, found: Dimension, config: Config) -> Varied:
        """What a setting may be.

        Raises:
            QueryError: nothing, or something that it cannot be.
        """
        name = self.setting(found.path)
        try:
            if found.choices is None:
                dimension: Varied = Choices(name=name, values=list(automatic(config, name)))
            elif isinstance(found.choices, Items):
                values = [self.constant(each) for each in found.choices.items]
                dimension = Choices(name=name, values=values)
            else:
                arguments = [self._plain(each) for each in found.choices.arguments]
                dimension = ranged(name, found.choices.name.lower(), arguments)
            ends = [dimension.low, dimension.high] if isinstance(dimension, Interval) else None
            values = ends if ends is not None else list(dimension.values)  # type: ignore[union-attr]
            if not values or len({repr(each) for each in values}) != len(values):
                self.fail(f"{name} has no choices, or one twice", found)
            for value in values:
                with_point(config, {name: value})
        except InputError as error:
            self.fail(str(error), found)
        return dimension

    def _plain(self, found: Argument) -> Any:
        if found.name not in (None, "n"):
            self.fail("a range takes numbers", found)
        return self.constant(found.value)

    def rules(self, found: Evaluate) -> list[Rule]:
        """What is kept."""
        return [self._rule(each, found.variable) for each in found.rules]

    def _rule(self, found: WrittenTop | WrittenThreshold, variable: str) -> Rule:
        if isinstance(found, WrittenTop):
            if found.count < 1:
                self.fail("top keeps at least one", found)
            metric = self._metric(found.measure, variable)
            falls = found.direction == "asc" if found.direction else is_falling(metric)
            return Top(count=found.count, metric=metric, after=found.after, is_falling=falls)
        comparison = found.comparison
        paths = [each for each in walk(comparison) if isinstance(each, Path)]
        names = {id(each): self._metric(each, variable) for each in paths}
        self._check_sum(comparison.left)
        self._check_sum(comparison.right)
        when = "" if found.after is None else f" after {found.after}"
        return Threshold(
            text=format_expression(comparison) + when,
            holds=lambda metrics: bool(_amount(comparison, names, metrics)),
            metrics=sorted(set(names.values())),
            after=found.after,
        )

    def _metric(self, path: Path, variable: str) -> str:  # noqa: RET503 - fail raises
        match path.steps:
            case [Selector(text=name)] | [Attribute(name=name)] if path.root == variable:
                return name
            case _:
                hint = f'as in {variable}["loss"]'
                self.fail(f"a metric of {variable} is what is judged", path, hint)

    def _check_sum(self, found: Expression) -> None:
        match found:
            case Binary(left=left, right=right) if found.operator in "+-*/":
                self._check_sum(left)
                self._check_sum(right)
            case Unary(operator="-", operand=operand):
                self._check_sum(operand)
            case Literal(value=int() | float()) | Path():
                return
            case _:
                self.fail("metrics and numbers are compared", found)

    def search(
        self, found: Evaluate, space: Space, config: Config, rules: Sequence[Rule]
    ) -> Search:
        """Which trials there are.

        Raises:
            QueryError: the strategy is not known, or not possible here.
            MissingExtraError: it needs a package that is not installed.
        """
        part: Placed = found if found.strategy is None else found.strategy
        kind = "grid" if found.strategy is None else found.strategy.name.lower()
        if kind not in STRATEGIES:
            hint = did_you_mean(kind, STRATEGIES) or f"there are: {', '.join(STRATEGIES)}"
            self.fail(f"there is no strategy {kind!r}", part, hint)
        options = self._options(found, kind)
        try:
            if kind == "grid":
                return Grid(space)
            if kind == "random":
                return Drawn(space, count=options["n"], seed=options["seed"])
            top = next((each for each in rules if isinstance(each, Top)), None)
            return SEARCHES.get("tune")(
                kind,
                space,
                metric="loss" if top is None else top.metric,
                is_falling=True if top is None else top.is_falling,
                options={**options, "max": config["max_iter"]},
            )
        except InputError as error:
            self.fail(str(error), part)

    def _options(self, found: Evaluate, kind: str) -> dict[str, int]:
        known = _OPTIONS[kind]
        options: dict[str, int] = {"seed": 0}
        arguments = [] if found.strategy is None else found.strategy.arguments
        for place, each in enumerate(arguments):
            name = each.name or (known[place] if place < len(known) else "")
            value = self.constant(each.value)
            if name not in known or not isinstance(value, int) or value < (name != "seed"):
                takes = f"{kind}({', '.join(known)})"
                self.fail(f"a strategy takes whole numbers: {takes}", each)
            options[name] = value
        if "n" in known and "n" not in options:
            self.fail(f"say how many trials: {kind}(20)", found.strategy or found)
        return options


def _amount(found: Expression, names: Mapping[int, str], metrics: Metrics) -> Any:
    match found:
        case Binary():
            left, right = (_amount(each, names, metrics) for each in (found.left, found.right))
            if found.operator == "/" and right == 0:
                return float("nan")
            return _OPERATORS[found.operator](left, right)
        case Unary():
            return -_amount(found.operand, names, metrics)
        case Path():
            return metrics.get(names[id(found)], float("nan"))
        case _:
            assert isinstance(found, Literal)
            return found.value
