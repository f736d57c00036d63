"""A network that is quick to train, and the digits that it is trained on."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from modelhub.dlv.repository import Repository

CONFIG = '{input_data: "digits.npz", max_iter: 20, base_lr: 0.1, batch_size: 16}'


def averaging(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    layers = {
        "conv1": nn.Conv2d(1, 4, 3),
        "pool1": nn.AvgPool2d(2),
        "flat": nn.Flatten(),
        "fc1": nn.Linear(36, 10),
    }
    return nn.Sequential(OrderedDict(layers)).eval()


def write_digits(path: Path, start: int = 0, count: int = 200) -> None:
    """Real digits of 8 by 8."""
    images, labels = load_digits(return_X_y=True)
    chosen = slice(start, start + count)
    pixels = (images / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    np.savez(path, images=pixels[chosen], labels=labels[chosen])


def with_networks(folder: Path) -> Repository:
    """A repository with one network, and digits beside it."""
    write_digits(folder / "digits.npz")
    models = Repository.init(folder)
    models.commit("lenet", averaging(), torch.zeros(2, 1, 8, 8))
    return models


def fitting(module, data, config, report) -> None:
    """A training of the user's."""
    optimizer = torch.optim.SGD(module.parameters(), lr=config["base_lr"])
    for step, (images, labels) in enumerate(data(), 1):
        loss = nn.functional.cross_entropy(module(torch.tensor(images)), torch.tensor(labels))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        report(step, loss=float(loss.detach()) * config["user"].get("times", 1))


def silent(*_) -> None:
    """A training that says nothing."""


def broken(_module, _data, _config, report) -> None:
    """A training with a mistake."""
    report(1, loss=1)
    raise KeyError("oops")
