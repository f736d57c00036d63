"""Nothing that weights inside their radii can give lies outside an enclosure or a margin.

Random weights move a value by the root of their number, corners by the number: both are drawn.
"""

import copy
import dataclasses

import pytest
import torch
from torch import nn

from modelhub.network import network_bytes
from modelhub.wrappers.torch.enclosures import products, walk
from modelhub.wrappers.torch.enclosures.enclosure import UNIT, Mode, Propagation
from modelhub.wrappers.torch.enclosures.margins import by_boxes, by_gradients

DRAWS = ("uniform", "corner", "upper", "lower", "true")


class Attention(nn.Module):
    """A block of a transformer, with a head."""

    def __init__(self, *, is_causal):
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.q, self.k, self.v, self.o = (nn.Linear(8, 8) for _ in range(4))
        self.up, self.down = nn.Linear(8, 16), nn.Linear(16, 8)
        self.head = nn.Linear(8, 5)
        self.is_causal = is_causal

    def forward(self, x):
        y = self.norm(x)
        heads = [part(y).unflatten(-1, (2, 4)).transpose(1, 2) for part in (self.q, self.k, self.v)]
        found = nn.functional.scaled_dot_product_attention(*heads, is_causal=self.is_causal)
        x = x + self.o(found.transpose(1, 2).flatten(2))
        x = x + self.down(nn.functional.gelu(self.up(x)))
        return self.head(x.mean(1))


class Gated(nn.Module):
    """A gated product, a residual and a concatenation."""

    def __init__(self):
        super().__init__()
        self.norm, self.gate, self.up = nn.RMSNorm(6), nn.Linear(6, 9), nn.Linear(6, 9)
        self.head = nn.Linear(15, 4)

    def forward(self, x):
        y = self.norm(x)
        z = nn.functional.silu(self.gate(y)) * self.up(y) - 0.5 * self.gate(y)
        return torch.log_softmax(self.head(torch.cat([x, z / 3], 1)), -1)


def convolutional(activation, pool):
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1, stride=1),
        nn.BatchNorm2d(6),
        activation,
        pool,
        nn.Conv2d(6, 8, 3, groups=2, dilation=1),
        activation,
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(32, 5),
    )


IMAGE, ROW, TOKENS = (6, 1, 9, 9), (6, 6), (6, 5, 8)
MODULES = {
    "relu": (lambda: convolutional(nn.ReLU(), nn.MaxPool2d(2)), IMAGE),
    "overlapping": (lambda: convolutional(nn.ReLU(), nn.MaxPool2d(3, stride=2)), IMAGE),
    "leaky": (lambda: convolutional(nn.LeakyReLU(0.1), nn.AvgPool2d(2)), IMAGE),
    "hard-swish": (lambda: convolutional(nn.Hardswish(), nn.MaxPool2d(2)), IMAGE),
    "hard-sigmoid": (lambda: convolutional(nn.Hardsigmoid(), nn.AvgPool2d(2)), IMAGE),
    "relu6": (lambda: convolutional(nn.ReLU6(), nn.AvgPool2d(2)), IMAGE),
    "silu": (lambda: convolutional(nn.SiLU(), nn.AvgPool2d(2)), IMAGE),
    "gelu": (lambda: nn.Sequential(nn.Linear(6, 40), nn.GELU(), nn.Linear(40, 5)), ROW),
    "tanh": (lambda: nn.Sequential(nn.Linear(6, 40), nn.Tanh(), nn.Linear(40, 5)), ROW),
    "sigmoid": (
        lambda: nn.Sequential(nn.Linear(6, 40), nn.Sigmoid(), nn.Linear(40, 5), nn.Softmax(1)),
        ROW,
    ),
    "layer-norm": (
        lambda: nn.Sequential(nn.Linear(6, 9), nn.LayerNorm(9), nn.ReLU(), nn.Linear(9, 5)),
        ROW,
    ),
    "gated": (Gated, ROW),
    "attention": (lambda: Attention(is_causal=False), TOKENS),
    "causal": (lambda: Attention(is_causal=True), TOKENS),
}


