"""A rebuilt module is walked twice: what is exact plainly, and the rest in enclosures."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.utils import _pytree as trees

from modelhub.errors import InputError
from modelhub.wrappers.torch.enclosures.enclosure import Enclosure, Product, Propagation
from modelhub.wrappers.torch.enclosures.products import product
from modelhub.wrappers.torch.enclosures.rules import has_product, rule_of

Values = dict[fx.Node, Any]
_MOST_USERS = 8  # of a value, whose gradients are added up


def inexact_states(module: nn.Module, graph: fx.Graph) -> list[str]:
    """The weights that need not be known exactly, in the order in which they are read.

    These are the weights of fully connected layers from which on everything has a rule, and
    nothing but such layers has weights of several extents: the dense suffix.
    """
    calls = [str(node.target) for node in graph.nodes if node.op == "call_module"]
    read = {str(node.target) for node in graph.nodes if node.op == "get_attr"}
    found: list[str] = []
    follows: set[fx.Node] = set()  # nodes from which on nothing is in the way
    for node in reversed(graph.nodes):
        rest = [user for user in node.users if user not in follows]
        if rest or not _may_be_inexact(module, node):
            continue
        follows.add(node)
        part = _part(module, node)
        if isinstance(part, nn.Linear):
            name = f"{node.target}.weight"
            if calls.count(str(node.target)) == 1 and name not in read:
                found.append(name)
    return found[::-1]


def _may_be_inexact(module: nn.Module, node: fx.Node) -> bool:
    if node.op == "output":
        return True
    part = _part(module, node)
    if node.op not in {"call_module", "call_function"} or _writes_what_others_read(node, part):
        return False
    if len(node.users) > _MOST_USERS:
        return False
    is_convolution = has_product(part) and not isinstance(part, nn.Linear)
    return not is_convolution and rule_of(node.target, part) is not None


def _writes_what_others_read(node: fx.Node, part: nn.Module | None) -> bool:
    """Whether an operator changes a value in its place that is used elsewhere, too."""
    schema = getattr(node.target, "_schema", None)
    writes = getattr(part, "inplace", False) or (schema is not None and schema.is_mutable)
    return bool(writes) and any(len(each.users) > 1 for each in node.all_input_nodes[:1])


def _part(module: nn.Module, node: fx.Node) -> nn.Module | None:
    if node.op != "call_module":
        return None
    return module.get_submodule(str(node.target))


class Walk:
    """A module of which some weights are centres, and how its values are found.

    Args:
        module: rebuilt, in evaluation mode; weights with a radius stand at their centres.
        graph: how it computes.
        radii: by the name of the state; all other states are exact.

    Raises:
        InputError: behind such a weight stands an operator without a rule; names it.
    """

    def __init__(self, module: nn.Module, graph: fx.Graph, radii: Mapping[str, Tensor]) -> None:
        self._module = module
        self._graph = graph
        self._radii = radii
        self._products: dict[tuple[str, torch.dtype, float], Product] = {}
        self._inexact = self._find_inexact()
        self._fed = _fed(graph)

    @property
    def is_exact(self) -> bool:
        """Whether nothing is left to enclose."""
        return not self._inexact

    def entering(self, inputs: Iterable[Tensor]) -> Values:
        """The exact values that the rest needs, from the inputs of the network."""
        values: Values = {}
        given = iter(inputs)
        with torch.no_grad():
            for node in self._graph.nodes:
                if node.op == "placeholder":
                    values[node] = next(given)
                elif node not in self._inexact:
                    values[node] = self._plain(node, values)
                    self._forget(node, values)
        return {node: value for node, value in values.items() if self._is_needed(node)}

    def output(self, how: Propagation, values: Values) -> Enclosure:
        """The first tensor of what the network gives, from the exact values.

        Raises:
            InputError: a rule does not cover how an operator is used.
        """
        found: dict[fx.Node, Any] = {
            node: _enclosed(value, rows=int(node in self._fed)) for node, value in values.items()
        }
        for node in self._graph.nodes:
            if node in self._inexact and node.op != "output":
                found[node] = self._ruled(how, node, found)
        (last,) = (node for node in self._graph.nodes if node.op == "output")
        leaves = trees.tree_leaves(fx.node.map_arg(last.args, lambda each: found[each]))
        return next(leaf for leaf in leaves if isinstance(leaf, Enclosure))

    def _ruled(self, how: Propagation, node: fx.Node, found: Mapping[fx.Node, Any]) -> Any:
        part = _part(self._module, node)
        rule = rule_of(node.target, part)
        assert rule is not None
        args = fx.node.map_arg(node.args, lambda each: found[each])
        kwargs = fx.node.map_arg(node.kwargs, lambda each: found[each])
        try:
            if part is None:
                return rule(how, *args, **kwargs)
            layer = self._product(how, node, part) if has_product(part) else None
            return rule(how, part, layer, *args)
        except (NotImplementedError, TypeError, ValueError, IndexError, RuntimeError) as error:
            raise InputError(
                f"the node {node.name} is used in a way that no rule covers, so the weights "
                "before it must be read in full"
            ) from error

    def _product(self, how: Propagation, node: fx.Node, part: nn.Module) -> Product:
        key = str(node.target), how.dtype, how.reference
        if key not in self._products:
            self._products[key] = product(how, part, self._radii.get(f"{node.target}.weight"))
        return self._products[key]

    def _plain(self, node: fx.Node, values: Values) -> Any:
        if node.op == "get_attr":
            return _attribute(self._module, str(node.target))
        args = fx.node.map_arg(node.args, lambda each: values[each])
        if node.op == "output":
            return args
        kwargs = fx.node.map_arg(node.kwargs, lambda each: values[each])
        if node.op == "call_module":
            return self._module.get_submodule(str(node.target))(*args, **kwargs)
        assert callable(node.target)
        return node.target(*args, **kwargs)

    def _forget(self, node: fx.Node, values: Values) -> None:
        """Values that nothing reads any more are let go."""
        for each in node.all_input_nodes:
            if not self._is_needed(each) and all(user in values for user in each.users):
                values.pop(each, None)

    def _is_needed(self, node: fx.Node) -> bool:
        return node.op == "output" or any(user in self._inexact for user in node.users)

    def _has_rule(self, node: fx.Node) -> bool:
        part = _part(self._module, node)
        return (
            node.op != "get_attr"
            and rule_of(node.target, part) is not None
            and not _writes_what_others_read(node, part)
            and len(node.users) <= _MOST_USERS
        )

    def _find_inexact(self) -> set[fx.Node]:
        found: set[fx.Node] = set()
        for node in self._graph.nodes:
            name = f"{node.target}.weight" if node.op == "call_module" else str(node.target)
            reads = node.op in {"call_module", "get_attr"} and name in self._radii
            if not reads and not any(each in found for each in node.all_input_nodes):
                continue
            if node.op != "output" and not self._has_rule(node):
                part = _part(self._module, node)
                kind = str(node.target) if part is None else type(part).__name__
                raise InputError(
                    f"the node {node.name} ({kind}) has no rule, so the weights before it must "
                    "be read in full"
                )
            found.add(node)
        return found


def _fed(graph: fx.Graph) -> set[fx.Node]:
    """What depends on the inputs; all else is the same for all of them."""
    found: set[fx.Node] = set()
    for node in graph.nodes:
        if node.op == "placeholder" or any(each in found for each in node.all_input_nodes):
            found.add(node)
    return found


def _enclosed(value: Any, *, rows: int) -> Any:
    """Exact tensors of numbers as enclosures; all else as it is."""
    if isinstance(value, Tensor):
        return Enclosure(centre=value, rows=rows)
    if isinstance(value, list | tuple):
        return [_enclosed(each, rows=rows) for each in value]
    return value


def _attribute(module: nn.Module, path: str) -> Any:
    above, _, name = path.rpartition(".")
    return getattr(module.get_submodule(above), name)
