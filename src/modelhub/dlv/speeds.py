"""How fast this machine reads and decodes: measured once, and kept beside the catalog."""

import json
import os
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from xxhash import xxh3_64_digest

from modelhub import durable
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.storage_ways import DELTA, STORE, WHOLE
from modelhub.errors import InputError
from modelhub.pas import ENCODINGS, Chunk, CostModel, calibrate, default_encoding

SIZES = (1 << 16, 1 << 19, 1 << 22)  # bytes
_DTYPE = "float32"
_SPREAD = 1e-4  # by which the base of the measured delta differs


def costs_of(repository: ReadableRepository) -> CostModel:
    """The coefficients of this machine; inside `writing` only.

    Raises:
        StorageError: they cannot be read or kept.

    Cost:
        about a second on the first call on a machine.
    """
    path, machine = repository.layout.costs, os.uname().nodename
    known = _kept(path)
    key = f"{machine} {default_encoding()}"
    try:
        return CostModel.from_json(known[key])
    except (KeyError, InputError):
        found = measure(repository.scratch())
    known[key] = found.to_json()
    durable.replace_file(path, json.dumps(known).encode(), scratch=repository.scratch())
    return found


def _kept(path: Path) -> dict[str, Any]:
    """What was measured before; nothing if the file is not there, or is not legible."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def measure(scratch: Path) -> CostModel:
    """Measure this machine, one thread, with weights as they are found in networks.

    Args:
        scratch: a folder, on the disk whose files are read.
    """
    file = scratch / "speed"
    durable.write_file(file, [np.random.default_rng(0).bytes(max(SIZES))])
    try:
        return calibrate(
            stores={STORE: partial(_reading, file)},
            encodings={WHOLE: _decoding(has_base=False), DELTA: _decoding(has_base=True)},
            sizes=SIZES,
        )
    finally:
        durable.remove(file)


def _reading(file: Path, size: int) -> float:
    """What the system holds already; a disk that is slower than that is not seen."""
    start = time.perf_counter()
    with file.open("rb") as opened:
        xxh3_64_digest(opened.read(size))
    return time.perf_counter() - start


def _decoding(*, has_base: bool) -> Callable[[int], float]:
    encoding = ENCODINGS.get(default_encoding())
    given = has_base and encoding.has_deltas

    @cache
    def encoded(size: int) -> tuple[list[Chunk], bytes | None]:
        rng = np.random.default_rng(0)
        base = rng.normal(0, 0.02, size // 4).astype(np.float32)
        values = (base + _SPREAD * rng.normal(size=base.size)).astype(np.float32)
        below = base.tobytes() if given else None
        return encoding.encode(values.tobytes(), dtype=_DTYPE, base=below), below

    def timing(size: int) -> float:
        chunks, below = encoded(size)
        out = memoryview(bytearray(size))
        start = time.perf_counter()
        encoding.decode(chunks, out, dtype=_DTYPE, base=below)
        return time.perf_counter() - start

    return timing
