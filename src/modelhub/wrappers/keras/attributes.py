"""Settings of Keras' layers as flat attributes (docs/spec/network.md §10), and back."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelhub.network import Attribute
from modelhub.wrappers.keras.parts import ConfigError, Part, is_object, part_of

MAX_DEPTH = 16
MODULE = "()"  # the setting that says that an object is not Keras' own
# What queries ask for, and no constructor takes.
DERIVED = frozenset(
    {"in_features", "in_channels", "out_features", "out_channels", "hidden_size", "num_features"}
)
_LEFT_OUT = ("_regularizer", "_constraint", "seed")  # where they are none
_NEVER = {"name", "batch_input_shape", "quantization_config"}
_CODE = {"__lambda__", "Lambda"}


def flat(config: Mapping[str, Any]) -> dict[str, Attribute]:
    """The settings of a layer, made flat.

    Raises:
        ConfigError: they are nested too deeply.
    """
    found: dict[str, Attribute] = {}
    for key, value in config.items():
        is_default = key == "trainable" and value is True
        if key in _NEVER or is_default or (value is None and key.endswith(_LEFT_OUT)):
            continue
        found.update(_flat(key, value, 0))
    return found


def _flat(key: str, value: Any, depth: int) -> Iterator[tuple[str, Attribute]]:
    if depth > MAX_DEPTH:
        raise ConfigError("settings are nested too deeply")
    if is_object(value):
        yield from _flat_object(key, value, depth)
    elif isinstance(value, dict):
        yield key, "{}"
        for name, each in value.items():
            yield from _flat(f"{key}.{name}", each, depth + 1)
    elif isinstance(value, list | tuple) and any(map(_is_nested, value)):
        yield key, f"[{len(value)}]"
        for place, each in enumerate(value):
            yield from _flat(f"{key}.{place}", each, depth + 1)
    else:
        yield key, list(value) if isinstance(value, tuple) else value


def _flat_object(key: str, value: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Attribute]]:
    part = part_of(value)
    if part.class_name == "DTypePolicy":
        yield key, part.text("name", "float32")
        return
    yield key, part.class_name
    if not part.is_own or part.class_name == "function":
        yield f"{key}.{MODULE}", part.registered or part.text("name") or "?"
    if part.class_name in _CODE:
        return
    for name, each in part.config.items():
        if each is None and name.endswith((*_LEFT_OUT, "_axes")):
            continue
        if name == "trainable" and each is True:
            continue
        yield from _flat(f"{key}.{name}", each, depth + 1)


def _is_nested(value: Any, depth: int = 0) -> bool:
    if depth > MAX_DEPTH:
        raise ConfigError("settings are nested too deeply")
    if isinstance(value, list | tuple):
        return any(_is_nested(each, depth + 1) for each in value)
    return isinstance(value, dict)


def nested(attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    """The settings that were made flat: scalars, lists, and (class name, settings) for objects.

    >>> nested({"layer": "LSTM", "layer.units": 8, "rate": 0.5})
    {'layer': ('LSTM', {'units': 8}), 'rate': 0.5}
    """
    return _nested("", attributes, 0)


def _nested(prefix: str, attributes: Mapping[str, Attribute], depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise ConfigError("settings are nested too deeply")
    inside: dict[str, dict[str, Attribute]] = {}
    plain: dict[str, Any] = {}
    for key, value in attributes.items():
        head, dot, rest = key.partition(".")
        if dot:
            inside.setdefault(head, {})[rest] = value
        else:
            plain[key] = {} if value == "{}" else value
    for key, settings in inside.items():
        below = _nested(f"{prefix}{key}.", settings, depth + 1)
        mark = plain.get(key)
        if mark == {}:
            plain[key] = below
        elif isinstance(mark, str) and mark == f"[{len(below)}]":
            plain[key] = [below[each] for each in sorted(below, key=_place)]
        else:
            plain[key] = (mark, below)
    return plain


def _place(text: str) -> int:
    if not text.isdecimal() or len(text) > MAX_DEPTH:
        raise ConfigError(f"{text!r} is no place in a list")
    return int(text)


def target_of(part: Part) -> str:
    """What computes a layer, as networks say it."""
    if not part.is_own:
        return part.registered or part.class_name
    return f"keras.layers.{part.class_name}"
