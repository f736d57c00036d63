"""A module followed by torch.export, and what comes back made plain.

Regions (`no_grad`, `autocast`) are written out, checks of the tracer are dropped, and a value
that an operator gave back unchanged keeps its own name.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.export import ExportedProgram
from torch.overrides import TorchFunctionMode

aten = torch.ops.aten
_CASTS: frozenset[Callable[..., Any]] = frozenset(
    getattr(torch.Tensor, name)
    for name in [
        "to",
        "type",
        "type_as",
        "float",
        "half",
        "bfloat16",
        "double",
        "int",
        "long",
        "bool",
        "cpu",
    ]
)
_CHECKS = {
    *("_assert_tensor_metadata", "_assert_scalar", "_assert_async", "sym_constrain_range"),
    *("sym_constrain_range_for_size", "_functional_assert_scalar"),
}
# Operators of libraries that stand in, while they are followed, for one of PyTorch's own.
_STAND_INS = {"grouped_mm_fallback": aten._grouped_mm.default}  # noqa: SLF001 - of transformers


class RegionError(Exception):
    """A module computes in a region that a network cannot express."""


class _OwnResults(TorchFunctionMode):
    """A cast that changes nothing gives its input back, and takes over its name in the trace.

    So casts are handed an alias, whose name they may take.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func in _CASTS:
            args = (aten.alias.default(args[0]), *args[1:])
        return func(*args, **(kwargs or {}))


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What a module does with its example inputs.

    Attributes:
        program: as torch.export gives it, its graph made plain.
        states: placeholder -> name of the parameter, buffer or constant that it stands for.
    """

    program: ExportedProgram
    states: Mapping[str, str]

    @property
    def graph(self) -> fx.Graph:
        """The operators, in order."""
        graph: fx.Graph = self.program.graph
        return graph


def follow(
    module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any], moving: Any
) -> Followed:
    """Export a module in the mode in which it is; its weights may be on the meta device."""
    with _in_memory(module), _OwnResults():
        program = torch.export.export(
            module, tuple(args), dict(kwargs), strict=False, dynamic_shapes=moving
        )
    _inline_regions(program.graph_module)
    for node in list(program.graph.nodes):
        _simplify(program.graph, node)
    program.graph.eliminate_dead_code(_has_effect)
    signature = program.graph_signature
    states = {
        **signature.inputs_to_parameters,
        **signature.inputs_to_buffers,
        **signature.inputs_to_lifted_tensor_constants,
    }
    return Followed(program=program, states=states)


class _in_memory:  # noqa: N801 - a context manager is a verb
    """Weights on the meta device pretend to be on the CPU, as those of a trained model are."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._before: list[tuple[dict[str, Any], str, torch.Tensor]] = []

    def __enter__(self) -> None:
        mode = FakeTensorMode(allow_non_fake_inputs=True)
        made: dict[int, torch.Tensor] = {}
        for part in self._module.modules():
            for values in (part._parameters, part._buffers):  # noqa: SLF001
                for name, value in values.items():
                    if value is not None and value.is_meta and not isinstance(value, FakeTensor):
                        self._before.append((values, name, value))
                        if id(value) not in made:
                            made[id(value)] = _pretended(mode, value)
                        values[name] = made[id(value)]  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        for values, name, value in self._before:
            values[name] = value


def _pretended(mode: FakeTensorMode, value: torch.Tensor) -> torch.Tensor:
    fake = FakeTensor(mode, value.detach(), torch.device("cpu"))
    if isinstance(value, nn.Parameter):
        return nn.Parameter(fake, requires_grad=value.requires_grad)
    return fake


def _has_effect(node: fx.Node) -> bool:
    """Whether an operator is kept although nobody reads its value."""
    if node.op != "call_function":
        return True
    schema = getattr(node.target, "_schema", None)
    return schema is not None and bool(schema.is_mutable)


def _simplify(graph: fx.Graph, node: fx.Node) -> None:
    """Drop what only the tracer needs."""
    if node.op != "call_function":
        return
    name = getattr(node.target, "_opname", "")
    if name in _CHECKS:
        graph.erase_node(node)
    elif name in _STAND_INS:
        node.target = _STAND_INS[name]
    elif node.target is aten.alias.default:
        node.replace_all_uses_with(node.all_input_nodes[0])
        graph.erase_node(node)


def _inline_regions(module: fx.GraphModule) -> None:
    for node in list(module.graph.nodes):
        if isinstance(node.target, torch._ops.HigherOrderOperator):  # noqa: SLF001
            _inline(module, node)


def _inline(module: fx.GraphModule, node: fx.Node) -> None:
    """Write the operators of a region where it was called."""
    region = node.target.__name__  # type: ignore[union-attr]
    position = next(
        (
            i
            for i, each in enumerate(node.args)
            if isinstance(each, fx.Node) and each.op == "get_attr"
        ),
        None,
    )
    if position is None or not _is_plain(region, node.args[:position]):
        raise RegionError(f"it computes in a region ({region}) that a network cannot express")
    called = node.args[position]
    assert isinstance(called, fx.Node)
    inner = module.get_submodule(str(called.target))
    assert isinstance(inner, fx.GraphModule)
    _inline_regions(inner)
    places = [each for each in inner.graph.nodes if each.op == "placeholder"]
    values = dict(zip(places, node.args[position + 1 :], strict=True))
    with module.graph.inserting_before(node):
        given = module.graph.graph_copy(inner.graph, values)
        if region == "wrap_with_set_grad_enabled" and not node.args[0]:
            given = _without_gradients(module.graph, given)
    _hand_over(module.graph, node, given)
    if not called.users:
        module.graph.erase_node(called)


def _is_plain(region: str, settings: Sequence[Any]) -> bool:
    """Whether a region computes as its operators do alone."""
    if region == "wrap_with_set_grad_enabled":
        return True
    return region == "wrap_with_autocast" and settings[2] is False  # device, dtype, enabled, cache


def _without_gradients(graph: fx.Graph, given: Any) -> Any:
    """What leaves a `no_grad` region carries no gradient."""
    if isinstance(given, list | tuple):
        return [_without_gradients(graph, each) for each in given]
    value = given.meta.get("val") if isinstance(given, fx.Node) else None
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return given
    detached = graph.call_function(aten.detach.default, (given,))
    detached.meta = dict(given.meta)
    return detached


def _hand_over(graph: fx.Graph, node: fx.Node, given: Any) -> None:
    if isinstance(given, list | tuple):
        for user in list(node.users):
            assert user.target is operator.getitem
            user.replace_all_uses_with(given[user.args[1]])  # type: ignore[index]
            graph.erase_node(user)
    else:
        node.replace_all_uses_with(given)
    graph.erase_node(node)


def operators(graph: fx.Graph) -> Iterator[fx.Node]:
    """The nodes that compute."""
    return (node for node in graph.nodes if node.op == "call_function")
