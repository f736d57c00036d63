"""Which module an operator belongs to: operators of one layer become one node.

An operator belongs to the outermost module around it that is one layer: of a class that we know,
of a template that a stranger brings, or without modules of its own.
"""

import heapq
import operator
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn

from modelhub.network import all_templates
from modelhub.wrappers.torch.classes import (
    LayerClass,
    guessed_layer,
    known_layer,
    whole_layer,
)
from modelhub.wrappers.torch.components import cyclic

Key = tuple[str, int]  # the path of a module, and how often it was called before


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A module that is one layer.

    Attributes:
        module: it.
        template, kind: what it is.
        row: how it is built from its attributes, if its class is PyTorch's own.
    """

    module: nn.Module
    template: str
    kind: str | None
    row: LayerClass | None = None


class Layers:
    """The modules that are layers, looked up by their paths, each once."""

    def __init__(self, module: nn.Module) -> None:
        self._root = module
        self._found: dict[str, Layer | None] = {}
        self._strangers = {
            name: template.name
            for template in all_templates().values()
            for name in template.classes
        }

    def at(self, path: str) -> Layer | None:
        """The layer at a path, or None if what stands there is none."""
        if path not in self._found:
            self._found[path] = self._look(path)
        return self._found[path]

    def _look(self, path: str) -> Layer | None:
        if not path:
            return None
        try:
            module = self._root.get_submodule(path)
        except AttributeError:
            return None
        cls = type(module)
        for name in (f"{cls.__module__}.{cls.__qualname__}", cls.__name__):
            if name in self._strangers:
                return Layer(module=module, template=self._strangers[name], kind=None)
        row = known_layer(module)
        if row is not None:
            return Layer(module=module, template=row.template, kind=row.kind, row=row)
        found = whole_layer(module)
        if found is None and not module._modules:  # noqa: SLF001
            found = guessed_layer(module)
        return None if found is None else Layer(module=module, template=found[0], kind=found[1])


def scope(node: fx.Node) -> list[Key]:
    """The modules around an operator, outermost first."""
    found = []
    for key, (path, _) in (node.meta.get("nn_module_stack") or {}).items():
        if not key.startswith("_empty"):
            _, _, call = key.partition("@")
            found.append((path, int(call) if call.isdigit() else 0))
    return found


def owners(graph: fx.Graph, layers: Layers) -> dict[fx.Node, Key]:
    """The layer that each operator belongs to; loose ones are left out.

    What would make the graph of layers cyclic is loose.
    """
    found: dict[fx.Node, Key] = {}
    for node in graph.nodes:
        if node.op != "call_function":
            continue
        if node.target is operator.getitem:
            if node.args[0] in found:
                found[node] = found[node.args[0]]
            continue
        key = next((each for each in scope(node) if layers.at(each[0])), None)
        if key is not None:
            found[node] = key
    _loosen_sizes(graph, found)
    order = _Order(graph)
    while circles := order.cyclic(found):
        found = {node: key for node, key in found.items() if key not in circles}
    return found


def _loosen_sizes(graph: fx.Graph, found: dict[fx.Node, Key]) -> None:
    """Sizes that several layers read belong to none of them."""
    for node in reversed(list(graph.nodes)):
        is_size = node in found and not _is_tensor(node.meta.get("val"))
        if is_size and any(found.get(user) != found[node] for user in node.users):
            del found[node]


def _is_tensor(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_is_tensor, value))
    return isinstance(value, torch.Tensor)


class _Order:
    """What must come before what: readers after what they read, and around what changes memory."""

    def __init__(self, graph: fx.Graph) -> None:
        self.nodes = list(graph.nodes)
        position = {node: i for i, node in enumerate(self.nodes)}
        self.edges = [
            (position[read], i)
            for i, node in enumerate(self.nodes)
            for read in node.all_input_nodes
        ]
        self.edges += _changes(self.nodes)

    def cyclic(self, found: Mapping[fx.Node, Key]) -> set[Key]:
        """The layers that lie on cycles of the collapsed graph."""
        numbers, groups, successors = self._collapsed(found)
        del numbers
        return {
            key
            for component in cyclic(successors)
            for vertex in component
            if isinstance(key := groups[vertex], tuple)
        }

    def _collapsed(
        self, found: Mapping[fx.Node, Key]
    ) -> tuple[list[int], list[Key | fx.Node], list[list[int]]]:
        known: dict[Key | fx.Node, int] = {}
        numbers = [known.setdefault(found.get(node, node), len(known)) for node in self.nodes]
        successors: list[set[int]] = [set() for _ in known]
        for before, after in self.edges:
            if numbers[before] != numbers[after]:
                successors[numbers[before]].add(numbers[after])
        return numbers, list(known), [sorted(each) for each in successors]

    def sorted(self, found: Mapping[fx.Node, Key]) -> list[Key | fx.Node]:
        """Layers and loose nodes, each after what it reads, else where its last operator stood."""
        numbers, groups, successors = self._collapsed(found)
        last = [0] * len(groups)
        for position, number in enumerate(numbers):
            last[number] = position
        waits = [0] * len(groups)
        for following in successors:
            for each in following:
                waits[each] += 1
        ready = [(last[each], each) for each in range(len(groups)) if not waits[each]]
        heapq.heapify(ready)
        result = []
        while ready:
            _, number = heapq.heappop(ready)
            result.append(groups[number])
            for each in successors[number]:
                waits[each] -= 1
                if not waits[each]:
                    heapq.heappush(ready, (last[each], each))
        return result


def in_order(graph: fx.Graph, found: Mapping[fx.Node, Key]) -> list[Key | fx.Node]:
    """Layers and loose nodes in an order in which they can be computed."""
    return _Order(graph).sorted(found)


def _changes(nodes: list[fx.Node]) -> list[tuple[int, int]]:
    """Order between operators that change memory and those that read the same memory."""
    memory: dict[fx.Node, fx.Node] = {}
    touched: dict[fx.Node, list[int]] = defaultdict(list)
    changed: list[tuple[int, fx.Node]] = []
    for i, node in enumerate(nodes):
        for home in dict.fromkeys(memory.get(read, read) for read in node.all_input_nodes):
            touched[home].append(i)
        schema = getattr(node.target, "_schema", None)
        if node.target is operator.getitem:
            memory[node] = memory.get(node.args[0], node.args[0])  # type: ignore[arg-type, assignment]
        elif schema is not None:
            for argument, value in zip(schema.arguments, node.args, strict=False):
                for read in _aliased(argument, value):
                    home = memory.get(read, read)
                    if any(each.alias_info is not None for each in schema.returns):
                        memory[node] = home
                    if argument.alias_info.is_write:
                        changed.append((i, home))
    return list(_around(changed, touched))


def _aliased(argument: Any, value: Any) -> list[fx.Node]:
    if argument.alias_info is None:
        return []
    values = value if isinstance(value, list | tuple) else [value]
    return [each for each in values if isinstance(each, fx.Node)]


def _around(
    changed: Iterable[tuple[int, fx.Node]], touched: Mapping[fx.Node, list[int]]
) -> Iterable[tuple[int, int]]:
    for i, home in changed:
        for j in touched[home]:
            if j != i:
                yield (j, i) if j < i else (i, j)
