"""What files of weights call the parameters of a model of transformers."""

from collections.abc import Iterator

import torch
from transformers import PreTrainedModel
from transformers.core_model_loading import revert_weight_conversion

# Endings that parameters had before PyTorch and transformers called them anew.
_OLD_ENDINGS = (
    ("LayerNorm.weight", "LayerNorm.gamma"),
    ("LayerNorm.bias", "LayerNorm.beta"),
    (".parametrizations.weight.original0", ".weight_g"),
    (".parametrizations.weight.original1", ".weight_v"),
)


def names_in_files(model: PreTrainedModel) -> dict[str, list[str]]:
    """Other names of parameters and buffers: those that transformers saves, then old ones.

    What it saves as several tensors, or changed, has no such name.

    Args:
        model: with parameters on the meta device, each an object of its own unless it is tied.
    """
    state: dict[str, torch.Tensor] = model.state_dict(keep_vars=True)
    saved = {id(value): name for name, value in _saved(model, state)}
    found: dict[str, list[str]] = {}
    for name, value in state.items():
        others = [saved.get(id(value), name)]
        others += [_renamed(other, old) for other in others for old in _OLD_ENDINGS]
        found[name] = [other for other in dict.fromkeys(others) if other not in state]
    return {name: others for name, others in found.items() if others}


def _saved(
    model: PreTrainedModel, state: dict[str, torch.Tensor]
) -> Iterator[tuple[str, torch.Tensor]]:
    first = {id(value): name for name, value in reversed(state.items())}
    once = {name: state[name] for name in first.values()}
    try:
        yield from revert_weight_conversion(model, once).items()
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError):
        return  # a conversion that wants values: the names are those of the model


def _renamed(name: str, endings: tuple[str, str]) -> str:
    new, old = endings
    return name.removesuffix(new) + old if name.endswith(new) else name
