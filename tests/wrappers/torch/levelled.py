"""Arrays in memory as weights that are read by levels, for tests; and a small LeNet on digits."""

from dataclasses import dataclass, field

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from modelhub.wrappers.torch.capture import capture

BITS = {1: 9, 2: 16, 3: 24, 4: 32}  # of a float32, known by its first levels


@dataclass(frozen=True)
class Known:
    values: np.ndarray
    radius: np.ndarray
    bytes_read: int
    bytes_stored: int


@dataclass
class ArrayWeight:
    """An array; `asked` is what was read of it, in order."""

    array: np.ndarray
    asked: list[int] = field(default_factory=list)

    @property
    def dtype(self):
        return self.array.dtype.name

    @property
    def shape(self):
        return self.array.shape

    def read_into(self, out):
        self.asked.append(4)
        out.cast("B")[:] = np.ascontiguousarray(self.array).reshape(-1).view(np.uint8).data

    def levels(self, count):
        self.asked.append(count)
        drop = 32 - BITS[count]
        bits = self.array.view(np.uint32)
        mask = np.uint32((0xFFFFFFFF >> drop) << drop)
        ends = [x.view(np.float32).astype(np.float64) for x in (bits & mask, bits | ~mask)]
        values = ((ends[0] + ends[1]) / 2).astype(np.float32)
        reach = np.maximum(*(np.abs(end - values) for end in ends))
        radius = np.nextafter(reach.astype(np.float32), np.float32(np.inf))
        size = self.array.size
        return Known(values, radius, size * BITS[count] // 8, size * 4)


def weights_of(module):
    """The state of a module, by levels."""
    return {name: ArrayWeight(value.numpy().copy()) for name, value in module.state_dict().items()}


def lenet(seed=0):
    """A small LeNet, the digits that it was not trained on, and their classes."""
    data = load_digits()
    images = (data.images[:, None] / 16).astype(np.float32)
    torch.manual_seed(seed)
    module = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 120),
        nn.ReLU(),
        nn.Linear(120, 10),
    )
    x, y = torch.from_numpy(images[:1297]), torch.from_numpy(data.target[:1297])
    optimizer = torch.optim.Adam(module.parameters(), lr=3e-3)
    for _ in range(8):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(x[rows]), y[rows]).backward()
            optimizer.step()
    return module.eval(), images[1297:], data.target[1297:]


def network_of(module, images):
    """Its network, of batches of any size."""
    return capture(module, (torch.from_numpy(images[:2]),)).network
