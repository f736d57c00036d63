"""Differences."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_squared_error

from modelhub.evaluation import Scored, metric

NUMBERS = st.floats(-1e6, 1e6, width=32)


@pytest.mark.property
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=40), st.integers(1, 9))
def test_batches_do_not_matter(pairs, size) -> None:
    """The means are scikit-learn's on everything at once."""
    outputs, labels = np.array(pairs).T
    squares = mean_squared_error(labels, outputs)
    expected = {
        "mse": squares,
        "rmse": math.sqrt(squares),
        "mae": mean_absolute_error(labels, outputs),
    }
    for name, value in expected.items():
        found = metric(name)
        for start in range(0, len(labels), size):
            part = slice(start, start + size)
            found.update(Scored(outputs=outputs[part, None], labels=labels[part]))
        assert found.value() == pytest.approx(value, rel=1e-9, abs=1e-12)
