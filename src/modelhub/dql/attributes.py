"""What is known of versions and their nodes, by the names that queries use."""

import json
from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import Any

from sqlalchemy import Row

from modelhub.dql.facts import STATISTICS, Facts, Graph
from modelhub.dql.refusal import Refusing
from modelhub.dql.syntax import At, Attribute, Path, Selector, Step
from modelhub.network import standard_attributes


class Attributes(Refusing):
    """Looks facts up; each value is a list, which is empty where nothing is known."""

    def __init__(self, facts: Facts, source: str) -> None:
        super().__init__(source)
        self._facts = facts

    def of_node(
        self, row: Row[Any], graph: Graph, name: str, words: Sequence[str], path: Path
    ) -> list[Any]:
        """What is known of a node: of itself, its attributes, or a tensor of it."""
        node, stored, word = graph.nodes[name], graph.rows[name], words[0]
        if len(words) > 1:
            return self._statistic(row, f"{name}.{words[0]}", words[1], path)
        if word in ("name", "alias", "template", "kind", "op", "dtype", "scope", "parameters"):
            value = getattr(stored, word)
            return [] if value in (None, "") else [value]
        if word == "shape":
            return [] if stored.shape is None else [json.loads(stored.shape)]
        having = {**node.attributes, **standard_attributes(node)}
        value = having.get(word)
        if isinstance(value, list | tuple):
            return [value[0]] if len(set(map(str, value))) == 1 else [list(value)]
        return [] if value is None else [value]

    def _statistic(self, row: Row[Any], tensor: str, word: str, path: Path) -> list[Any]:
        if word not in STATISTICS:
            self.fail(
                f"unknown statistic {word!r} of a tensor",
                path,
                f"there are: {', '.join(STATISTICS)}",
            )
        found = self._facts.tensor(tensor).get(row.key)
        value = None if found is None else getattr(found, word)
        if value is None:
            return []
        return [json.loads(value) if word == "shape" else value]

    def of_version(self, row: Row[Any], path: Path) -> list[Any]:
        """What is known of a version: of itself, or by the name of a metric, setting or note."""
        first = path.steps[0]
        assert isinstance(first, Attribute)
        second = path.steps[1] if len(path.steps) > 1 else None
        if isinstance(second, Selector):
            return self._named(row, first.name, second.text, path)
        name = ".".join(each.name for each in path.steps if isinstance(each, Attribute))
        own = self._own(row, name)
        if own is not None:
            return own
        for table in (self._facts.metric, self._facts.setting, self._facts.note):
            value = table(name).get(row.key)
            if value is not None:
                return list(value) if isinstance(value, list | tuple) else [value]
        return []

    def _named(self, row: Row[Any], group: str, name: str, path: Path) -> list[Any]:
        rest = path.steps[2:]
        if group == "tensors":
            words = [each.name for each in rest if isinstance(each, Attribute)]
            return self._statistic(row, name, words[0] if words else "shape", path)
        tables = {
            "metrics": self._facts.metric,
            "hyperparameters": self._facts.setting,
            "notes": self._facts.note,
        }
        if group == "metrics" and rest:
            return self._course(row, name, rest[0])
        value = tables[group](name).get(row.key) if group in tables else None
        return [] if value is None else [value]

    def _course(self, row: Row[Any], name: str, step: Step) -> list[Any]:
        course = self._facts.course(name).get(row.key, [])
        if isinstance(step, At):
            return [value for at, value in course if at == step.step][:1]
        values = [value for _, value in course if not isnan(value)]
        word = step.name if isinstance(step, Attribute) else ""
        ways: Mapping[str, Callable[[list[float]], float]] = {
            "min": min,
            "max": max,
            "first": lambda each: each[0],
            "last": lambda each: each[-1],
        }
        if word not in ways:
            self.fail("a metric has .min, .max, .first, .last and [STEP]", step)
        return [ways[word](values)] if values else []

    def _own(self, row: Row[Any], name: str) -> list[Any] | None:  # noqa: PLR0911, C901 - a case each
        """What every version has; None if the name is none of that."""
        facts, key = self._facts, row.key
        aliased = {"creation_time": "created", "n_params": "parameters", "tag": "tags"}
        match aliased.get(name, name):
            case "name" | "id" | "number" | "created" | "author" | "message" as column:
                return [getattr(row, column)]
            case "version":
                return [f"{row.name}@{row.number}"]
            case "tags":
                return list(facts.tags.get(key, ()))
            case "size":
                return [facts.sizes.get(key, 0)]
            case "snapshots":
                return [facts.snapshots.get(key, (0, 0))[0]]
            case "parameters":
                return [facts.snapshots.get(key, (0, 0))[1]]
            case "parent":
                return [facts.refs.get(i, i) for i in facts.parents.get(row.id, ())[:1]]
            case "parents":
                return [facts.refs.get(i, i) for i in facts.parents.get(row.id, ())]
            case "layers" | "n_layers":
                return self._brief(row, "nodes")
            case "partial" | "dialect" as column:
                return self._brief(row, column)
            case _:
                return None

    def _brief(self, row: Row[Any], column: str) -> list[Any]:
        found = self._facts.networks.get(row.network)
        value = None if found is None else getattr(found, column)
        return [] if value is None else [value]
