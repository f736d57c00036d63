"""Ten thousand versions: `list`, `commit` of a tiny model, opening, against an empty repository.

`import sqlalchemy` runs beside them: what a command that loads it cannot be faster than.

python benchmarks/many_versions.py --versions 10000 --rounds 5
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from measure import Run, alternate, record, run, summary
from safetensors.numpy import save_file

from modelhub import Repository

DLV = [sys.executable, "-m", "modelhub.cli"]


def fill(folder: Path, versions: int) -> None:
    """Commit tiny models under a hundred names, each a child of the one before."""
    with Repository.init(folder) as repository:
        for number in range(versions):
            state = {
                "weight": np.full((4, 4), number, np.float32),
                "bias": np.arange(4, dtype=np.float32) + number,
            }
            repository.commit(f"tiny-{number % 100}", state, metrics={"loss": 1 / (number + 1)})
            if (number + 1) % 1000 == 0:
                print(f"{number + 1} versions", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dlv-many")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    full, empty = options.work / "full", options.work / "empty"
    full.mkdir(parents=True)
    empty.mkdir()
    fill(full, options.versions)
    Repository.init(empty).close()
    count = 0

    def commit(folder: Path) -> Run:
        nonlocal count
        count += 1
        save_file({"w": np.full(8, count, np.float32)}, folder / "model.safetensors")
        return run([*DLV, "commit", "fresh", "model.safetensors"], folder)

    found = alternate(
        {
            "commit, empty": lambda: commit(empty),
            "commit, full": lambda: commit(full),
            "list, full": lambda: run([*DLV, "list"], full),
            "log of one, full": lambda: run([*DLV, "log", "tiny-7"], full),
            "desc, full": lambda: run([*DLV, "desc", "tiny-7"], full),
            "status (opens), empty": lambda: run([*DLV, "status"], empty),
            "status (opens), full": lambda: run([*DLV, "status"], full),
            "import sqlalchemy": lambda: run([sys.executable, "-c", "import sqlalchemy"], full),
        },
        rounds=options.rounds,
    )
    print("\n" + summary(found, "commit, empty"))
    objects = [p for p in (full / ".dlv/objects").rglob("*") if p.is_file()]
    print(
        f"\n{options.versions} versions in {len(objects)} objects, "
        f"{sum(p.stat().st_size for p in objects) / 1e6:.1f} MB"
    )
    record("many_versions", found, versions=options.versions, objects=len(objects))
    shutil.rmtree(options.work)


if __name__ == "__main__":
    main()
