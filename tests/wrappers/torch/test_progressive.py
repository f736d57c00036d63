"""Labels that are certain before all weights are read."""

import copy

import numpy as np
import pytest
import torch
from levelled import BITS, lenet, network_of, weights_of

from modelhub.errors import InputError
from modelhub.wrappers.torch.progressive import ProgressiveModel


@pytest.fixture(name="trained", scope="module")
def trained_fixture():
    """A module, images that it has not seen, its network, and its scores."""
    module, images, _ = lenet()
    with torch.no_grad():
        scores = module(torch.from_numpy(images)).numpy()
    return module, images, network_of(module, images), scores


def model_of(trained, **options):
    module, _, network, _ = trained
    weights = weights_of(module)
    return ProgressiveModel(network, weights, **options), weights


def batch_of(model, images):
    return {model.inputs[0]: images}


def test_all_labels_are_those_of_all_weights(trained) -> None:
    """Every row, whatever the stage at which it was decided."""
    model, _ = model_of(trained)
    found = model.decide(batch_of(model, trained[1]))
    assert np.array_equal(found.labels[:, 0], trained[3].argmax(1))
    assert (found.stages == 0).mean() > 0.5


def test_what_is_certain_at_a_stage_is_right(trained) -> None:
    """At each of them, and more is certain at each."""
    model, _ = model_of(trained)
    shares = []
    while not model.is_full:
        answer = model.answer(batch_of(model, trained[1]))
        right = answer.labels[:, 0] == trained[3].argmax(1)
        assert right[answer.is_certain].all()
        shares.append(answer.is_certain.mean())
        model.advance()
    assert shares == sorted(shares)
    assert shares[-1] > 0.95


def test_levels_are_read_only_for_what_is_undecided(trained) -> None:
    """A batch that is certain at the first stage leaves the others where they are."""
    model, weights = model_of(trained)
    answer = model.answer(batch_of(model, trained[1]))
    certain = trained[1][answer.is_certain][:64]
    found = model.decide(batch_of(model, certain))
    assert (found.stages == 0).all()
    assert weights["6.weight"].asked == [2]
    assert model.bytes_needed / model.bytes_suffix == BITS[2] / 32


def test_the_last_stage_is_the_plain_evaluation(trained) -> None:
    """It needs no proof, and reads everything once more in full."""
    model, weights = model_of(trained)
    while not model.is_full:
        model.advance()
    answer = model.answer(batch_of(model, trained[1]))
    assert answer.is_certain.all()
    assert np.array_equal(answer.labels[:, 0], trained[3].argmax(1))
    assert model.bytes_needed == model.bytes_suffix
    assert weights["6.weight"].asked == [2, 3, 4]
    with pytest.raises(InputError, match="all weights are read"):
        model.advance()


def test_a_set_of_the_greatest_is_certain(trained) -> None:
    """The three greatest, in any order."""
    model, _ = model_of(trained, top=3)
    found = model.decide(batch_of(model, trained[1]))
    wanted = np.argsort(-trained[3], 1)[:, :3]
    assert np.array_equal(np.sort(found.labels, 1), np.sort(wanted, 1))
    assert (found.stages == 0).any()


def test_a_tie_is_never_certain(trained) -> None:
    """Two rows of the last layer are the same: only all weights name the first of them."""
    module, images, network, _ = trained
    weights = weights_of(module)
    last = next(name for name in weights if name == "8.weight")
    weights[last].array[:] = weights[last].array[:1]
    weights["8.bias"].array[:] = 0
    model = ProgressiveModel(network, weights)
    assert not model.answer(batch_of(model, images[:40])).is_certain.any()


def test_weights_without_bounds_decide_nothing(trained) -> None:
    """An infinite weight, of which levels say nothing, is left to the plain evaluation."""
    module, images, network, _ = trained
    weights = weights_of(module)
    weights["8.weight"].array[3, 3] = np.inf
    with np.errstate(invalid="ignore"):
        model = ProgressiveModel(network, weights)
    assert not model.answer(batch_of(model, images[:40])).is_certain.any()


def test_inputs_that_are_no_numbers_are_undecided(trained) -> None:
    """Nothing is claimed of them."""
    model, _ = model_of(trained)
    images = trained[1][:3].copy()
    images[1] = np.nan
    assert not model.answer(batch_of(model, images)).is_certain[1]


def test_products_of_less_precision_are_refused(trained) -> None:
    """The proof is of float32."""
    model, _ = model_of(trained)
    torch.set_float32_matmul_precision("medium")
    try:
        with pytest.raises(InputError, match="less than float32"):
            model.answer(batch_of(model, trained[1][:2]))
    finally:
        torch.set_float32_matmul_precision("highest")


@pytest.mark.parametrize("seed", range(3))
def test_a_certain_label_resists_an_attack(trained, seed) -> None:
    """Weights at the ends of their intervals, by the signs of the gradient of the margin."""
    module, images = trained[:2]
    model, weights = model_of(trained)
    answer = model.answer(batch_of(model, images))
    rows = np.flatnonzero(answer.is_certain)[seed * 10 : seed * 10 + 10]
    known = {name: weights[name].levels(2) for name in ("6.weight", "8.weight")}
    for row in rows:
        attacked = copy.deepcopy(module)
        x, label = torch.from_numpy(images[row : row + 1]), int(answer.labels[row, 0])
        scores = attacked(x)[0]
        rival = int(scores.topk(2).indices[1])
        attacked.zero_grad()
        (scores[label] - scores[rival]).backward()
        with torch.no_grad():
            for name, parameter in attacked.named_parameters():
                if name in known:
                    step = torch.from_numpy(known[name].radius) * 0.999
                    parameter.copy_(
                        torch.from_numpy(known[name].values) - step * parameter.grad.sign()
                    )
            assert int(attacked(x).argmax()) == label