@pytest.fixture(name="case", scope="module", params=MODULES)
def case_fixture(request, known):
    """A module of each kind, known to 7, 15 and all bits but the last, with inputs."""
    make, shape = MODULES[request.param]
    torch.manual_seed(5)
    module = make()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
    x = torch.randn(shape) * 2
    return {bits: known(copy.deepcopy(module), x, None, bits) for bits in (7, 15, 22)}, x


def outside(each, x, ways):
    """How many values of drawn weights lie outside the enclosures of the outputs."""
    step = each.walk
    found = [(how, step.output(how, step.entering([x]))) for how in ways]
    count = 0
    for seed, draw in enumerate(DRAWS):
        module = each.drawn(draw, seed)
        with torch.no_grad():
            exact = copy.deepcopy(module).double()(x.double())
            values = [(exact, False), (module(x), True)]
        for how, output in found:
            for value, is_float in values:
                if is_float and how.reference == 0.0:
                    continue
                distance = (value.double() - output.centre.double()).abs()
                count += int((distance > output.radius.double()).sum())
                if output.norm is not None:
                    lengths = distance.flatten(output.rows).norm(dim=-1)
                    count += int((lengths > output.norm.double()).sum())
    return count


def below(each, x, tolerance=0.0):
    """How many margins of drawn weights lie below their bounds."""
    step = each.walk
    values = step.entering([x])
    boxes = by_boxes(step, values, Propagation(mode=Mode.BOX, tolerance=tolerance))
    rivals = torch.ones_like(boxes.below, dtype=torch.bool)
    how = Propagation(mode=Mode.CENTRE, tolerance=tolerance)
    gradients = by_gradients(step, values, how, rivals)
    count = 0
    for seed, draw in enumerate(DRAWS):
        module = each.drawn(draw, seed)
        with torch.no_grad():
            for given in (module(x).double(), copy.deepcopy(module).double()(x.double())):
                for found in (boxes, gradients):
                    margin = given.gather(1, found.labels[:, None]) - given
                    is_bound = torch.isfinite(found.below)
                    if b"softmax" in network_bytes(each.network).lower():
                        margin, wanted = (margin > 0).double(), (found.below > 0).double()
                        count += int((margin[is_bound] < wanted[is_bound]).sum())
                    else:
                        count += int((margin[is_bound] < found.below.double()[is_bound]).sum())
    return count


@pytest.mark.parametrize("bits", [7, 15, 22])
def test_values_lie_inside(case, ways, bits):
    """In both modes, as float32 computes them, and over the real numbers."""
    known, x = case
    assert outside(known[bits], x, ways) == 0


@pytest.mark.parametrize("tolerance", [0.0, 1e-5])
@pytest.mark.parametrize("bits", [7, 15])
def test_margins_hold(case, bits, tolerance):
    """By boxes, and by gradients."""
    known, x = case
    assert below(known[bits], x, tolerance) == 0


def test_some_labels_are_certain(case):
    """Bounds that hold because they say nothing would be no bounds."""
    known, x = case
    step = known[22].walk
    boxes = by_boxes(step, step.entering([x]), Propagation(mode=Mode.BOX))
    assert boxes.is_certain.any()


def halved(layer):
    return {"radius": layer.radius / 2, "spread": layer.spread / 2}


def unrounded(layer):
    return {"spread": layer.radius, "bias_spread": layer.bias_spread * 0}


def weightless(layer):
    return {"spread": layer.spread - layer.radius, "radius": layer.radius * 0}


@pytest.mark.parametrize(
    ("mutation", "bits"), [(halved, 7), (unrounded, 22), (weightless, 7), (weightless, 15)]
)
def test_a_broken_rule_is_noticed(known, ways, monkeypatch, mutation, bits):
    """The tests of containment are tested."""
    torch.manual_seed(1)
    module = nn.Sequential(nn.Linear(300, 200))
    x = torch.randn(32, 300).abs()
    each = known(module, x, None, bits)
    assert outside(each, x, ways) == 0

    def broken(*args):
        layer = products.product(*args)
        return dataclasses.replace(layer, **mutation(layer))

    monkeypatch.setattr(walk, "product", broken)
    if mutation is unrounded:
        how = [Propagation(mode=Mode.BOX, reference=UNIT[torch.float32])]
        for spread in each.radii.values():
            spread.zero_()
        each.centres.update({name: each.state[name] for name in each.centres})
        assert outside(each, x, how) > 0
    else:
        assert outside(each, x, ways) > 0
