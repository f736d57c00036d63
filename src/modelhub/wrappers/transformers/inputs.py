"""Example inputs of the models of transformers: small, of the right kind."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
from transformers import PreTrainedModel

from modelhub.errors import InputError

BATCH, LENGTH, SAMPLES = 2, 8, 16000


def example_inputs(model: PreTrainedModel) -> dict[str, Any]:
    """Arguments of a model's forward by name; caches of generation are off.

    Raises:
        InputError: the model takes what we do not know how to make.
    """
    config = model.config
    takes = inspect.signature(model.forward).parameters
    wanted = [model.main_input_name]
    if _sees_and_reads(config) and "pixel_values" in takes:
        wanted.append("pixel_values")
    if config.is_encoder_decoder and "decoder_input_ids" in takes:
        wanted.append("decoder_input_ids")
    unknown = [name for name in wanted if name not in _MAKERS]
    if unknown:
        raise InputError(
            f"{type(model).__name__} takes {unknown[0]}, for which there is no example"
        )
    made: dict[str, Any] = {name: _MAKERS[name](config) for name in dict.fromkeys(wanted)}
    if "use_cache" in takes:
        made["use_cache"] = False
    dtype = model.dtype
    return {
        name: value.to(dtype)
        if isinstance(value, torch.Tensor) and value.is_floating_point()
        else value
        for name, value in made.items()
    }


def _sees_and_reads(config: Any) -> bool:
    """Whether a model compares pictures and texts, as CLIP does."""
    parts = all(hasattr(config, f"{side}_config") for side in ("text", "vision"))
    return parts and not hasattr(config, "image_token_id")


def _tokens(config: Any) -> torch.Tensor:
    text = config.get_text_config()
    longest = getattr(text, "max_position_embeddings", None) or LENGTH
    return torch.ones(BATCH, max(1, min(LENGTH, longest)), dtype=torch.long)


def _pixels(config: Any) -> torch.Tensor:
    vision = getattr(config, "vision_config", config)
    size = getattr(vision, "image_size", 224)
    height, width = size if isinstance(size, list | tuple) else (size, size)
    return torch.zeros(BATCH, getattr(vision, "num_channels", 3), height, width)


def _spectrum(config: Any) -> torch.Tensor:
    bins = getattr(config, "num_mel_bins", 80)
    positions = getattr(config, "max_source_positions", 1500)
    return torch.zeros(BATCH, bins, 2 * positions)


def _sound(config: Any) -> torch.Tensor:
    if hasattr(config, "num_mel_bins"):  # a spectrogram over time
        return torch.zeros(BATCH, getattr(config, "max_length", 1024), config.num_mel_bins)
    return torch.zeros(BATCH, SAMPLES)


_MAKERS: Mapping[str, Callable[[Any], torch.Tensor]] = {
    "input_ids": _tokens,
    "decoder_input_ids": _tokens,
    "pixel_values": _pixels,
    "input_features": _spectrum,
    "input_values": _sound,
}
