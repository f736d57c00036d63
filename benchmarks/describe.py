"""`desc` of a large model, and `diff` of two versions of it: time and memory of whole processes.

The second version is the first after a step: every weight moved a little, one layer retyped.

python benchmarks/describe.py --gb 1 --rounds 3
"""

import argparse
import shutil
import sys
import tempfile
from multiprocessing import Process
from pathlib import Path

from measure import alternate, record, run, summary

from modelhub import Repository

DLV = [sys.executable, "-m", "modelhub.cli"]
WIDTH = 2048
STEP = 1e-4  # of a weight's deviation, about what an epoch of tuning moves


def fill(folder: Path, layers: int) -> None:
    """Commit both versions."""
    import torch  # of the filling process only
    from torch import nn

    def model(last: nn.Module) -> nn.Module:
        torch.manual_seed(0)
        dense = [nn.Linear(WIDTH, WIDTH) for _ in range(layers)]
        acts = [*(nn.ReLU() for _ in range(layers - 1)), last]
        return nn.Sequential(*(each for pair in zip(dense, acts, strict=True) for each in pair))

    with Repository.init(folder) as repository, torch.no_grad():
        example = torch.zeros(2, WIDTH)
        first = model(nn.ReLU())
        repository.commit("big", first, example, metrics={"loss": 0.5})
        second = model(nn.GELU())
        for each in second.parameters():
            each.add_(STEP * each.std() * torch.randn_like(each))
        repository.commit("big", second, example, metrics={"loss": 0.4})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gb", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dlv-describe")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    # In a process of its own: the peak of a child counts from its parent's memory on.
    filling = Process(target=fill, args=(options.work, round(options.gb * 1e9 / 4 / WIDTH**2)))
    filling.start()
    filling.join()
    commands = {
        "version": ["version"],
        "desc": ["desc", "big"],
        "diff": ["diff", "big@1", "big@2"],
        "diff --only network": ["diff", "big@1", "big@2", "--only", "network"],
        "diff --exact": ["diff", "big@1", "big@2", "--exact"],
    }
    found = alternate(
        {
            name: lambda words=words: run([*DLV, *words], options.work)
            for name, words in commands.items()
        },
        rounds=options.rounds,
    )
    print("\n" + summary(found, "desc"))
    record("describe", found, gb=options.gb)
    shutil.rmtree(options.work)


if __name__ == "__main__":
    main()
