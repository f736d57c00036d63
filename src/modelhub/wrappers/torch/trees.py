"""Argument trees: what an operator is called with, as JSON and back (docs/spec/network.md §4)."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import fx

from modelhub.errors import InputError
from modelhub.values import Json

Reference = Callable[[str, int], Any]
# Words of the framework: what is spelt `torch.float32` is stored as `float32`.
_WORDS: Mapping[str, type] = {
    "dtype": torch.dtype,
    "layout": torch.layout,
    "memory_format": torch.memory_format,
}


class NotStorableError(Exception):
    """An argument is of a kind that a network does not hold."""


def encode(value: Any, refer: Callable[[fx.Node], Json]) -> Json:
    """The argument tree of what an operator is called with.

    A device is stored as the CPU: a network says what is computed, not where.

    Args:
        value: an argument of an fx node.
        refer: the tree that stands for the value of an fx node.

    Raises:
        NotStorableError: it is of a kind that the format has no words for.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, fx.Node):
        return refer(value)
    if isinstance(value, list | tuple):
        return [encode(each, refer) for each in value]
    if isinstance(value, Mapping):
        return {"map": [[str(key), encode(each, refer)] for key, each in value.items()]}
    return _encode_word(value, refer)


def _encode_word(value: Any, refer: Callable[[fx.Node], Json]) -> Json:
    if isinstance(value, slice):
        return {"slice": [encode(each, refer) for each in (value.start, value.stop, value.step)]}
    if isinstance(value, torch.device):
        return {"device": "cpu"}
    for word, kind in _WORDS.items():
        if isinstance(value, kind):
            return {word: str(value).removeprefix("torch.")}
    raise NotStorableError(f"a {type(value).__qualname__} cannot be kept in a network")


def decode(tree: Json, refer: Reference, device: Callable[[], Any] | None = None) -> Any:
    """What an argument tree stands for.

    Args:
        tree: as `encode` made it, or a stranger.
        refer: what stands for the i-th output of a node.
        device: what stands for a device; the CPU itself if it is left out.

    Raises:
        InputError: it names a dtype, device or layout that is none.
    """
    if isinstance(tree, list | tuple):
        return [decode(each, refer, device) for each in tree]
    if not isinstance(tree, Mapping):
        return tree
    if "$" in tree:
        index = tree.get("i", 0)
        assert isinstance(index, int)
        return refer(str(tree["$"]), index)
    return _decode_object(tree, refer, device)


def _decode_object(
    tree: Mapping[str, Json], refer: Reference, device: Callable[[], Any] | None
) -> Any:
    ((word, inside),) = tree.items()
    if word == "map":
        pairs: Any = inside
        return {key: decode(each, refer, device) for key, each in pairs}
    if word == "slice":
        assert isinstance(inside, list | tuple)
        return slice(*(decode(each, refer, device) for each in inside))
    if word == "device" and inside == "cpu":
        return torch.device("cpu") if device is None else device()
    return _decode_word(word, str(inside))


def _decode_word(word: str, text: str) -> Any:
    if word == "float" and text in {"inf", "-inf", "nan"}:
        return float(text)
    kind = _WORDS.get(word)
    found = getattr(torch, text, None) if kind else None
    if kind is None or not isinstance(found, kind):
        raise InputError(f"the network names the {word} {text!r}, which is none here")
    return found
