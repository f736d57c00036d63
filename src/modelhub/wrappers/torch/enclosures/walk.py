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


def inexact_states(module: fx.GraphModule) -> list[str]:
    """The weights that need not be known exactly, in the order in which they are read.

    These are the weights of fully connected layers from which on everything has a rule, and
    nothing but such layers has weights of several extents: the dense suffix.
    """
    found: list[str] = []
    follows: set[fx.Node] = set()  # nodes from which on nothing is in the way
    for node in reversed(module.graph.nodes):
        rest = [user for user in node.users if user not in follows]
        if rest or not _may_be_inexact(module, node):
            continue
        follows.add(node)
        part = _part(module, node)
        if isinstance(part, nn.Linear):
            found.append(f"{node.target}.weight")
    return [name for name in reversed(found) if found.count(name) == 1]


def _may_be_inexact(module: fx.GraphModule, node: fx.Node) -> bool:
    if node.op == "output":
        return True
    part = _part(module, node)
    if node.op not in {"call_module", "call_function"}:
        return False
    is_convolution = has_product(part) and not isinstance(part, nn.Linear)
    return not is_convolution and rule_of(node.target, part) is not None


def _part(module: fx.GraphModule, node: fx.Node) -> nn.Module | None:
    if node.op != "call_module":
        return None
    return module.get_submodule(str(node.target))


class Walk:
    """A module of which some weights are centres, and how its values are found.

    Args:
        module: rebuilt, in evaluation mode; weights with a radius stand at their centres.
        radii: by the name of the state; all other states are exact.

    Raises:
        InputError: behind such a weight stands an operator without a rule; names it.
    """

    def __init__(self, module: fx.GraphModule, radii: Mapping[str, Tensor]) -> None:
        self._module = module
        self._radii = radii
        self._products: dict[tuple[str, torch.dtype, float], Product] = {}
        self._inexact = self._find_inexact()

    @property
    def is_exact(self) -> bool:
        """Whether nothing is left to enclose."""
        return not self._inexact

    def entering(self, inputs: Iterable[Tensor]) -> Values:
        """The exact values that the rest needs, from the inputs of the network."""
        values: Values = {}
        given = iter(inputs)
        with torch.no_grad():
            for node in self._module.graph.nodes:
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
            node: _enclosed(value) for node, value in values.items()
        }
        for node in self._module.graph.nodes:
            if node in self._inexact and node.op != "output":
                found[node] = self._ruled(how, node, found)
        (last,) = (node for node in self._module.graph.nodes if node.op == "output")
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
        except (NotImplementedError, TypeError) as error:
            raise InputError(f"{node.name} is used in a way that no rule covers") from error

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

    def _find_inexact(self) -> set[fx.Node]:
        found: set[fx.Node] = set()
        for node in self._module.graph.nodes:
            name = f"{node.target}.weight" if node.op == "call_module" else str(node.target)
            reads = node.op in {"call_module", "get_attr"} and name in self._radii
            if not reads and not any(each in found for each in node.all_input_nodes):
                continue
            part = _part(self._module, node)
            if node.op != "output" and (
                node.op == "get_attr" or rule_of(node.target, part) is None
            ):
                raise InputError(
                    f"{node.name} has no rule, so the weights before it must be read in full"
                )
            found.add(node)
        return found


def _enclosed(value: Any) -> Any:
    """Exact tensors of numbers as enclosures; all else as it is."""
    if isinstance(value, Tensor):
        return Enclosure(centre=value)
    if isinstance(value, list | tuple):
        return [_enclosed(each) for each in value]
    return value


def _attribute(module: nn.Module, path: str) -> Any:
    above, _, name = path.rpartition(".")
    return getattr(module.get_submodule(above), name)
