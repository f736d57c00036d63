"""What is exact is computed plainly, the rest in enclosures."""

import pytest
import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.enclosures.enclosure import Mode, Propagation
from modelhub.wrappers.torch.enclosures.walk import Walk, inexact_states
from modelhub.wrappers.torch.lower import lower


class Shared(nn.Module):
    """One layer, twice."""

    def __init__(self):
        super().__init__()
        self.once, self.twice = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return self.twice(self.once(self.twice(x).cumsum(1)))


def rebuilt(module, x):
    network = capture(module.eval(), (x,)).network
    return build(network, dict(module.state_dict())), lower(network)


def test_the_dense_suffix_is_what_follows_the_last_convolution() -> None:
    """In the order in which it is read."""
    module = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3)
    )
    assert inexact_states(*rebuilt(module, torch.zeros(2, 1, 4, 4))) == ["3.weight", "5.weight"]


def test_an_operator_without_a_rule_ends_the_suffix() -> None:
    """What it reads must be exact."""
    module = nn.Sequential(nn.Linear(4, 4), nn.Softplus(), nn.Linear(4, 4))
    assert inexact_states(*rebuilt(module, torch.zeros(2, 4))) == ["2.weight"]


def test_a_layer_that_is_called_twice_is_read_in_full() -> None:
    """One of its calls may be where nothing is inexact."""
    assert inexact_states(*rebuilt(Shared(), torch.zeros(2, 4))) == ["once.weight"]


def test_a_missing_rule_is_named() -> None:
    """The node, its kind, and what follows."""
    module, graph = rebuilt(
        nn.Sequential(nn.Linear(4, 4), nn.Softplus(), nn.Linear(4, 4)), torch.zeros(2, 4)
    )
    with pytest.raises(InputError, match="has no rule, so the weights before it must be read"):
        Walk(module, graph, {"0.weight": torch.zeros(4, 4)})


def test_without_radii_there_is_nothing_to_enclose() -> None:
    """All weights are known."""
    module, graph = rebuilt(nn.Sequential(nn.Linear(4, 4)), torch.zeros(2, 4))
    assert Walk(module, graph, {}).is_exact


def test_values_that_nothing_reads_any_more_are_let_go() -> None:
    """Only what enters the suffix is kept."""
    module = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4, 3))
    x = torch.randn(2, 1, 4)
    built, graph = rebuilt(module, x)
    step = Walk(built, graph, {"3.weight": torch.zeros(3, 4)})
    (kept,) = step.entering([x]).values()
    assert torch.equal(kept, module[:3](x))
    found = step.output(Propagation(mode=Mode.BOX), step.entering([x]))
    assert torch.allclose(found.centre, module(x))
