"""Fig. 6d: what the first bytes of the weights decide, as two curves.

The paper's errors at one and at two bytes have the size of how often the network at the
mid-points names another class; how often a label is provably decided is another curve.
"""

import numpy as np
import pytest
import torch
from levelled import lenet, network_of, weights_of
from torch import nn

from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.enclosures.enclosure import Mode, Propagation
from modelhub.wrappers.torch.enclosures.margins import by_boxes, by_gradients
from modelhub.wrappers.torch.enclosures.walk import Walk
from modelhub.wrappers.torch.lower import lower
from modelhub.wrappers.torch.progressive import ProgressiveModel


@pytest.fixture(name="trained", scope="module")
def trained_fixture():
    """A LeNet for digits, images that it has not seen, their classes."""
    return lenet(seed=3)


def at_levels(module: nn.Module, images: np.ndarray, levels: int) -> Walk:
    """All matrices at so many levels."""
    weights = weights_of(module)
    state = {name: torch.from_numpy(each.array) for name, each in weights.items()}
    radii = {}
    for name, each in weights.items():
        if each.array.ndim > 1:
            known = each.levels(levels)
            state[name] = torch.from_numpy(known.values)
            radii[name] = torch.from_numpy(known.radius)
    network = network_of(module, images)
    return Walk(build(network, state), lower(network), radii)


def curves(trained, levels):
    """How often mid-points name another class, and how often a label is decided; and wrongly."""
    module, images, _ = trained
    with torch.no_grad():
        wanted = module(torch.from_numpy(images)).argmax(1)
    walk = at_levels(module, images, levels)
    values = walk.entering([torch.from_numpy(images)])
    boxes = by_boxes(walk, values, Propagation(mode=Mode.BOX))
    every = torch.ones_like(boxes.below, dtype=torch.bool)
    found = by_gradients(walk, values, Propagation(mode=Mode.CENTRE), every)
    wrong = sum(int((each.labels != wanted)[each.is_certain].sum()) for each in (boxes, found))
    decided = (boxes.is_certain | found.is_certain).double().mean().item()
    return (found.labels != wanted).double().mean().item(), decided, wrong


def test_one_level_names_most_labels_and_proves_none(trained) -> None:
    """The paper's 12 % of LeNet is of the first kind."""
    differs, decided, _ = curves(trained, 1)

    assert 0 < differs < 0.2
    assert decided == 0


def test_two_levels_name_hardly_any_other_label(trained) -> None:
    """As in the paper: hardly any query needs more; of what is decided, nothing is wrong."""
    differs, _, wrong = curves(trained, 2)

    assert differs < 0.02
    assert wrong == 0


def test_three_levels_of_everything_decide_most(trained) -> None:
    """And nothing wrongly."""
    differs, decided, wrong = curves(trained, 3)

    assert differs < 0.002
    assert decided > 0.9
    assert wrong == 0


def test_no_errors_for_any_data_point(trained) -> None:
    """Problem 2: the labels are those of the full evaluation, from fewer bytes for most."""
    module, images, truth = trained
    model = ProgressiveModel(network_of(module, images), weights_of(module))
    batch = {model.inputs[0]: images}
    first = model.answer(batch)
    read = model.bytes_needed / model.bytes_suffix
    found = model.decide(batch)
    with torch.no_grad():
        plain = module(torch.from_numpy(images)).argmax(1).numpy()

    assert np.array_equal(found.labels[:, 0], plain)
    assert first.is_certain.mean() > 0.5
    assert read == 0.5
    right = first.is_certain & (first.labels[:, 0] == truth)
    accuracy = (plain == truth).mean()
    assert right.mean() <= accuracy <= right.mean() + (~first.is_certain).mean()
