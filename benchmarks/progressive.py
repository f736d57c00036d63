"""How many labels are certain from how many bytes, and what the network at mid-points names.

    python benchmarks/progressive.py [--steps 300]

The paper's Fig. 6d as two curves, for the demo's LeNet on the digits that it was not trained on.
Bytes are counted by the store; nothing is timed.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "demo"))

from train import TRAINING, LeNet, digits

from modelhub import Repository
from modelhub.dlv import CommitOptions, EvalOptions, commit_state, evaluate
from modelhub.wrappers import MODULES


def trained(steps: int) -> torch.nn.Module:
    """LeNet, after so many batches of 50."""
    torch.manual_seed(0)
    net = LeNet()
    images, labels = digits()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for step in range(steps):
        rows = torch.arange(50 * step, 50 * step + 50) % TRAINING
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(images[rows]), labels[rows]).backward()
        optimizer.step()
    return net.eval()


def midpoints_differ(repository: Repository, net: torch.nn.Module, images: torch.Tensor) -> dict:
    """The share of labels that change with all matrices at their mid-points, by levels."""
    tensors = repository["lenet"].tensors
    with torch.no_grad():
        wanted = net(images).argmax(1)
        found = {}
        for levels in (1, 2, 3):
            state = dict(net.state_dict())
            for name, value in state.items():
                if value.dim() > 1:
                    state[name] = torch.from_numpy(tensors[name].levels(levels).values.copy())
            moved = LeNet().eval()
            moved.load_state_dict(state)
            found[levels] = float((moved(images).argmax(1) != wanted).double().mean())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300, help="batches of training")
    steps = parser.parse_args().steps
    net = trained(steps)
    images, labels = (each[TRAINING:] for each in digits())
    captured = MODULES.get("torch").capture(net, (torch.zeros(2, *images.shape[1:]),))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "digits.npz"
        np.savez(data, x=images.numpy(), y=labels.numpy())
        with Repository.init(Path(folder) / "repository") as repository:
            options = CommitOptions(network=captured)
            commit_state(repository, "lenet", net.state_dict(), options=options)
            plain = evaluate(repository, ["lenet"], str(data)).rows[0]
            by_levels = EvalOptions(progressive=True)
            staged = evaluate(repository, ["lenet"], str(data), options=by_levels).rows[0]
            differs = midpoints_differ(repository, net, images)
    for name, row in (("plainly", plain), ("by levels", staged)):
        print(f"accuracy {name:9} {row.metrics['accuracy']:.4f}")
    for each in staged.stages:
        certain = f"certain {each.certain:.4f}"
        right = f"right {each.at_least:.4f} to {each.at_most:.4f}"
        print(f"{each.stage:24} read {each.read:.3f}  {certain}  {right}")
    print("mid-points name another class:", json.dumps(differs))


if __name__ == "__main__":
    main()
