"""The parameters and buffers of a module: names, ties, and what the state dict leaves out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedTensorMixin  # type: ignore[attr-defined]

from modelhub.errors import InputError
from modelhub.identity import tensor_hasher
from modelhub.network import BUFFER, CONSTANT, PARAMETER, State
from modelhub.values import TensorId
from modelhub.wrappers.state import Bytes
from modelhub.wrappers.torch.tensors import dtype_name, tensor_bytes


@dataclass(kw_only=True)
class States:
    """The states of a network, as they are found.

    Attributes:
        found: in the order of the state dict.
        tensors: the values of constants and of buffers that the state dict leaves out.
        names: the first name of each tensor, by identity.
        notes: what the user should know.
    """

    found: list[State] = field(default_factory=list)
    tensors: dict[TensorId, Bytes] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    kept: list[torch.Tensor] = field(default_factory=list)  # so that identities stay theirs

    def add(self, name: str, kind: str, value: torch.Tensor, *, transient: bool = False) -> None:
        """Note a state; its value too if no snapshot brings it."""
        tied = self.names.get(id(value))
        tensor = None
        if tied is None:
            self.names[id(value)] = name
            self.kept.append(value)
            tensor = self._value(name, value) if transient or kind == CONSTANT else None
        self.found.append(
            State(
                name=name,
                kind=kind,
                dtype=dtype_name(name, value),
                shape=tuple(value.shape),
                transient=transient,
                tied=tied,
                tensor=tensor,
                frozen=tied is None and kind == PARAMETER and _is_frozen(value),
            )
        )

    def _value(self, name: str, value: torch.Tensor) -> TensorId | None:
        if value.is_meta or type(value) not in {torch.Tensor, nn.Parameter, nn.Buffer}:
            self.notes.append(f"the value of {name!r} is not known: it is not in memory")
            return None
        dtype, shape, data = tensor_bytes(name, value)
        hasher = tensor_hasher(dtype, shape)
        hasher.update(data)
        tensor = TensorId(hasher.hexdigest())
        self.tensors[tensor] = (dtype, shape, data)
        return tensor


def _is_frozen(value: torch.Tensor) -> bool:
    """Whether a parameter could train, and does not."""
    return not value.requires_grad and (value.is_floating_point() or value.is_complex())


def module_states(module: nn.Module) -> States:
    """The states of a module in the order of its state dict.

    Raises:
        InputError: a tensor has no shape yet, or a dtype that cannot be stored.
    """
    states = States()
    stored = module.state_dict(keep_vars=True)
    for name, kind, value in _walk(module):
        if isinstance(value, UninitializedTensorMixin):
            raise InputError(f"{name!r} has no shape yet; run the module once before it is kept")
        states.add(name, kind, value, transient=name not in stored)
    known = {state.name for state in states.found}
    strange = [name for name in stored if name not in known]
    if strange:
        states.notes.append(f"no parameters or buffers, and left out: {', '.join(strange)}")
    return states


def _walk(module: nn.Module) -> Iterator[tuple[str, str, torch.Tensor]]:
    for path, part in module.named_modules(remove_duplicate=False):
        prefix = f"{path}." if path else ""
        owned: Sequence[tuple[str, Mapping[str, Any]]] = (
            (PARAMETER, part._parameters),  # noqa: SLF001 - the named ones skip ties
            (BUFFER, part._buffers),  # noqa: SLF001
        )
        for kind, values in owned:
            for name, value in values.items():
                if value is not None:
                    yield prefix + name, kind, value


def container_modules(module: nn.Module) -> list[tuple[str, str]]:
    """Path and class name of each module that contains others, in order."""
    return [
        (path, type(part).__name__)
        for path, part in module.named_modules(remove_duplicate=False)
        if part._modules  # noqa: SLF001
    ]
