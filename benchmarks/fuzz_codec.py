"""Broken streams for the codec: refused, or read alike by every kernel, whatever the bytes.

    python benchmarks/fuzz_codec.py --cases 100000

With a kernel that was built for it, the same finds what no test sees:

    g++ -O1 -g -std=c++17 -fsanitize=address,undefined -fno-sanitize-recover=all -fPIC -shared \
      -I"$(python -c 'import sysconfig; print(sysconfig.get_paths()["include"])')" \
      copy/modelhub/pas/kernels/_levels.cpp -o copy/modelhub/pas/kernels/_levels.abi3.so
    LD_PRELOAD="$(gcc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=copy \
      python benchmarks/fuzz_codec.py
"""

import argparse
import sys
import time
from collections import Counter
from random import Random
from typing import NamedTuple

import numpy as np

from modelhub.pas.kernels.choosing import Kernel, kernels
from modelhub.pas.kernels.reference import reference
from modelhub.pas.kernels.schemes import Delta, Scheme
from modelhub.pas.kernels.streams import Stream

WIDTHS = {
    Scheme.FLOAT32: 4,
    Scheme.BFLOAT16: 2,
    Scheme.FLOAT16: 2,
    Scheme.FLOAT64: 8,
    Scheme.BYTES: 1,
    Scheme.PLANES: 5,
}
COUNTS = (1, 7, 31, 32, 33, 64, 100, 333, 1000, 4096, 70_000)
FLOATS = (Scheme.FLOAT32, Scheme.BFLOAT16, Scheme.FLOAT16, Scheme.FLOAT64)
REFERENCE_EVERY = 20  # cases, of those that are small


class Seed(NamedTuple):
    """A sound group, as differences if it has a base."""

    scheme: Scheme
    count: int
    base: bytes | None
    delta: Delta
    streams: list[Stream]


def group(scheme: Scheme, count: int, random: Random) -> bytes:
    rng = np.random.default_rng(random.randrange(1 << 32))
    size = count * WIDTHS[scheme]
    kinds = (
        lambda: rng.standard_normal(size // 4 + 1).astype("f4").tobytes()[:size],
        lambda: (rng.random(size) < 0.02).astype("u1").tobytes(),
        lambda: rng.integers(3, 9, size, np.uint8).tobytes(),
        lambda: rng.bytes(size),
        lambda: rng.standard_normal(size // 2 + 1).astype("f2").tobytes()[:size],
    )
    return random.choice(kinds)()


def near(raw: bytes, random: Random) -> bytes:
    """Other elements of which most are equal."""
    rng = np.random.default_rng(random.randrange(1 << 32))
    share = random.choice((0.001, 0.02, 0.3))
    octets = np.frombuffer(raw, np.uint8)
    return (octets + (rng.random(octets.size) < share).astype(np.uint8)).tobytes()


def seeds(random: Random) -> list[Seed]:
    """Sound groups; the large ones are rare."""
    fast = list(kernels().values())[-1]
    found = []
    for scheme, width in WIDTHS.items():
        for count in COUNTS:
            for delta in Delta:
                if delta is Delta.SUB and scheme not in FLOATS:
                    continue
                for _ in range(3 if count < 5000 else 1):
                    raw = group(scheme, count, random)
                    base = near(raw, random) if delta else None
                    streams = fast.encode(raw, scheme=scheme, width=width, base=base, delta=delta)
                    found.append(Seed(scheme, count, base, delta, streams))
    return found


def broken(stream: Stream, random: Random) -> Stream:
    """A stream with something wrong: half of the time where tables, sizes and states are."""
    mode, data = stream[0], bytearray(stream[1])
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        reach = len(data) if random.random() < 0.5 else min(len(data), 250)
        at = random.randrange(reach) if reach else 0
        kind = random.randrange(7)
        if kind == 0 or not data:
            data += random.randbytes(random.choice((1, 2, 4, 128)))
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            del data[at : at + random.choice((1, 2, 4))]
        elif kind == 3:
            data[at : at + 4] = random.choice((b"\xff", b"\0", b"\x80", b"\x7f")) * 4
        elif kind == 4:
            mode = random.choice((0, 1, 2, 4, 5, 6, 7, 3, 255))
        else:
            data[at] ^= 1 << random.randrange(8)
    return mode, bytes(data)


def outcome(kernel: Kernel, seed: Seed, streams: list[Stream]) -> bytes | None:
    """The bytes, or None where the streams were refused."""
    width = WIDTHS[seed.scheme]
    out = memoryview(bytearray(seed.count * width))
    try:
        kernel.decode(
            streams, out, scheme=seed.scheme, width=width, base=seed.base, delta=seed.delta
        )
    except ValueError:
        return None
    return bytes(out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9)
    options = parser.parse_args()
    random = Random(options.seed)
    originals = seeds(random)
    compiled = [each for each in kernels().values() if each is not reference]
    outcomes: Counter[str] = Counter()
    begin = time.perf_counter()
    for case in range(options.cases):
        seed = random.choice(originals)
        at = random.randrange(len(seed.streams))
        wrong = [*seed.streams]
        wrong[at] = broken(wrong[at], random)
        who = compiled
        if case % REFERENCE_EVERY == 0 and seed.count < 5000:
            who = [*compiled, reference]
        found = {outcome(each, seed, wrong) for each in who}
        if len(found) != 1:
            outcomes["WRONG"] += 1
            print(
                f"case {case}: {seed.scheme!r}, {seed.delta!r}, {seed.count} elements, stream {at}",
                file=sys.stderr,
            )
        outcomes["refused" if None in found else "read"] += 1
        outcomes["decoded"] += len(who)
        if time.perf_counter() - begin > options.seconds:
            break
    names = ", ".join(each.name for each in compiled)
    print(f"{names}: {dict(outcomes)} in {time.perf_counter() - begin:.0f} s")
    return int(bool(outcomes["WRONG"]))


if __name__ == "__main__":
    sys.exit(main())
