"""How fast this machine reads and decodes: measured once, and kept beside the catalog."""

import json
import os
import time
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np

from modelhub import durable
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.storage_ways import DELTA, STORE, WHOLE
from modelhub.errors import InputError
from modelhub.pas import (
    ArchiveReader,
    ArchiveWriter,
    CostModel,
    MemoryIndex,
    MemoryStore,
    calibrate,
    default_encoding,
)
from modelhub.values import TensorId

SIZES = (1 << 16, 1 << 19, 1 << 22)  # bytes
_LEAST = 0.1  # of what a whole tensor takes: a delta of it takes no less
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
        with _Samples() as samples:
            return calibrate(
                stores={STORE: partial(_reading, file)},
                encodings={WHOLE: samples.whole, DELTA: samples.delta},
                sizes=SIZES,
            )
    finally:
        durable.remove(file)


def _reading(file: Path, size: int) -> float:
    """What the system holds already; a disk that is slower than that is not seen."""
    start = time.perf_counter()
    with file.open("rb") as opened:
        opened.read(size)
    return time.perf_counter() - start


class _Samples:
    """Tensors in memory, whole and as deltas, read as any tensor is: checked and hashed."""

    def __init__(self) -> None:
        store, index = MemoryStore(), MemoryIndex()
        with ArchiveWriter(store, index, threads=1) as writer:
            self._whole = {size: _put(writer, size, by=0.0) for size in SIZES}
        _register(index, writer)
        with ArchiveWriter(store, index, threads=1) as writer:
            self._delta = {
                size: _put(writer, size, by=_SPREAD, base=self._whole[size]) for size in SIZES
            }
        _register(index, writer)
        self._reader = ArchiveReader(store, index, threads=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def whole(self, size: int) -> float:
        """Seconds for a tensor of so many bytes."""
        return self._read(self._whole[size])

    def delta(self, size: int) -> float:
        """Seconds that are to be added if it is a delta; on a busy machine they hide in noise."""
        whole = self._read(self._whole[size])
        return max(self._read(self._delta[size]) - whole, _LEAST * whole)

    def _read(self, tensor: TensorId) -> float:
        start = time.perf_counter()
        self._reader.read(tensor)
        return time.perf_counter() - start


def _put(writer: ArchiveWriter, size: int, *, by: float, base: TensorId | None = None) -> TensorId:
    rng = np.random.default_rng(0)
    values = rng.normal(0, 0.02, size // 4)
    moved = (values.astype(np.float32) + by * rng.normal(size=values.size)).astype(np.float32)
    raw = memoryview(moved.tobytes())
    return writer.put_tensor(
        lambda start, length: raw[start : start + length],
        dtype="float32",
        shape=moved.shape,
        base_candidates=() if base is None else (base,),
    ).id


def _register(index: MemoryIndex, writer: ArchiveWriter) -> None:
    for pack in writer.packs:
        index.register(pack.id, pack.footer)
