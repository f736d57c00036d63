"""Class by class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from modelhub.evaluation import Scored, metric
from modelhub.evaluation.by_class import Counts

MEANS = {"f1": f1_score, "precision": precision_score, "recall": recall_score}


@pytest.mark.property
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40),
    st.integers(1, 9),
)
def test_batches_do_not_matter(pairs, size) -> None:
    """Means over classes are scikit-learn's, whatever classes are missing."""
    labels, named = np.array(pairs).T
    scores = np.eye(4)[named]
    for name, expected in MEANS.items():
        found = metric(name)
        for start in range(0, len(labels), size):
            part = slice(start, start + size)
            found.update(Scored(outputs=scores[part], labels=labels[part]))
        assert found.value() == pytest.approx(
            expected(labels, named, average="macro", zero_division=0)
        )


def test_who_was_taken_for_whom() -> None:
    """Rows are right classes, columns named ones; NaN names nobody."""
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(50, 3)), rng.integers(0, 3, 50)
    counts = Counts(with_confusion=True)
    counts.update(Scored(outputs=scores, labels=labels))
    np.testing.assert_array_equal(counts.confusion, confusion_matrix(labels, scores.argmax(1)))
    counts.update(Scored(outputs=np.full((1, 3), np.nan), labels=np.array([2])))
    assert counts.confusion.sum() == 50
    assert counts.examples.sum() == 51
    first = counts.results(["ant"])[0]
    assert (first.name, first.label, first.examples) == ("ant", 0, int((labels == 0).sum()))


def test_very_many_classes_have_no_matrix() -> None:
    """It would take the square of their number."""
    counts = Counts(with_confusion=True)
    counts.update(Scored(outputs=np.zeros((1, 1001)), labels=np.array([2])))
    assert counts.confusion is None
