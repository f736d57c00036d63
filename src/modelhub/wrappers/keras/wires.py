"""What passes between layers: values, and the arguments of calls that read them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from modelhub.recipes import shown
from modelhub.values import Json
from modelhub.wrappers.keras.parts import ConfigError
from modelhub.wrappers.keras.rules import MaybeShape

Place: TypeAlias = tuple[str, int, int]  # a layer, which of its calls, which of its outputs
_TENSOR = "__keras_tensor__"
_PLACE = 3  # elements of a place that is written down
_LEGACY = 4  # with keyword arguments behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A value: how nodes refer to it, its shape where known, and its dtype."""

    reference: Json
    shape: MaybeShape
    dtype: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The arguments of one call of a layer, as they are written."""

    args: Any
    kwargs: dict[str, Any]


def call_of(found: Any) -> Call:
    """The arguments of a call, as Keras 3 or Keras 2 wrote them.

    Raises:
        ConfigError: they are neither.
    """
    if isinstance(found, dict):
        args, kwargs = found.get("args", []), found.get("kwargs", {})
        if isinstance(args, list) and isinstance(kwargs, dict):
            return Call(args=args, kwargs=_said(kwargs))
    elif isinstance(found, list) and all(isinstance(each, list) for each in found):
        kwargs = {}
        tensors = []
        for each in found:
            if len(each) == _LEGACY and isinstance(each[-1], dict):
                kwargs |= _said(each[-1])
            tensors.append({"class_name": _TENSOR, "config": {"keras_history": each[:_PLACE]}})
        return Call(args=tensors if len(tensors) == 1 else [tensors], kwargs=kwargs)
    raise ConfigError(f"{shown(str(found)[:100])!r} is no call of a layer")


def _said(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments that say something; `training` = false does."""
    return {key: value for key, value in kwargs.items() if value is not None}


def is_tensor(found: Any) -> bool:
    """Whether something is written as a value of a layer."""
    return isinstance(found, dict) and found.get("class_name") == _TENSOR


def place_of(found: Any) -> Place:
    """The place of a value, `["dense", 0, 0]`.

    Raises:
        ConfigError: it is none.
    """
    is_place = isinstance(found, list) and len(found) == _PLACE and isinstance(found[0], str)
    if not is_place or any(type(each) is not int or each < 0 for each in found[1:]):
        raise ConfigError(f"{shown(str(found)[:100])!r} is no place of a value")
    return found[0], found[1], found[2]


def tensor_place(found: Any) -> Place:
    """The place of a value that is written with its shape and dtype."""
    config = found.get("config")
    return place_of(config.get("keras_history") if isinstance(config, dict) else None)


def tensors_in(tree: Any) -> Iterator[Any]:
    """The values in arguments, in order."""
    if is_tensor(tree):
        yield tree
    elif isinstance(tree, dict):
        for each in tree.values():
            yield from tensors_in(each)
    elif isinstance(tree, list):
        for each in tree:
            yield from tensors_in(each)


def argument_tree(tree: Any, reference: Callable[[Place], Json]) -> Json:
    """Arguments as networks say them (docs/spec/network.md §4)."""
    if is_tensor(tree):
        return reference(tensor_place(tree))
    if isinstance(tree, list):
        return [argument_tree(each, reference) for each in tree]
    if isinstance(tree, dict):
        config = tree.get("config")
        if tree.get("class_name") == "__slice__" and isinstance(config, dict):
            ends = [config.get(name) for name in ("start", "stop", "step")]
            return {"slice": [argument_tree(each, reference) for each in ends]}
        kept = {k: v for k, v in tree.items() if k in {"class_name", "config"}} or tree
        if "class_name" not in tree:
            kept = tree
        return {"map": [[str(k), argument_tree(v, reference)] for k, v in kept.items()]}
    found: Json = tree
    return found


def structure(found: Any) -> Any:
    """Places in lists and mappings, as models write their inputs and outputs.

    Raises:
        ConfigError: it is no such thing.
    """
    if isinstance(found, dict):
        return {str(key): structure(each) for key, each in found.items()}
    if isinstance(found, list) and not (found and isinstance(found[0], str)):
        return [structure(each) for each in found]
    return place_of(found)


def leaves(tree: Any) -> Iterator[Any]:
    """What a structure holds, in Keras' order: mappings by their sorted keys."""
    if isinstance(tree, dict):
        for key in sorted(tree):
            yield from leaves(tree[key])
    elif isinstance(tree, list):
        for each in tree:
            yield from leaves(each)
    else:
        yield tree


def structured(tree: Any, reference: Callable[[Any], Json]) -> Json:
    """A structure as an argument tree."""
    if isinstance(tree, dict):
        return {"map": [[key, structured(each, reference)] for key, each in tree.items()]}
    if isinstance(tree, list):
        return [structured(each, reference) for each in tree]
    return reference(tree)
