"""dlv's evaluation of LeNet on 10,000 pictures beside a plain loop of PyTorch, A B A B.

python benchmarks/evaluate.py [--examples 10000] [--rounds 4]
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parent.parent / "demo"))

from train import LeNet

from modelhub import Repository
from modelhub.dlv import CommitOptions, commit_state, evaluate
from modelhub.wrappers import MODULES

BATCH = 64


def plain(net: LeNet, place: Path) -> tuple[float, float]:
    """What one writes by hand: accuracy and loss."""
    found = np.load(place)
    images, labels = torch.from_numpy(found["x"]), torch.from_numpy(found["y"])
    right, loss = 0, 0.0
    with torch.no_grad():
        for start in range(0, len(labels), BATCH):
            logits = net(images[start : start + BATCH])
            wanted = labels[start : start + BATCH]
            right += int((logits.argmax(1) == wanted).sum())
            loss += float(functional.cross_entropy(logits, wanted, reduction="sum"))
    return right / len(labels), loss / len(labels)


def main() -> None:
    """Print seconds of both, and that they measure the same."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=4)
    given = parser.parse_args()
    torch.manual_seed(0)
    net = LeNet().eval()
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder, Repository.init(folder) as repository:
        place = Path(folder) / "data.npz"
        images = rng.random((given.examples, 1, 28, 28), np.float32)
        np.savez(place, x=images, y=rng.integers(0, 10, given.examples))
        captured = MODULES.get("torch").capture(net, (torch.zeros(2, 1, 28, 28),))
        commit_state(repository, "lenet", net.state_dict(), options=CommitOptions(network=captured))
        times: dict[str, list[float]] = {"torch": [], "dlv": []}
        for _ in range(given.rounds):
            begun = time.perf_counter()
            expected = plain(net, place)
            times["torch"].append(time.perf_counter() - begun)
            begun = time.perf_counter()
            (row,) = evaluate(repository, ["lenet"], str(place)).rows
            times["dlv"].append(time.perf_counter() - begun)
            assert row.metrics["accuracy"] == expected[0]
            assert abs(row.metrics["loss"] - expected[1]) < 1e-6
        for name, seconds in times.items():
            print(f"{name:6} median {statistics.median(seconds):.2f} s  {sorted(seconds)}")


if __name__ == "__main__":
    main()
