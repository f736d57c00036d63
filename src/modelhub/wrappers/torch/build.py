"""Networks and weights become modules that train."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.network import LAYER, PARAMETER, Network, State
from modelhub.wrappers.networks import Weight
from modelhub.wrappers.torch.classes import TARGETS
from modelhub.wrappers.torch.lower import checked_path
from modelhub.wrappers.torch.rebuilt import RebuiltModule, compile_forward
from modelhub.wrappers.torch.tensors import torch_dtype

Weights: TypeAlias = Mapping[str, "torch.Tensor | Weight"]
_SHOWN = 5


def build(network: Network, weights: Weights) -> nn.Module:
    """A module that computes what the network says, in evaluation mode.

    Its parts stand at the paths of the module that was captured, and its state dict has the same
    keys in the same order. Tensors that are handed in are used as they are; others are read into
    the memory that the module keeps.

    Args:
        network: of PyTorch's operators, not partial.
        weights: by state name; those of a snapshot, and the values that the network keeps.

    Raises:
        InputError: the network cannot be run, or weights are missing or do not fit; names them.
    """
    weights = _under_first_names(network, weights)
    _check_fit(network, weights)
    module = RebuiltModule(network)
    layers = _built_layers(network)
    placed: dict[str, nn.Module] = {"": module}
    made: dict[str, torch.Tensor] = {}
    for state in network.states:
        _register(state, _home(state.name, placed, layers), weights, made)
    for path in layers:
        _at(path, placed, layers)
    for node in (
        *network.nodes,
        *network.training,
    ):  # modes are asked of parts that hold nothing, too
        _at(checked_path(node.module), placed, layers)
    compile_forward(module)
    return module.eval()


def refill(module: nn.Module, network: Network, weights: Mapping[str, Weight]) -> None:
    """Read other weights into the memory of a module that `build` made of the same network.

    Raises:
        InputError: weights are missing or do not fit; the module is as it was.
    """
    weights = _under_first_names(network, weights)  # type: ignore[assignment]
    _check_fit(network, weights)
    tensors = {
        **dict(module.named_parameters(remove_duplicate=False)),
        **dict(module.named_buffers(remove_duplicate=False)),
    }
    for state in network.states:
        if state.tied is None:
            weights[state.name].read_into(_memory(tensors[state.name].detach()))


def _memory(tensor: torch.Tensor) -> memoryview:
    """The bytes of a contiguous tensor, to be written to."""
    found: memoryview = tensor.reshape(-1).view(torch.uint8).numpy().data
    return found


def _under_first_names(network: Network, weights: Weights) -> Weights:
    """Weights of tied states by the first of their names; one of the names is enough."""
    found = dict(weights)
    for state in network.states:
        if state.tied is not None and state.name in found:
            found.setdefault(state.tied, found.pop(state.name))
    return found


def _built_layers(network: Network) -> dict[str, nn.Module]:
    layers: dict[str, nn.Module] = {}
    for node in (*network.nodes, *network.training):
        if node.op == LAYER and node.body is None and node.module not in layers:
            row = TARGETS.get(node.target or "")
            if row is None:
                raise InputError(f"the layer {node.name!r} is a {node.target}, which is unknown")
            layers[checked_path(node.module)] = row.build(node.attributes)
    return layers


def _home(name: str, placed: dict[str, nn.Module], layers: Mapping[str, nn.Module]) -> nn.Module:
    return _at(checked_path(name).rpartition(".")[0], placed, layers)


def _at(path: str, placed: dict[str, nn.Module], layers: Mapping[str, nn.Module]) -> nn.Module:
    """The part at a path, made with those around it when it is first asked for."""
    if path not in placed:
        above, _, name = path.rpartition(".")
        part = layers.get(path)
        around = _at(above, placed, layers)
        placed[path] = nn.Module() if part is None else part
        _add(around, name, placed[path], path)
    return placed[path]


def _add(around: nn.Module, name: str, part: nn.Module, path: str) -> None:
    try:
        around.add_module(name, part)
    except (KeyError, TypeError) as error:
        raise InputError(f"no part of a module can be called {path!r}: {error}") from None


def _register(
    state: State, home: nn.Module, weights: Weights, made: dict[str, torch.Tensor]
) -> None:
    """Give a part its tensor, which is another's if they are tied."""
    name = state.name.rpartition(".")[2]
    if state.tied is None:
        made[state.name] = _tensor(state, weights[state.name])
    else:
        made[state.name] = made[state.tied]
    value = made[state.name]
    try:
        if state.kind == PARAMETER:
            home.register_parameter(name, value)  # type: ignore[arg-type]
        else:
            home._buffers.pop(name, None)  # noqa: SLF001 - one that the layer made is in its place
            is_stored = state.is_stored_with_weights
            home.register_buffer(name, value, persistent=is_stored)
    except (KeyError, TypeError) as error:
        raise InputError(f"no state of a module can be called {state.name!r}: {error}") from None


def _tensor(state: State, weight: "torch.Tensor | Weight") -> torch.Tensor:
    if isinstance(weight, torch.Tensor):
        value = weight.detach()
    else:
        value = torch.empty(state.shape, dtype=torch_dtype(state.dtype))
        weight.read_into(_memory(value))
    if state.kind == PARAMETER:
        is_real = value.is_floating_point() or value.is_complex()
        return nn.Parameter(value, requires_grad=is_real and not state.frozen)
    return value


def _check_fit(network: Network, weights: Weights) -> None:
    problems = list(_misfits(network, weights))
    if problems:
        shown = "; ".join(problems[:_SHOWN])
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise InputError(f"the weights do not fit the network: {shown}{more}")


def _misfits(network: Network, weights: Weights) -> Iterator[str]:
    for state in network.states:
        if state.tied is not None:
            continue
        wanted = f"{state.dtype} {list(state.shape)}"
        weight: Any = weights.get(state.name)
        if weight is None:
            yield f"{state.name} is missing, {wanted}"
            continue
        found = f"{str(weight.dtype).removeprefix('torch.')} {list(weight.shape)}"
        if found != wanted:
            yield f"{state.name} is {found}, not {wanted}"
    known = {state.name for state in network.states}
    for name in weights:
        if name not in known:
            yield f"{name} is not in the network"
