"""What a module does only while it trains: followed beside evaluation, and compared with it.

Most modules do the same in both modes but for their operators' own flags and probabilities, which
a network holds anyway (docs/spec/network.md §8); then what training has shown is all there is.
"""

import operator
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any

import torch
from torch import fx, nn

from modelhub.wrappers.torch.export import Followed
from modelhub.wrappers.torch.modes import COUNTER, MODES
from modelhub.wrappers.torch.owners import scope
from modelhub.wrappers.torch.targets import argument_names, base_of

_PROBABILITY = "p"  # of dropout and its kin
aten = torch.ops.aten
_LAYOUT = aten.contiguous.default


def asks_for_its_mode(module: nn.Module) -> bool:
    """Whether code of a module, or of its parts, reads `training`; that of PyTorch is known."""
    return any(
        "training" in names
        for cls in {type(part) for part in module.modules()}
        for names in _names_in_code(cls)
    )


def _names_in_code(cls: type) -> Iterator[tuple[str, ...]]:
    for above in cls.__mro__:
        if not above.__module__.startswith(("torch.nn.", "builtins")):
            for value in vars(above).values():
                code = getattr(_plain(value), "__code__", None)
                if isinstance(code, CodeType):
                    yield from _with_inner(code)


def _plain(value: Any) -> Any:
    """A function under its decorators."""
    if isinstance(value, property):
        value = value.fget
    value = getattr(value, "__func__", value)
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    return value


def _with_inner(code: CodeType) -> Iterator[tuple[str, ...]]:
    yield code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _with_inner(each)


def obey_modes(training: Followed, evaluating: fx.Graph) -> None:
    """Write what was followed while training as a network holds it.

    Flags are false where the mode decides, and counts of batches are left to `batch_norm`.
    """
    always = {_place(node) for node in _calls(evaluating) if _flag(node) is True}
    for node in _calls(training.graph):
        if _flag(node) is True and _place(node) not in always:
            _leave_to_mode(node, MODES[base_of(node.target)].argument)
        elif node.target is aten.add_.Tensor and _is_counter(training, node.args[0]):
            node.replace_all_uses_with(node.args[0])  # type: ignore[arg-type]
            training.graph.erase_node(node)


def _calls(graph: fx.Graph) -> list[fx.Node]:
    return [node for node in graph.nodes if node.op == "call_function"]


def _place(node: fx.Node) -> tuple[Any, ...]:
    return base_of(node.target), tuple(scope(node))


def _is_counter(training: Followed, value: Any) -> bool:
    name = training.states.get(value.name, "") if isinstance(value, fx.Node) else ""
    return name.rpartition(".")[2] == COUNTER


def _flag(node: fx.Node) -> Any:
    mode = MODES.get(base_of(node.target))
    return _argument(node, mode.argument) if mode is not None and mode.is_flag else None


def _argument(node: fx.Node, name: str) -> Any:
    position = argument_names(node.target).index(name)
    return node.args[position] if position < len(node.args) else node.kwargs.get(name)


def _leave_to_mode(node: fx.Node, flag: str) -> None:
    decided_by_mode = False
    position = argument_names(node.target).index(flag)
    if position < len(node.args):
        node.update_arg(position, decided_by_mode)
    else:
        node.update_kwarg(flag, decided_by_mode)


def is_same_but_for_modes(evaluated: Followed, trained: Followed) -> bool:
    """Whether two ways of one module differ in nothing but probabilities.

    What was followed while training then says all: it has the probabilities, and is laid out anew
    (`contiguous`) wherever an operator that drops leaves an order that others cannot take.
    """
    if evaluated.program.call_spec.out_spec != trained.program.call_spec.out_spec:
        return False
    if _layouts(evaluated.graph) > _layouts(trained.graph):
        return False
    one, other = _compared(evaluated.graph), _compared(trained.graph)
    mates = dict(zip(one, other, strict=False))
    return len(one) == len(other) and all(_is_same(each, mates[each], mates) for each in one)


def _layouts(graph: fx.Graph) -> int:
    return sum(node.target is _LAYOUT for node in graph.nodes)


def _compared(graph: fx.Graph) -> list[fx.Node]:
    return [node for node in graph.nodes if node.op != "get_attr" and node.target is not _LAYOUT]


def _laid_out(node: fx.Node) -> fx.Node:
    """A value before it was laid out anew."""
    while node.target is _LAYOUT:
        (node,) = node.all_input_nodes
    return node


def _is_same(one: fx.Node, other: fx.Node, mates: Mapping[fx.Node, fx.Node]) -> bool:
    if one.op != other.op or one.target != other.target or scope(one) != scope(other):
        return False
    return _same(_arguments(one), _arguments(other), mates)


def _arguments(node: fx.Node) -> Mapping[str, Any]:
    """The arguments of a call, but for the probability in which two modes may differ."""
    if not isinstance(node.target, torch._ops.OpOverload):  # noqa: SLF001
        return {**{str(i): each for i, each in enumerate(node.args)}, **node.kwargs}
    schema = node.target._schema.arguments  # noqa: SLF001
    found = {each.name: each.default_value for each in schema if each.has_default_value()}
    found |= dict(zip((each.name for each in schema), node.args, strict=False)) | node.kwargs
    mode = MODES.get(base_of(node.target))
    if mode is not None:
        found.pop(_PROBABILITY if mode.is_flag else mode.argument, None)
    return found


def _same(one: Any, other: Any, mates: Mapping[fx.Node, fx.Node]) -> bool:
    if isinstance(one, fx.Node):
        return isinstance(other, fx.Node) and mates.get(_laid_out(one)) is _laid_out(other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[k], other[k], mates) for k in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(
            _same(a, b, mates) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, slice) and isinstance(other, slice):
        parts = operator.attrgetter("start", "stop", "step")
        return _same(parts(one), parts(other), mates)
    return type(one) is type(other) and repr(one) == repr(other)  # so that NaN is NaN
