"""Train the paper's LeNet on real digits, and fine-tune it: what the demo commits."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

PARAMETERS = 431_080  # of LeNet, as the paper counts them
TRAINING = 1500  # of the 1,797 digits; the rest tests
BATCH = 50


class LeNet(nn.Module):
    """The paper's LeNet: two convolutions, two pools, two linear layers, on 28x28 digits."""

    def __init__(self, classes: int = 10, hidden: int = 500) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.fc1 = nn.Linear(800, hidden)
        self.fc2 = nn.Linear(hidden, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Images of shape (n, 1, 28, 28) to logits of shape (n, classes)."""
        first = functional.max_pool2d(self.conv1(images), 2)
        second = functional.max_pool2d(self.conv2(first), 2)
        hidden = functional.relu(self.fc1(second.flatten(1)))
        logits: Tensor = self.fc2(hidden)
        return logits


def narrow() -> LeNet:
    """A LeNet of 300 hidden units, to tell apart from the paper's."""
    return LeNet(hidden=300)


def digits(*, turned: bool = False) -> tuple[Tensor, Tensor]:
    """The 1,797 digits that ship inside scikit-learn, 8x8, made 28x28; `turned` by 90 degrees."""
    found = load_digits()
    images = torch.from_numpy(found.images.astype(np.float32) / 16).unsqueeze(1)
    images = functional.interpolate(images, (28, 28), mode="bilinear", align_corners=False)
    if turned:
        images = torch.rot90(images, 1, (2, 3))
    return images, torch.from_numpy(found.target.astype(np.int64))


def accuracy(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of the test digits that a network names right."""
    with torch.no_grad():
        named = net(images[TRAINING:]).argmax(1)
    return float((named == labels[TRAINING:]).float().mean())


def train(
    net: LeNet,
    folder: Path,
    *,
    steps: int,
    snapshots: Sequence[int],
    rate: float,
    only: str = "",
    turned: bool = False,
) -> float:
    """Train, and write what a training run leaves: checkpoints, a log, its settings.

    Args:
        net: trained in place.
        folder: gets `checkpoints/`, `metrics.csv` and `config.json`.
        steps: batches.
        snapshots: the steps after which a checkpoint is written.
        rate: of stochastic gradient descent with momentum.
        only: a layer; the others are frozen. All are trained if empty.
        turned: on digits that lie on their side.

    Returns:
        The accuracy on the test digits.
    """
    images, labels = digits(turned=turned)
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    folder.joinpath("checkpoints").mkdir(parents=True)
    trained = [p for name, p in net.named_parameters() if name.startswith(only)]
    optimizer = torch.optim.SGD(trained, lr=rate, momentum=0.9)
    order = torch.Generator().manual_seed(steps)
    log = ["step,loss,lr,accuracy"]
    for step in range(1, steps + 1):
        chosen = torch.randint(0, TRAINING, (BATCH,), generator=order)
        loss = functional.cross_entropy(net(images[chosen]), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        measured = f"{accuracy(net, images, labels):.6f}" if step in snapshots else ""
        log.append(f"{step},{loss.item():.6f},{rate},{measured}")
        if step in snapshots:
            torch.save(net.state_dict(), folder / f"checkpoints/lenet-step={step:04d}.pt")
    settings = {"lr": rate, "momentum": 0.9, "batch_size": BATCH, "steps": steps, "turned": turned}
    folder.joinpath("metrics.csv").write_text("\n".join(log) + "\n")
    folder.joinpath("config.json").write_text(json.dumps(settings | {"trained": only or "all"}))
    return accuracy(net, images, labels)
