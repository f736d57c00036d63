"""Normalizations."""

import torch
from torch import nn

from modelhub.wrappers.torch.enclosures.enclosure import Enclosure, Mode, Propagation
from modelhub.wrappers.torch.enclosures.norms import batch, layer, root_mean_square


def outside(rule, module, centre, radius):
    found = rule(Propagation(mode=Mode.CENTRE), module, Enclosure(centre=centre, radius=radius))
    count = 0
    for draw in range(50):
        share = torch.rand_like(centre) * 2 - 1
        share = share.sign() if draw % 2 else share
        exact = module.double()(centre.double() + share.double() * radius)
        module.float()
        count += int(((exact - found.centre).abs() > found.radius).sum())
    return count


def test_rows_of_tiny_variance_stay_inside() -> None:
    """Where the deviation may vanish, the result may be anything that it can be."""
    torch.manual_seed(0)
    module = nn.LayerNorm(8)
    centre = torch.randn(30, 8) * torch.logspace(-7, 1, 30)[:, None]
    for radius in (1e-7, 1e-3, 0.1, 2.0):
        assert outside(layer, module, centre, torch.full_like(centre, radius)) == 0


def test_the_root_of_the_mean_square_stays_inside() -> None:
    """Likewise."""
    torch.manual_seed(0)
    centre = torch.randn(30, 8)
    for radius in (1e-7, 1e-3, 0.1, 2.0):
        wide = torch.full_like(centre, radius)
        assert outside(root_mean_square, nn.RMSNorm(8), centre, wide) == 0


def test_a_batch_normalization_is_a_factor_and_a_shift() -> None:
    """By its running statistics."""
    module = nn.BatchNorm1d(3).eval()
    assert module.running_mean is not None
    module.running_mean.fill_(0.5)
    centre = torch.randn(6, 3)
    assert outside(batch, module, centre, torch.full_like(centre, 0.1)) == 0
