"""Margins of labels and of sets of labels."""

import pytest
import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.wrappers.torch.enclosures.enclosure import Mode, Propagation
from modelhub.wrappers.torch.enclosures.margins import by_boxes, by_gradients, sets_by_boxes


def head():
    module = nn.Sequential(nn.Linear(3, 3, bias=False))
    module[0].weight.data = torch.diag(torch.tensor([4.0, 2.0, 1.0]))
    return module


def test_equal_values_are_never_certain(known) -> None:
    """A tie is a tie in any evaluation."""
    each = known(head(), torch.ones(1, 3), [], 23)
    each.radii = {"0.weight": torch.zeros(3, 3)}
    x = torch.tensor([[1.0, 2.0, 0.0], [1.0, 1.0, 0.0]])
    step = each.walk
    found = by_boxes(step, step.entering([x]), Propagation(mode=Mode.BOX))
    assert found.is_certain.tolist() == [False, True]


def test_a_set_is_certain_before_its_order_is(known) -> None:
    """The two greatest are equal, and both above the third."""
    each = known(head(), torch.ones(1, 3), ["0.weight"], 15)
    step = each.walk
    values = step.entering([torch.tensor([[1.0, 2.0, 1.0]])])
    how = Propagation(mode=Mode.BOX)
    found = sets_by_boxes(step, values, how, 2)
    assert set(found.labels[0].tolist()) == {0, 1}
    assert found.below.amin() > 2.9
    assert not by_boxes(step, values, how).is_certain.any()


def test_all_classes_are_certainly_the_greatest(known) -> None:
    """There is none that is not among them."""
    each = known(head(), torch.ones(1, 3), ["0.weight"], 7)
    step = each.walk
    found = sets_by_boxes(step, step.entering([torch.ones(1, 3)]), Propagation(mode=Mode.BOX), 9)
    assert found.below.amin() == float("inf")


def test_behind_a_softmax_only_the_first_is_known(known) -> None:
    """Small probabilities may become equal."""
    each = known(nn.Sequential(*head(), nn.Softmax(1)), torch.ones(1, 3), ["0.weight"], 15)
    step, how = each.walk, Propagation(mode=Mode.BOX)
    values = step.entering([torch.ones(1, 3)])
    assert by_boxes(step, values, how).is_certain.all()
    assert sets_by_boxes(step, values, how, 2).below.amin() == -float("inf")


def test_only_rivals_that_are_asked_about_cost_a_pass(known) -> None:
    """The others count as below."""
    each = known(head(), torch.ones(1, 3), ["0.weight"], 15)
    step = each.walk
    rivals = torch.tensor([[False, True, False]])
    values = step.entering([torch.ones(1, 3)])
    found = by_gradients(step, values, Propagation(mode=Mode.CENTRE), rivals)
    assert found.labels.tolist() == [0]
    assert torch.isfinite(found.below).tolist() == [[False, True, False]]
    assert 1.9 < found.below[0, 1] <= 2


def test_labels_are_read_from_rows_of_classes(known) -> None:
    """Anything else has no label."""
    each = known(nn.Sequential(nn.Linear(3, 3)), torch.ones(1, 2, 3), ["0.weight"], 15)
    step = each.walk
    with pytest.raises(InputError, match="labels are read from"):
        by_boxes(step, step.entering([torch.ones(1, 2, 3)]), Propagation(mode=Mode.BOX))
