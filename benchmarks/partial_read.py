"""Bytes read for one tensor, or some rows of it, out of a large model; counted by the store.

python benchmarks/partial_read.py --gb 4
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from large_file import make_file

from modelhub import Repository


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gb", type=float, default=4)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dlv-partial")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir()
    make_file(options.work / "model.safetensors", options.gb)
    with Repository.init(options.work) as repository:
        repository.commit("big", "model.safetensors")
        tensor = repository["big"].tensors["layer.3.weight"]
        print("| asked for | its bytes | stored bytes read | ratio |\n|---|---|---|---|")
        for name, rows in (
            ("the whole tensor", slice(None)),
            ("rows 0:1024", slice(0, 1024)),
            ("rows 1000:1064", slice(1000, 1064)),
            ("row 7", slice(7, 8)),
        ):
            before = repository.store.bytes_read
            size = tensor[rows].nbytes
            read = repository.store.bytes_read - before
            print(f"| {name} | {size:,} | {read:,} | {read / size:.2f} |")
    shutil.rmtree(options.work)


if __name__ == "__main__":
    main()
