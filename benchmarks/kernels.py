"""CPU seconds that each compiled kernel takes to decode a GB, in turn: one thread, from the cache.

    python benchmarks/kernels.py --rounds 15

Weights are normal numbers, made with a seed, in one group of 1 MiB.
"""

import argparse
import time

import numpy as np

from modelhub.pas.kernels import Scheme
from modelhub.pas.kernels.choosing import kernels
from modelhub.pas.kernels.reference import reference

ELEMENTS = 1 << 18
TIMES = 16  # decodes a round


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    compiled = [each for each in kernels().values() if each is not reference]
    values = np.random.default_rng(2017).standard_normal(ELEMENTS, np.float32) * 0.02
    upper = values.view(np.uint16)[1::2]  # bfloat16, cut off
    for scheme, raw in (
        (Scheme.FLOAT32, values.tobytes()),
        (Scheme.BFLOAT16, upper.tobytes() * 2),
    ):
        width = 4 if scheme is Scheme.FLOAT32 else 2
        coded = compiled[-1].encode(raw, scheme=scheme, width=width)
        out = memoryview(bytearray(len(raw)))
        taken: dict[str, list[float]] = {each.name: [] for each in compiled}
        for _ in range(rounds):
            for each in compiled:
                start = time.thread_time()
                for _ in range(TIMES):
                    each.decode(coded, out, scheme=scheme, width=width)
                taken[each.name].append((time.thread_time() - start) / TIMES / len(raw) * 1e9)
        assert out == raw
        found = ", ".join(f"{name} {min(every):.2f}" for name, every in taken.items())
        print(f"{scheme.name}: {found} CPU s a GB")


if __name__ == "__main__":
    main()
