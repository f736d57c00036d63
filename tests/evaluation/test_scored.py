"""Outputs beside labels."""

import numpy as np
import pytest
import torch

from modelhub.errors import InputError
from modelhub.evaluation.scored import NOBODY, Scored, is_alike, is_by_class

RNG = np.random.default_rng(0)


def test_losses_are_torchs() -> None:
    """Cross entropy, ignored labels left out, stable for large logits."""
    logits, labels = RNG.normal(0, 300, (50, 7)), RNG.integers(0, 7, 50)
    labels[3] = -100
    found = Scored(outputs=logits, labels=labels).losses
    expected = torch.nn.functional.cross_entropy(
        torch.from_numpy(logits), torch.from_numpy(labels), reduction="none"
    )
    np.testing.assert_allclose(found, np.delete(expected.numpy(), 3), rtol=1e-12)


def test_probabilities_need_no_softmax() -> None:
    """Their logarithm is taken as it is; that of 0 is infinite."""
    scored = Scored(
        outputs=np.array([[0.25, 0.75], [0, 1]]), labels=np.array([1, 0]), has_probabilities=True
    )
    assert scored.losses.tolist() == [-np.log(0.75), np.inf]


@pytest.mark.parametrize(("axis", "shape"), [(-1, (2, 5, 6, 3)), (1, (2, 3, 5, 6))])
def test_classes_lie_along_the_last_axis_or_the_second(axis, shape) -> None:
    """The labels' shape says which."""
    outputs, labels = RNG.normal(size=shape), RNG.integers(0, 3, (2, 5, 6))
    named = Scored(outputs=outputs, labels=labels).named
    np.testing.assert_array_equal(named, outputs.argmax(axis).reshape(-1))


def test_nan_names_nobody() -> None:
    """And stands behind everybody."""
    scored = Scored(outputs=np.array([[np.nan, 1], [2, 1]]), labels=np.array([1, 0]))
    assert scored.named.tolist() == [NOBODY, 0]
    assert scored.ranks.tolist() == [2, 0]


@pytest.mark.parametrize(("wrong", "told"), [(7, "a label is 7"), (-1, "a label is -1")])
def test_labels_out_of_range(wrong, told) -> None:
    """More classes than the network has."""
    with pytest.raises(InputError, match=f"{told}, the network tells 7 classes apart"):
        _ = Scored(outputs=np.zeros((2, 7)), labels=np.array([0, wrong])).wanted


def test_what_are_no_classes() -> None:
    """Decimals, and shapes that do not fit."""
    with pytest.raises(InputError, match="labels are float64; classes must be whole"):
        _ = Scored(outputs=np.zeros((2, 7)), labels=np.zeros(2)).named
    with pytest.raises(InputError, match=r"shape \[2, 7\] are no scores"):
        _ = Scored(outputs=np.zeros((2, 7)), labels=np.zeros((2, 3), int)).named
    assert is_by_class(np.zeros((2, 7)), np.zeros((2, 1), int))
    assert not is_by_class(np.zeros(2), np.zeros(2, int))


def test_differences() -> None:
    """An axis of extent 1 does not count; other shapes are refused."""
    found = Scored(outputs=np.float32([[1], [2]]), labels=np.array([0.5, 4])).errors
    assert found.tolist() == [[0.5], [-2]]
    assert not is_alike(np.zeros((2, 3)), np.zeros((3, 2)))
    with pytest.raises(InputError, match="need equal shapes"):
        _ = Scored(outputs=np.zeros((2, 3)), labels=np.zeros(2)).errors


def test_half_precision_scores() -> None:
    """They are widened, not compared as they are."""
    scored = Scored(outputs=np.float16([[1, 2]]), labels=np.array([1]))
    assert scored.scores.dtype == np.float32
