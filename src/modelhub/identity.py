"""What is hashed, and how: ids of tensors, blobs and files; canonical JSON."""

import json
import math
from collections.abc import Mapping
from typing import Any

from blake3 import blake3

from modelhub.values import BlobId, Json, Shape

TENSOR_DOMAIN = b"dlv tensor 1\n"  # docs/spec/repository.md §2


def hasher(*, threads: int = blake3.AUTO) -> Any:
    """A BLAKE3 hasher that uses every core for large updates; `.hexdigest()` is an id.

    Args:
        threads: where other threads keep the cores busy, one is enough: 3 GB/s on each.
    """
    return blake3(max_threads=threads)


def tensor_hasher(dtype: str, shape: Shape) -> Any:
    """A hasher that has seen a tensor's dtype and shape; feed it the elements."""
    header = TENSOR_DOMAIN + f"{dtype}\n{','.join(map(str, shape))}\n".encode()
    found = hasher()
    found.update(header)
    return found


def blob_id(raw: bytes) -> BlobId:
    """The id of these bytes."""
    return BlobId(blake3(raw).hexdigest())


def canonical_json(value: Json) -> bytes:
    """The one way to write a value (docs/spec/repository.md §3).

    >>> canonical_json({"b": 1.0, "a": [float("nan"), "é"]}).decode()
    '{"a":["NaN","é"],"b":1.0}'
    """
    try:
        return _written(value)
    except (ValueError, TypeError):  # a number that is not finite, or a mapping of another kind
        return _written(_finite(value))


def _written(value: Json) -> bytes:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _finite(value: Json) -> Json:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
