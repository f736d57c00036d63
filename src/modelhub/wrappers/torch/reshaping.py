"""The shapes of a network that was changed, and the node where they do not fit (dql.md §9)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import fx, nn

from modelhub.errors import InputError
from modelhub.network import Network, Node, Value, evaluate_shape
from modelhub.values import Shape
from modelhub.wrappers.networks import Extents
from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.calm import calm
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.lower import NODE, lower
from modelhub.wrappers.torch.tensors import torch_dtype


def extents(network: Network) -> Extents:
    """Run a network on shapes alone; nothing is computed, and no weight is needed.

    Raises:
        InputError: it cannot be run, whatever the shapes.
    """
    module = _without_memory(network)
    given = [each.to("meta") for each in _examples(network)]
    graph = lower(network)
    following = _Following(fx.GraphModule(module, graph), network)
    try:
        with calm(), torch.no_grad():
            following.run(*given)
    except _MisfitError as misfit:
        return Extents(values=following.found, problem=str(misfit))
    return Extents(values=following.found, problem=None)


def reshaped(network: Network) -> Network:
    """The network with the shapes that its nodes now have.

    Its module is followed anew on the sizes at which it was captured; nodes stay as they are.

    Raises:
        InputError: something does not fit, says which node and what was expected; or the shapes
            cannot be known.
    """
    ran = extents(network)
    if ran.problem is not None:
        raise InputError(ran.problem)
    captured = capture(_without_memory(network), _examples(network)).network
    if captured.partial is not None:
        raise InputError(f"the new network cannot be followed: {captured.partial}")
    if [each.outputs for each in captured.inputs] != [each.outputs for each in network.inputs]:
        raise InputError("the new network does not hold for all sizes that the old one takes")
    nodes = [_with_outputs(node, captured, ran) for node in network.nodes]
    return replace(network, nodes=nodes, symbols=captured.symbols)


def _with_outputs(node: Node, captured: Network, ran: Extents) -> Node:
    found = captured.by_name.get(node.name)
    if found is not None and len(found.outputs) >= len(node.outputs):
        return replace(node, outputs=found.outputs)
    said = node.outputs[0].shape if node.outputs else None
    sizes = {name: each.example for name, each in captured.symbols.items()}
    now = ran.values.get(node.name)
    if now is not None and said is not None and evaluate_shape(said, sizes) != now[1]:
        raise InputError(f"the shape of {node.name!r} in the new network is not known")
    return node


class _MisfitError(Exception):
    """A node that does not take what it is given."""


class _Following(fx.Interpreter):
    """Runs a graph, and notes what each node of the network gives."""

    def __init__(self, module: fx.GraphModule, network: Network) -> None:
        super().__init__(module)
        self.extra_traceback = False
        self.found: dict[str, tuple[str, Shape]] = {}
        self._by_name = network.by_name

    def run_node(self, n: fx.Node) -> Any:
        """One operator.

        Raises:
            _MisfitError: it does not take what it is given.
        """
        name = str(n.meta.get(NODE, n.name))
        try:
            result = super().run_node(n)
        except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
            raise _MisfitError(self._told(name, error)) from None
        if NODE in n.meta and isinstance(result, torch.Tensor):
            dtype = str(result.dtype).removeprefix("torch.")
            self.found[name] = dtype, tuple(int(each) for each in result.shape)
        return result

    def _told(self, name: str, error: Exception) -> str:
        node = self._by_name.get(name)
        line = next(iter(str(error).splitlines()), type(error).__name__)
        if node is None:
            return f"what is read at {name!r} does not fit: {line}"
        got = "; ".join(
            f"{read} {list(self.found[read][1])}" for read in node.reads if read in self.found
        )
        kind = node.target or node.op
        wanted = _wanted(node)
        return f"{name!r} ({kind}) does not fit: {wanted}it is given {got or 'nothing'} ({line})"


def _wanted(node: Node) -> str:
    for key, axis in (("in_channels", "channels"), ("num_features", "channels")):
        if key in node.attributes:
            return f"{node.attributes[key]} {axis} were expected, "
    if "in_features" in node.attributes:
        return f"{node.attributes['in_features']} features were expected, "
    return ""


def _without_memory(network: Network) -> nn.Module:
    weights = {
        state.name: torch.empty(state.shape, dtype=torch_dtype(state.dtype), device="meta")
        for state in network.states
    }
    return build(network, weights)


def _examples(network: Network) -> list[torch.Tensor]:
    sizes = {name: each.example for name, each in network.symbols.items()}
    return [_example(node, sizes) for node in network.inputs]


def _example(node: Node, sizes: Mapping[str, int]) -> torch.Tensor:
    if not node.outputs:
        raise InputError(f"the shape of the input {node.name!r} is not known")
    value: Value = node.outputs[0]
    shape = evaluate_shape(value.shape, sizes)
    return torch.zeros(shape, dtype=torch_dtype(value.dtype))
