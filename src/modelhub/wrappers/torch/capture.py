"""Modules in memory become networks."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.network import CONSTANT, Network, Node
from modelhub.wrappers.networks import Captured
from modelhub.wrappers.torch.calm import calm, in_mode
from modelhub.wrappers.torch.examples import (
    check_arguments,
    described,
    doubled,
    moving_extents,
    wanted,
)
from modelhub.wrappers.torch.export import Followed, RegionError, follow
from modelhub.wrappers.torch.nodes import Writer, without_sizes
from modelhub.wrappers.torch.owners import Layers
from modelhub.wrappers.torch.partial import partial_network
from modelhub.wrappers.torch.probabilities import restore_probabilities
from modelhub.wrappers.torch.sizes import Sizes
from modelhub.wrappers.torch.states import States, container_modules, module_states
from modelhub.wrappers.torch.trace import does_the_same
from modelhub.wrappers.torch.training import asks_for_its_mode, is_same_but_for_modes, obey_modes
from modelhub.wrappers.torch.trees import NotStorableError

DIALECT = "aten"


def capture(
    module: nn.Module, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> Captured:
    """The network of a module, by following it on example inputs in evaluation mode.

    If its code asks for its mode, it is followed in training mode, too; what it then does that
    is not the same stands in the network's `training`, or the reason why it is not known.

    The module, its mode and the state of random numbers are as before. Its batch, and the lengths
    of sequences, are left open where the module allows. Without example inputs, only the modules
    are known.

    Raises:
        InputError: the example inputs do not fit the module; says what it takes.
    """
    kwargs = kwargs or {}
    if not args and not kwargs and _needs_inputs(module):
        with calm():
            return _partial(module, module_states(module), "no example inputs were given")
    check_arguments(module, args, kwargs)
    with calm(), in_mode(module, training=False):
        states = module_states(module)
        followed = _followed(module, args, kwargs)
        if not isinstance(followed, Followed):
            _check_runs(module, args, kwargs)
            return _partial(module, states, followed)
        try:
            return _written(module, followed, states, args, kwargs)
        except NotStorableError as reason:
            return _partial(module, module_states(module), str(reason))


def _needs_inputs(module: nn.Module) -> bool:
    found = inspect.signature(module.forward).parameters.values()
    return any(each.default is each.empty and each.kind < each.VAR_POSITIONAL for each in found)


def _followed(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Followed | str:
    """What the module does, or why it cannot be followed, in one line."""
    reason = ""
    for arguments in filter(None, (doubled(args, kwargs), (args, kwargs))):
        for moving in moving_extents(module, *arguments):
            try:
                return follow(module, *arguments, moving)
            except RegionError as error:
                return str(error)
            except Exception as error:  # noqa: BLE001 - what a user's forward raises
                reason = reason or _reason(error)
    return reason


def _reason(error: Exception) -> str:
    """What stopped the tracer, in one line."""
    name = type(error).__name__
    if "DataDependent" in name or "data-dependent" in str(error):
        return "its forward decides by the values of a tensor, which a network cannot express"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{name}: {lines[0][:300]}" if lines else name


def _check_runs(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Tell inputs that do not fit from a module that cannot be followed: does it run?"""
    if any(each.is_meta for each in (*module.parameters(), *module.buffers())):
        return
    try:
        with torch.no_grad():
            module(*args, **kwargs)
    except Exception as error:
        raise InputError(
            f"{type(module).__name__} does not run on the example inputs "
            f"({described(args, kwargs)}): {_reason(error)}; its forward takes {wanted(module)}"
        ) from error


def _partial(module: nn.Module, states: States, reason: str) -> Captured:
    network = partial_network(module, states, reason, DIALECT)
    return Captured(network=network, tensors=states.tensors, notes=states.notes)


def _written(
    module: nn.Module,
    followed: Followed,
    states: States,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> Captured:
    arguments = _argument_names(module, args, kwargs)
    restore_probabilities(followed.graph, module)
    trained = _trained(module, followed, args, kwargs)
    gap = trained if isinstance(trained, str) else None
    training: Sequence[Node] = ()
    if isinstance(trained, Followed):
        if is_same_but_for_modes(followed, trained):
            followed = trained
        else:
            training, gap = _training_nodes(module, trained, states, arguments)
    nodes, sizes = _nodes(module, followed, states, arguments)
    network = Network(
        dialect=DIALECT,
        nodes=nodes,
        states=states.found,
        modules=container_modules(module),
        symbols=sizes.symbols,
        training=training,
        training_gap=gap,
    )
    notes = [] if gap is None else [f"what it does only while training is not known: {gap}"]
    return Captured(network=network, tensors=states.tensors, notes=[*states.notes, *notes])


def _trained(
    module: nn.Module, evaluated: Followed, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Followed | str | None:
    """What a module does while training, or why it is not known; None if it cannot differ."""
    if not asks_for_its_mode(module) or does_the_same(module, args, kwargs):
        return None
    with in_mode(module, training=True):
        trained = _followed(module, args, kwargs)
    if isinstance(trained, str):
        return trained
    obey_modes(trained, evaluated.graph)
    return trained


def _training_nodes(
    module: nn.Module, trained: Followed, states: States, arguments: Mapping[str, str]
) -> tuple[list[Node], str | None]:
    """The nodes, or why there are none."""
    try:
        nodes, _ = _nodes(module, trained, states, arguments)
    except NotStorableError as reason:
        return [], str(reason)
    return [without_sizes(node) for node in nodes], None


def _nodes(
    module: nn.Module, followed: Followed, states: States, arguments: Mapping[str, str]
) -> tuple[list[Node], Sizes]:
    sizes = Sizes(followed.program.range_constraints)
    for node in followed.graph.nodes:
        if node.op == "placeholder":
            sizes.learn(getattr(node.meta.get("val"), "shape", ()))
    names = _state_names(followed, states)
    return Writer(followed, Layers(module), names, sizes).write(arguments), sizes


def _state_names(followed: Followed, states: States) -> dict[str, str]:
    """Placeholder -> name of its state; constants that the code makes become states."""
    known = {state.name for state in states.found}
    names: dict[str, str] = {}
    for placeholder, name in followed.states.items():
        if name not in known:
            value = followed.program.constants[name]
            state = states.names.get(id(value))
            if state is None:
                state = _unused(name, known)
                states.add(state, CONSTANT, value)
                known.add(state)
            name = state  # noqa: PLW2901
        names[placeholder] = name
    return names


def _unused(name: str, known: set[str]) -> str:
    count, found = 0, name
    while found in known:
        count += 1
        found = f"{name}_{count}"
    return found


def _argument_names(
    module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, str]:
    """Placeholder -> argument, of arguments that are tensors themselves."""
    bound = inspect.signature(module.forward).bind(*args, **kwargs).arguments
    return {name: name for name, value in bound.items() if isinstance(value, torch.Tensor)}
