"""Recurrent layers are followed by their shapes alone.

torch follows them step by step, which fixes the length of the sequence and takes seconds.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

aten = torch.ops.aten
_OPERATORS = (aten.lstm.input, aten.gru.input, aten.rnn_tanh.input, aten.rnn_relu.input)
_KEYS = (torch._C.DispatchKey.CompositeImplicitAutograd, torch._C.DispatchKey.Autograd)  # noqa: SLF001


@contextlib.contextmanager
def shapes_alone() -> Iterator[None]:
    """Recurrent operators give tensors of the right shape, and compute nothing."""
    before = [(each, dict(each.py_kernels)) for each in _OPERATORS]
    try:
        for each in _OPERATORS:
            shape: Callable[..., Any] = _lstm if each is aten.lstm.input else _other
            _replace(each, each.py_kernels | dict.fromkeys(_KEYS, shape))
        yield
    finally:
        for each, kernels in before:
            _replace(each, kernels)


def _replace(function: Any, kernels: dict[Any, Any]) -> None:
    function.py_kernels.clear()
    function.py_kernels.update(kernels)
    function._dispatch_cache.clear()  # noqa: SLF001


def _lstm(
    given: torch.Tensor,
    before: Sequence[torch.Tensor],
    _weights: Any,
    _has_bias: Any,
    _layers: Any,
    _dropout: Any,
    _train: Any,
    is_bidirectional: bool,  # noqa: FBT001 - as the operator has it
    _batch_first: Any,
) -> tuple[torch.Tensor, ...]:
    hidden, cell = before
    return (
        _output(given, hidden, is_bidirectional),
        hidden.new_empty(hidden.shape),
        cell.new_empty(cell.shape),
    )


def _other(
    given: torch.Tensor,
    hidden: torch.Tensor,
    _weights: Any,
    _has_bias: Any,
    _layers: Any,
    _dropout: Any,
    _train: Any,
    is_bidirectional: bool,  # noqa: FBT001 - as the operator has it
    _batch_first: Any,
) -> tuple[torch.Tensor, ...]:
    return _output(given, hidden, is_bidirectional), hidden.new_empty(hidden.shape)


def _output(given: torch.Tensor, hidden: torch.Tensor, is_bidirectional: bool) -> torch.Tensor:  # noqa: FBT001
    features = hidden.shape[-1] * (2 if is_bidirectional else 1)
    return given.new_empty((*given.shape[:-1], features))
