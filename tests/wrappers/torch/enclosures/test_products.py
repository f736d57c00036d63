"""Linear layers."""

import torch
from torch import nn

from modelhub.wrappers.torch.enclosures.enclosure import UNIT, Enclosure, Mode, Propagation
from modelhub.wrappers.torch.enclosures.products import linear, product


def test_a_layer_whose_weights_are_known_is_off_by_rounding_only() -> None:
    """Of a sum of three products, a few units."""
    module = nn.Linear(3, 2)
    how = Propagation(mode=Mode.BOX)
    found = linear(how, product(how, module, None), Enclosure(centre=torch.ones(1, 3)))
    assert found.radius is not None
    assert 0 < float(found.radius.max()) < 1e-4


def test_rounding_counts_the_gradients_of_a_convolution() -> None:
    """One channel in, many out: a gradient is a sum over them and the window."""
    how = Propagation(mode=Mode.CENTRE)
    few = product(how, nn.Conv2d(1, 2, 3, bias=False), None)
    many = product(how, nn.Conv2d(1, 64, 3, bias=False), None)
    assert many.unit > 64 * 9 * UNIT[torch.float32] > few.unit


def test_the_corner_of_all_weights_is_reached() -> None:
    """Inputs that are all positive, weights all at their upper ends: the bound is tight."""
    module = nn.Linear(100, 1, bias=False)
    radius = torch.full_like(module.weight, 0.01)
    how = Propagation(mode=Mode.BOX, dtype=torch.float64, reference=0.0)
    layer = product(how, module, radius.detach())
    found = linear(how, layer, Enclosure(centre=torch.ones(1, 100)))
    assert found.radius is not None
    assert 1 <= float(found.radius) / (100 * float(radius[0, 0])) < 1.001
