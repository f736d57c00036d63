"""Networks are trained as PyTorch trains their modules."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.wrappers import Recipe
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.trainer import TRAINER, rate_at

IMAGES = np.random.default_rng(0).normal(size=(8, 1, 6, 6)).astype(np.float32)
LABELS = np.arange(8) % 3


def module() -> nn.Module:
    torch.manual_seed(3)
    layers = {
        "conv1": nn.Conv2d(1, 2, 3),
        "norm1": nn.BatchNorm2d(2),
        "drop1": nn.Dropout(0.3),
        "flat": nn.Flatten(),
        "fc1": nn.Linear(32, 3),
    }
    return nn.Sequential(OrderedDict(layers))


def started(**recipe):
    original = module().eval()
    network = capture(original, (torch.zeros(2, 1, 6, 6),)).network
    weights = {name: each.clone() for name, each in original.state_dict().items()}
    return TRAINER.start(network, weights, Recipe(**{"steps": 5, "rate": 0.1, **recipe}))


def plainly(optimizer, steps: int = 5) -> dict[str, torch.Tensor]:
    """The same by hand."""
    torch.manual_seed(0)
    plain = module().train()
    torch.manual_seed(0)
    by_hand = optimizer(plain.parameters())
    for _ in range(steps):
        by_hand.zero_grad()
        loss = nn.functional.cross_entropy(plain(torch.tensor(IMAGES)), torch.tensor(LABELS))
        loss.backward()
        by_hand.step()
    return plain.state_dict()


@pytest.mark.parametrize(
    ("recipe", "optimizer"),
    [
        ({"momentum": 0.9}, lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
        ({"optimizer": "adam"}, lambda p: torch.optim.Adam(p, 0.1)),
        (
            {"optimizer": "adamw", "weight_decay": 0.1},
            lambda p: torch.optim.AdamW(p, 0.1, weight_decay=0.1),
        ),
    ],
)
def test_it_trains_as_the_module_would(recipe, optimizer) -> None:
    """Bit for bit: normalization and dropout included."""
    training = started(**recipe)
    for _ in range(5):
        training.step({training.model.inputs[0]: IMAGES}, LABELS)
    wanted = plainly(optimizer)
    found = training.state()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_multiples_of_the_rate() -> None:
    """Of zero, a parameter stays as it is."""
    training = started(multiples={"conv1.weight": 0.0, "conv1.bias": 0.0, "fc1.weight": 10.0})
    before = {name: each.clone() for name, each in training.state().items()}
    training.step({training.model.inputs[0]: IMAGES}, LABELS)
    after = training.state()
    assert torch.equal(before["conv1.weight"], after["conv1.weight"])
    moved = [(after[f"fc1.{n}"] - before[f"fc1.{n}"]).norm() for n in ("weight", "bias")]
    assert moved[0] > moved[1] > 0
    with pytest.raises(InputError, match="no parameters that could be trained"):
        started(multiples=dict.fromkeys(before, 0.0))


def test_it_is_measured_in_evaluation_mode() -> None:
    """And goes on in training mode, as if nothing had been measured."""
    losses = []
    for is_measured in (False, True):
        training = started()
        batch = {training.model.inputs[0]: IMAGES}
        for _ in range(3):
            losses.append(training.step(batch, LABELS))
            if is_measured:
                [first], [second] = training.model(batch), training.model(batch)
                assert np.array_equal(first, second)
                assert training.module.training
    assert losses[:3] == losses[3:]


def test_numbers_are_trained_by_squares() -> None:
    """And labels that are no classes are refused where classes are needed."""
    training = started()
    name = training.model.inputs[0]
    wanted = np.zeros((8, 3), np.float32)
    first = training.step({name: IMAGES}, wanted)
    for _ in range(5):
        last = training.step({name: IMAGES}, wanted)
    assert last < first
    with pytest.raises(InputError, match="no classes; train by mse"):
        started(loss="cross_entropy").step({name: IMAGES}, wanted)
    with pytest.raises(InputError, match="cannot be trained on these data"):
        started().step({name: IMAGES}, LABELS + 7)


def test_outputs_and_gradients() -> None:
    """An output that is not there is refused; gradients are cut to their greatest norm."""
    name = started().model.inputs[0]
    with pytest.raises(InputError, match="1 outputs"):
        started(output=1).step({name: IMAGES}, LABELS)
    training = started(clip=1e-3, rate=1.0)
    before = training.state()["fc1.weight"].clone()
    training.step({name: IMAGES}, LABELS)
    assert (training.state()["fc1.weight"] - before).norm() <= 1.1e-3


def test_rates() -> None:
    """Each policy, and the warm-up before it."""
    rates = {
        policy: [rate_at(Recipe(steps=4, rate=1, policy=policy, gamma=0.5), s) for s in (0, 2, 4)]
        for policy in ("fixed", "step", "exp", "poly", "cosine")
    }
    assert rates["fixed"] == [1, 1, 1]
    assert rates["step"] == [1, 0.25, 0.0625]
    assert rates["exp"] == [1, 0.25, 0.0625]
    assert rates["poly"] == [1, 0.5, 0]
    assert rates["cosine"] == pytest.approx([1, 0.5, 0])
    warm = Recipe(steps=9, rate=1, warmup=4)
    assert [rate_at(warm, step) for step in (0, 1, 3, 8)] == [0.25, 0.5, 1, 1]
