"""What files of weights hold for the parameters of a model of transformers."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import torch
from transformers import PreTrainedModel
from transformers.core_model_loading import revert_weight_conversion

from modelhub.network import Part

# Endings that parameters had before PyTorch and transformers called them anew.
_OLD_ENDINGS = (
    ("LayerNorm.weight", "LayerNorm.gamma"),
    ("LayerNorm.bias", "LayerNorm.beta"),
    (".parametrizations.weight.original0", ".weight_g"),
    (".parametrizations.weight.original1", ".weight_v"),
)


def names_in_files(
    model: PreTrainedModel,
) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[Part]]]:
    """Other names of parameters and buffers, and the parts of those that are saved in several.

    Names are those that transformers saves, then old ones. What is saved in another way than
    cut up (transposed, woven) has neither.

    Args:
        model: with parameters on the meta device, each an object of its own unless it is tied.
    """
    state: dict[str, torch.Tensor] = model.state_dict(keep_vars=True)
    saved = _saved(model, state)
    whole = {id(value): name for name, value in saved.items()}
    names: dict[str, Sequence[str]] = {}
    for name, value in state.items():
        others = [whole.get(id(value), name)]
        others += [_renamed(other, old) for other in others for old in _OLD_ENDINGS]
        names[name] = [other for other in dict.fromkeys(others) if other not in state]
    return {name: others for name, others in names.items() if others}, _parts(state, saved)


def _saved(model: PreTrainedModel, state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What is saved; what is cut out of a parameter is a view of it."""
    first = {id(state[name]): name for name in reversed(list(state))}
    once = {name: state[name] for name in first.values()}
    try:
        with _views_stay_views():
            return dict(revert_weight_conversion(model, once))
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError):
        return {}  # a conversion that wants values: the names are those of the model


@contextlib.contextmanager
def _views_stay_views() -> Iterator[None]:
    """Pieces are not copied to be in one piece; they have no elements."""
    contiguous = torch.Tensor.contiguous

    def kept(self: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        return self if self.is_meta else contiguous(self, *args, **kwargs)

    torch.Tensor.contiguous = kept  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        torch.Tensor.contiguous = contiguous  # type: ignore[method-assign]


def _parts(
    state: Mapping[str, torch.Tensor], saved: Mapping[str, torch.Tensor]
) -> dict[str, list[Part]]:
    """The boxes of parameters that saved tensors are, where they fill them."""
    names = {id(value): name for name, value in state.items()}
    found: dict[str, list[Part]] = {}
    for name, value in saved.items():
        owner = names.get(id(value._base)) if value._base is not None else None  # noqa: SLF001
        part = None if owner is None else _box(name, value, state[owner])
        if owner is not None and part is not None:
            found.setdefault(owner, []).append(part)
    return {
        owner: parts
        for owner, parts in found.items()
        if sum(prod(part.shape) for part in parts) == state[owner].numel()
    }


def _box(name: str, view: torch.Tensor, whole: torch.Tensor) -> Part | None:
    """Where a view lies in a tensor in C order; None if its axes are in another order."""
    rest, start = view.storage_offset(), []
    for stride in whole.stride():
        start.append(rest // stride)
        rest %= stride
    shape, axis = [1] * whole.ndim, -1
    for size, stride in zip(view.shape, view.stride(), strict=True):
        if size == 1:
            continue
        axes = range(axis + 1, whole.ndim)
        axis = next((at for at in axes if whole.stride(at) == stride), whole.ndim)
        if axis == whole.ndim or start[axis] + size > whole.shape[axis]:
            return None
        shape[axis] = size
    return Part(name=name, start=tuple(start), shape=tuple(shape))


def _renamed(name: str, endings: tuple[str, str]) -> str:
    new, old = endings
    return name.removesuffix(new) + old if name.endswith(new) else name
