"""What `dlv archive` makes of real checkpoints: bytes, and the time to read each snapshot back.

    python benchmarks/archive.py [--snapshots 8] [--tunes 5] [--every 40]

The demo's LeNet is trained on digits, and tuned several times, each time from the first one's
last snapshot; every run is one commit of all its snapshots. Then the same repository is stored
in several ways, one after another, each followed by `dlv gc`. Reading is timed with one thread,
files in the system's cache, medians of five; predicted times are those of the plan.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
import zstandard
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parent.parent / "demo"))

from train import TRAINING, LeNet, digits

from modelhub import Repository
from modelhub.dlv import ArchiveOptions, archive, collect_garbage, commit
from modelhub.dlv.operations.commit import CommitOptions
from modelhub.pas import ArchiveReader, Effort

REPEATS = 5
PLANS = {
    "fastest (alpha 1)": ArchiveOptions(alpha=1),
    "alpha 1.6": ArchiveOptions(alpha=1.6),
    "default alpha": ArchiveOptions(),
    "smallest (mst)": ArchiveOptions(optimizer="mst"),
}


def train(net: LeNet, folder: Path, *, seed: int, rate: float, options: argparse.Namespace) -> None:
    """Train on, and save a checkpoint every so many batches."""
    torch.manual_seed(seed)
    images, labels = digits(turned=seed > 0)
    order = torch.randperm(TRAINING)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
    folder.mkdir(parents=True)
    for step in range(1, options.snapshots * options.every + 1):
        rows = order[torch.arange(50 * step, 50 * step + 50) % TRAINING]
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(images[rows]), labels[rows]).backward()
        optimizer.step()
        if step % options.every == 0:
            save_file(net.state_dict(), folder / f"model_{step:05}.safetensors")


def runs(root: Path, options: argparse.Namespace) -> list[Path]:
    """The folders of all runs, the first of which the others start from."""
    torch.manual_seed(0)
    net = LeNet()
    train(net, root / "lenet", seed=0, rate=0.01, options=options)
    start = {name: value.clone() for name, value in net.state_dict().items()}
    for number in range(1, options.tunes + 1):
        net.load_state_dict(start)
        train(net, root / f"tune{number}", seed=number, rate=0.001, options=options)
    return [root / "lenet", *(root / f"tune{n}" for n in range(1, options.tunes + 1))]


def zipped(files: list[Path]) -> int | None:
    """Bytes of all files by zipnn, if it is installed."""
    try:
        import zipnn
    except ImportError:
        return None
    packer = zipnn.ZipNN(bytearray_dtype="float32")
    return sum(len(packer.compress(path.read_bytes())) for path in files)


def read_times(root: Path) -> list[float]:
    """Seconds to read each snapshot, the median of several times."""
    found = []
    with Repository.open(root) as repository:
        reader = ArchiveReader(repository.store, repository.index, threads=1)
        for version in repository:
            for snapshot in version.snapshots:
                tensors = repository[f"{version.ref}/{snapshot}"].tensors
                ids = [each.id for each in tensors.values()]
                took = []
                for _ in range(REPEATS):
                    start = time.perf_counter()
                    for id_ in ids:
                        reader.read(id_)
                    took.append(time.perf_counter() - start)
                found.append(median(took))
        reader.close()
    return found


def objects(root: Path) -> int:
    return sum(path.stat().st_size for path in (root / ".dlv/objects").rglob("*") if path.is_file())


def stored(root: Path, name: str, options: ArchiveOptions | None) -> dict:
    """One way to store everything: bytes and times."""
    row: dict = {"stored": name}
    if options is not None:
        with Repository.open(root) as repository:
            done = archive(repository, options=options)
            collect_garbage(repository)
        row |= {
            "alpha": done.alpha,
            "matrices": done.after,
            "bound": done.bound,
            "planned_in_s": round(done.elapsed_s, 2),
            "predicted_median_ms": round(1000 * done.recreation_after.median, 2),
            "predicted_worst_ms": round(1000 * done.recreation_after.worst, 2),
        }
    times = read_times(root)
    return row | {
        "bytes": objects(root),
        "median_ms": round(1000 * float(np.median(times)), 2),
        "worst_ms": round(1000 * max(times), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--snapshots", type=int, default=8, help="of each run")
    parser.add_argument("--tunes", type=int, default=5, help="runs that start from the first")
    parser.add_argument("--every", type=int, default=40, help="batches between snapshots")
    options = parser.parse_args()
    torch.set_num_threads(1)
    root = Path(tempfile.mkdtemp(prefix="archive-"))
    try:
        folders = runs(root, options)
        files = sorted(path for folder in folders for path in folder.iterdir())
        level = zstandard.ZstdCompressor(level=19)
        print(json.dumps({"files": len(files), "bytes": sum(p.stat().st_size for p in files)}))
        packed = sum(len(level.compress(path.read_bytes())) for path in files)
        print(json.dumps({"zstd -19 of each file": packed}))
        print(json.dumps({"zipnn of each file": zipped(files)}), flush=True)
        with Repository.init(root) as repository:
            for number, folder in enumerate(folders):
                parents = ["lenet@1"] if number else None
                commit(
                    repository, folder.name, paths=[folder], options=CommitOptions(parents=parents)
                )
        print(json.dumps(stored(root, "as committed", None)), flush=True)
        for name, plan in PLANS.items():
            print(json.dumps(stored(root, name, plan)), flush=True)
        thorough = ArchiveOptions(effort=Effort.THOROUGH)
        print(json.dumps(stored(root, "default alpha, thorough", thorough)))
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
