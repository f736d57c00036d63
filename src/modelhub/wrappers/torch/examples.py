"""Example inputs: whether they fit a module, and which of their extents may move."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.export import Dim
from torch.utils import _pytree as trees

from modelhub.errors import InputError

_IMAGE = 4  # axes of a batch of images, whose height and width stay


def check_arguments(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Refuse example inputs that the module's forward does not take.

    Raises:
        InputError: one is missing or unknown; names what forward takes.
    """
    try:
        _signature(module).bind(*args, **kwargs)
    except TypeError as error:
        raise InputError(
            f"the example inputs do not fit {type(module).__name__}: {error}; "
            f"its forward takes {wanted(module)}"
        ) from None


def wanted(module: nn.Module) -> str:
    """The arguments of a module's forward, as one reads them."""
    names = [
        parameter.name if parameter.default is parameter.empty else f"{parameter.name} (optional)"
        for parameter in _signature(module).parameters.values()
        if parameter.kind not in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}
    ]
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "") or "nothing"  # noqa: PLR2004


def described(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """Example inputs by dtype and shape: `float32 [2, 3, 8, 8]`."""
    named = [("", each) for each in args] + [(f"{key} ", kwargs[key]) for key in kwargs]
    texts = [
        f"{name}{str(each.dtype).removeprefix('torch.')} {list(each.shape)}"
        for name, value in named
        for each in trees.tree_leaves(value)
        if isinstance(each, torch.Tensor)
    ]
    return ", ".join(texts) or "nothing"


def doubled(args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """The examples twice over if each is a batch of one, else None: one cannot stand for many."""
    tensors = [
        each
        for each in trees.tree_leaves((args, kwargs))
        if isinstance(each, torch.Tensor) and each.dim()
    ]
    if not tensors or any(each.shape[0] != 1 for each in tensors):
        return None
    both: tuple[Any, Any] = trees.tree_map(_twice, (tuple(args), dict(kwargs)))
    return both


def _twice(value: Any) -> Any:
    is_batch = isinstance(value, torch.Tensor) and value.dim() > 0
    return torch.cat([value, value]) if is_batch else value


def moving_extents(
    module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Iterator[Any]:
    """What to tell torch.export of the extents that may move: much, less, nothing.

    First the batch and the lengths of sequences; then the batch alone; then None.
    """
    bound = _signature(module).bind(*args, **kwargs).arguments
    for axes in (_sequence_axes, _batch_axes):
        yield {name: trees.tree_map(axes, value) for name, value in bound.items()}
    yield None


def _sequence_axes(value: Any) -> dict[int, Any] | None:
    if not isinstance(value, torch.Tensor):
        return None
    if value.is_floating_point() and value.dim() >= _IMAGE:
        return _batch_axes(value)
    return dict.fromkeys(range(value.dim()), Dim.AUTO)


def _batch_axes(value: Any) -> dict[int, Any] | None:
    if not isinstance(value, torch.Tensor):
        return None
    return {0: Dim.AUTO} if value.dim() else {}


def _signature(module: nn.Module) -> inspect.Signature:
    return inspect.signature(module.forward)
