"""Means over examples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, log_loss, top_k_accuracy_score

from modelhub.evaluation import Scored, metric
from modelhub.evaluation.classification import Accuracy, Perplexity, TopK

CLASSES = 5


@st.composite
def answers(draw):
    """Logits without ties, labels of which each class occurs, and where they are cut."""
    rows = draw(st.integers(CLASSES, 60))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    logits = rng.permutation(rows * CLASSES).reshape(rows, CLASSES) / draw(
        st.sampled_from([1, 9, 99])
    )
    labels = rng.permutation(np.arange(rows) % CLASSES)
    cuts = sorted(draw(st.lists(st.integers(0, rows), max_size=6)))
    return logits, labels, cuts


def streamed(name, logits, labels, cuts):
    found = metric(name)
    for start, stop in zip([0, *cuts], [*cuts, len(labels)], strict=True):
        found.update(Scored(outputs=logits[start:stop], labels=labels[start:stop]))
    return found.value()


@pytest.mark.property
@given(answers())
def test_batches_do_not_matter(drawn) -> None:
    """However examples are cut, the metrics are scikit-learn's on everything at once."""
    logits, labels, cuts = drawn
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = exponentials / exponentials.sum(axis=1, keepdims=True)
    loss = streamed("loss", logits, labels, cuts)

    assert streamed("accuracy", *drawn) == pytest.approx(accuracy_score(labels, logits.argmax(1)))
    assert streamed("top3", *drawn) == pytest.approx(top_k_accuracy_score(labels, logits, k=3))
    if shares[np.arange(len(labels)), labels].min() > 1e-12:  # it clips smaller ones
        assert loss == pytest.approx(log_loss(labels, shares), rel=1e-6)
    assert streamed("perplexity", *drawn) == pytest.approx(math.exp(loss), rel=1e-12)
    assert loss == pytest.approx(streamed("loss", logits, labels, []), rel=1e-12)


def test_first_of_equals() -> None:
    """Of equal scores the smaller class is named; top1 is the accuracy."""
    scored = Scored(outputs=np.zeros((3, 4)), labels=np.array([0, 1, 3]))
    for found, value in ((Accuracy(), 1 / 3), (TopK(1), 1 / 3), (TopK(2), 2 / 3), (TopK(9), 1)):
        found.update(scored)
        assert found.value() == pytest.approx(value)


def test_nan_is_never_right() -> None:
    """Not even among the first 9 of 2."""
    scored = Scored(outputs=np.array([[np.nan, 0]]), labels=np.array([0]))
    for found in (Accuracy(), TopK(9)):
        found.update(scored)
        assert found.value() == 0


def test_perplexity_may_be_infinite() -> None:
    """Where the loss is large."""
    found = Perplexity()
    found.update(Scored(outputs=np.array([[0.0, 1e6]]), labels=np.array([0])))
    assert found.value() == math.inf
