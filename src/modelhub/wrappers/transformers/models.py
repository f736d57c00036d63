"""The model of a configuration, without memory for its weights."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import transformers
from torch import nn
from transformers import CONFIG_MAPPING, MODEL_MAPPING, PreTrainedModel
from transformers.initialization import no_init_weights

from modelhub.errors import InputError

MAX_NUMBER = 1 << 40
MAX_LAYERS = 1000
MAX_LENGTH = 1 << 24  # positions; tables over them are in memory
_LAYERS = ("layer", "depth", "block", "experts")
_LENGTHS = ("position", "length", "image_size", "frames", "window")
# Who runs attention and experts is for whoever runs the model; it may name code to download.
_IMPLEMENTATIONS: tuple[str, ...] = (
    "attn_implementation",
    "_attn_implementation",
    "experts_implementation",
)
_IMPLEMENTATIONS += ("_experts_implementation", "_attn_implementation_internal")


def model_without_weights(found: Mapping[str, Any]) -> PreTrainedModel:
    """The model that a configuration describes; its parameters are on the meta device.

    Buffers that the code computes (frequencies, positions) have their values.
    No code but that of the installed transformers is run.

    Raises:
        InputError: it names code of its own, or no model that transformers knows.
    """
    _check(found)
    config = _config(found)
    cls = _class(found, config)
    try:
        with no_init_weights(), _parameters_without_memory():
            model: PreTrainedModel = cls._from_config(config)  # type: ignore[no-untyped-call]
        model.tie_weights()  # what leaves out the first values leaves out this, too
    except Exception as error:
        raise InputError(
            f"transformers makes no {cls.__name__} of this configuration: {_line(error)}"
        ) from error
    return model


def _check(found: Mapping[str, Any]) -> None:
    if found.get("auto_map"):
        raise InputError(
            "the configuration names code of its own (auto_map), which is never run; "
            "capture the module in Python instead"
        )
    if found.get("quantization_config"):
        raise InputError("the weights are quantized, which the network cannot tell")
    _check_sizes(found)


def _check_sizes(found: Any, key: str = "") -> None:
    """Refuse sizes that would fill memory or time by their own word."""
    if isinstance(found, Mapping):
        for name, value in found.items():
            _check_sizes(value, str(name))
    elif isinstance(found, list):
        for value in found:
            _check_sizes(value, key)
    elif isinstance(found, int) and not isinstance(found, bool):
        most = MAX_NUMBER
        if any(word in key for word in _LENGTHS):
            most = MAX_LENGTH
        elif any(word in key for word in _LAYERS):
            most = MAX_LAYERS
        if abs(found) > most and "token_id" not in key:
            raise InputError(f"the configuration has {key} = {found}, more than {most}")


def _config(found: Mapping[str, Any]) -> Any:
    kind = found.get("model_type")
    if not isinstance(kind, str) or kind not in CONFIG_MAPPING:
        raise InputError(f"transformers {transformers.__version__} knows no model type {kind!r}")
    given = _without_implementations(found)
    try:
        config = CONFIG_MAPPING[kind].from_dict(given)
    except Exception as error:
        raise InputError(f"the configuration is not one of {kind}: {_line(error)}") from error
    parts: list[Any] = [config, *(getattr(config, name, None) for name in config.sub_configs)]
    for each in parts:
        if hasattr(each, "use_cache"):
            each.use_cache = False
    return config


def _without_implementations(found: Any) -> Any:
    if isinstance(found, Mapping):
        return {
            key: _without_implementations(value)
            for key, value in found.items()
            if key not in _IMPLEMENTATIONS
        }
    return found


def _class(found: Mapping[str, Any], config: Any) -> type[PreTrainedModel]:
    names = found.get("architectures") or [None]
    name = names[0] if isinstance(names, list) else None
    if name is None and type(config) in MODEL_MAPPING:
        chosen: Any = MODEL_MAPPING[type(config)]
        name = (chosen[0] if isinstance(chosen, tuple) else chosen).__name__
    cls = getattr(transformers, name, None) if isinstance(name, str) else None
    if not isinstance(cls, type) or not issubclass(cls, PreTrainedModel):
        raise InputError(f"transformers {transformers.__version__} knows no model {name!r}")
    return cls


@contextlib.contextmanager
def _parameters_without_memory() -> Iterator[None]:
    """What becomes a parameter goes to the meta device at once; buffers stay real."""
    register = nn.Module.register_parameter

    def registered(self: nn.Module, name: str, param: nn.Parameter | None) -> None:
        if param is not None and not param.is_meta:
            param = type(param)(param.detach().to("meta"), requires_grad=param.requires_grad)
        register(self, name, param)

    nn.Module.register_parameter = registered  # type: ignore[method-assign]
    try:
        yield
    finally:
        nn.Module.register_parameter = register  # type: ignore[method-assign]


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]
