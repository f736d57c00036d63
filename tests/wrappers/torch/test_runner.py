"""Networks are run plainly, or by levels of their weights."""

import numpy as np
import torch
from levelled import network_of, weights_of
from torch import nn

from modelhub.wrappers import RUNNERS, LevelRunner

IMAGES = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)


def test_both_ways_name_the_same_classes() -> None:
    """By levels, once all weights are read, bitwise the same scores."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)).eval()
    network, runner = network_of(module, IMAGES), RUNNERS.get("torch")
    assert isinstance(runner, LevelRunner)
    plain = runner.load(network, weights_of(module), {})
    staged = runner.load_by_levels(network, weights_of(module), top=1)
    while not staged.is_full:
        staged.advance()
    (wanted,) = plain({plain.inputs[0]: IMAGES})

    assert np.array_equal(staged.answer({staged.inputs[0]: IMAGES}).scores, wanted)
