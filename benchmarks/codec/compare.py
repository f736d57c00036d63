"""Size and speed of the encodings on one thread, beside memcpy and zipnn if it is installed.

    python benchmarks/codec/compare.py --weights model.pt --rounds 9

Without weights: normal numbers. Contestants take turns in every round; figures are medians of
the thread's CPU time, with the least and the most; every round trip is checked.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import ml_dtypes
import numpy as np
import torch

from modelhub.pas import ENCODINGS, Encoding
from modelhub.pas.encodings.levels import LevelsRans
from modelhub.pas.kernels.choosing import kernels

GROUP = 1 << 18
DTYPES = {"float32": np.float32, "bfloat16": ml_dtypes.bfloat16, "float16": np.float16}
Contest = tuple[Callable[[list[bytes]], list], Callable[[list, list[memoryview]], None]]


def tensors_in(value: object) -> list[np.ndarray]:
    """All float32 tensors of what torch loads."""
    if isinstance(value, torch.Tensor):
        return [value.numpy().ravel()] if value.dtype == torch.float32 else []
    children = value.values() if isinstance(value, dict) else value
    return [t for c in children for t in tensors_in(c)] if isinstance(value, dict | list) else []


def weights(paths: list[Path]) -> dict[str, np.ndarray]:
    if not paths:
        return {"normal": (np.random.default_rng(0).standard_normal(1 << 22) * 0.04).astype("f4")}
    return {
        path.stem: np.concatenate(
            tensors_in(torch.load(path, map_location="cpu", weights_only=True))
        )
        for path in paths
    }


def ours(encoding: Encoding, dtype: str) -> Contest:
    def encode(groups: list[bytes]) -> list:
        return [encoding.encode(group, dtype=dtype) for group in groups]

    def decode(coded: list, outs: list[memoryview]) -> None:
        for chunks, out in zip(coded, outs, strict=True):
            encoding.decode(chunks, out, dtype=dtype)

    return encode, decode


def copying() -> Contest:
    def decode(coded: list, outs: list[memoryview]) -> None:
        for each, out in zip(coded, outs, strict=True):
            out[:] = each

    return lambda groups: [bytes(bytearray(group)) for group in groups], decode


def zipnn_whole(dtype: str) -> Contest:
    import zipnn

    worker = zipnn.ZipNN(bytearray_dtype=dtype, threads=1)

    def decode(coded: list, outs: list[memoryview]) -> None:
        raw = worker.decompress(coded[0])
        at = 0
        for out in outs:
            out[:] = raw[at : at + len(out)]
            at += len(out)

    # It reorders the caller's own buffer, even an immutable one: it gets one that is thrown away.
    return lambda groups: [worker.compress(bytearray(b"".join(groups)))], decode


def size_of(coded: list) -> int:
    if isinstance(coded[0], bytes | bytearray):
        return sum(map(len, coded))
    return sum(len(chunk.data) for chunks in coded for chunk in chunks)


def timed(action: Callable[[], object]) -> tuple[float, object]:
    begin = time.thread_time()
    found = action()
    return time.thread_time() - begin, found


def compare(name: str, array: np.ndarray, dtype: str, rounds: int) -> None:
    raw = array.astype(DTYPES[dtype])
    groups = [raw[at : at + GROUP].tobytes() for at in range(0, raw.size, GROUP)]
    contests = {"memcpy": copying(), "planes-zstd": ours(ENCODINGS.get("planes-zstd"), dtype)}
    for kernel in list(kernels().values())[1:]:
        contests[f"levels-rans {kernel.name}"] = ours(LevelsRans(kernel), dtype)
    if find_spec("zipnn") is not None and dtype != "float16":
        contests["zipnn"] = zipnn_whole(dtype)
    speeds: dict[str, tuple[list[float], list[float]]] = {each: ([], []) for each in contests}
    sizes = {}
    outs = [memoryview(bytearray(len(group))) for group in groups]
    for _ in range(rounds):
        for who, (encode, decode) in contests.items():
            spent, coded = timed(lambda encode=encode: encode(groups))
            speeds[who][0].append(raw.nbytes / spent / 1e6)
            spent, _none = timed(lambda decode=decode, coded=coded: decode(coded, outs))
            speeds[who][1].append(raw.nbytes / spent / 1e6)
            sizes[who] = size_of(coded)
            assert all(out == group for out, group in zip(outs, groups, strict=True)), who
    for who, both in speeds.items():
        columns = [
            f"{statistics.median(each):.0f} ({min(each):.0f} to {max(each):.0f})" for each in both
        ]
        share = f"{sizes[who] / raw.nbytes:.4f}"
        print(f"| {name} {dtype} | {who} | {share} | {' | '.join(columns)} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(
        "| data | encoding | stored | encode, MB/s of CPU | decode, MB/s of CPU |\n|---|---|---|---|---|"  # noqa: E501 - a head of a table
    )
    for name, array in weights(options.weights).items():
        for dtype in DTYPES:
            compare(name, array, dtype, options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
