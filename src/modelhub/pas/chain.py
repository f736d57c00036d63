"""A tensor that is stored as differences, and the tensors that must be read first (pack.md §7)."""

from collections.abc import Mapping

from modelhub.errors import IntegrityError
from modelhub.pas import format as pack_format
from modelhub.pas.index import StorageIndex, StoredTensor
from modelhub.values import TensorId


def chain_of(index: StorageIndex, stored: StoredTensor) -> tuple[StoredTensor, ...]:
    """The tensor, its base, the base's base, and so on to the one that is stored whole.

    Raises:
        IntegrityError: a base is missing or cannot be one, or they are too many; a cycle is.
    """
    found = [stored]
    while (base := found[-1].base) is not None:
        if len(found) > pack_format.MAX_DEPTH:
            raise IntegrityError(f"it needs more than {pack_format.MAX_DEPTH} bases")
        below = index.find_tensor(base)
        if below is None:
            raise IntegrityError(f"its base {base} is not stored here")
        if not can_be_base(below, stored):
            raise IntegrityError(f"its base {base} has another dtype, shape or group size")
        found.append(below)
    return tuple(found)


def can_be_base(base: StoredTensor, stored: StoredTensor) -> bool:
    """Whether groups of both hold elements of the same places and kind."""
    return base.block is None and _kind(base) == _kind(stored)


def _kind(stored: StoredTensor) -> tuple[object, ...]:
    return stored.info.dtype, stored.info.shape, stored.group_size


def depths(bases: Mapping[TensorId, TensorId]) -> dict[TensorId, int]:
    """How many bases must be read before each delta.

    Args:
        bases: of each delta; what is no key is stored whole.

    Raises:
        IntegrityError: a delta needs itself.

    >>> depths({"c": "b", "b": "a"})
    {'c': 2, 'b': 1}
    """
    found: dict[TensorId, int] = {}
    for each in bases:
        way = [each]
        while way[-1] not in found and way[-1] in bases:
            way.append(bases[way[-1]])
            if len(way) > len(bases) + 1:
                raise IntegrityError(f"tensor {each} is a delta of itself")
        depth = found.get(way[-1], 0)
        for step, tensor in enumerate(reversed(way[:-1]), 1):
            found[tensor] = depth + step
    return {each: found[each] for each in bases}
