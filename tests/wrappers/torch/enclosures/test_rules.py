"""Which operators have a rule."""

import pytest
import torch
from torch import nn

from modelhub.wrappers.torch.enclosures.enclosure import Enclosure, Mode, Propagation
from modelhub.wrappers.torch.enclosures.rules import OPERATORS, has_product, rule_of

aten = torch.ops.aten


@pytest.mark.parametrize(
    "module",
    [
        nn.LSTM(2, 2),
        nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"),
        nn.BatchNorm2d(2, track_running_stats=False),
        nn.MaxPool2d(2, return_indices=True),
        nn.LeakyReLU(-0.5),
    ],
)
def test_what_no_rule_is_for_has_none(module) -> None:
    """A layer of another kind, or of a variety that its rule does not know."""
    assert rule_of("name", module) is None


def test_only_linear_layers_have_weights_with_a_radius() -> None:
    """Vectors are read in full."""
    assert has_product(nn.Linear(1, 1))
    assert not has_product(nn.LayerNorm(1))


@pytest.mark.parametrize(
    ("operator", "args"),
    [
        (aten.transpose.int, (0, 1)),
        (aten.permute.default, ([1, 0, 2],)),
        (aten.view.default, ([6, 2],)),
        (aten.mean.dim, ([0],)),
        (aten.mean.dim, ([-3],)),
        (aten.dropout.default, (0.5, True)),
    ],
)
def test_inputs_of_a_batch_stay_apart(operator, args) -> None:
    """What would mix the rows of a batch is used in a way that no rule covers."""
    value = Enclosure(centre=torch.zeros(2, 3, 2), radius=torch.zeros(2, 3, 2))
    with pytest.raises(NotImplementedError):
        OPERATORS[operator](Propagation(mode=Mode.BOX), value, *args)


def test_elements_may_change_places_within_a_row() -> None:
    """The radius goes with them."""
    value = Enclosure(centre=torch.zeros(1, 2, 3), radius=torch.arange(6.0).reshape(1, 2, 3))
    found = OPERATORS[aten.transpose.int](Propagation(mode=Mode.BOX), value, 1, 2)
    assert found.radius is not None
    assert found.radius.tolist() == [[[0, 3], [1, 4], [2, 5]]]
