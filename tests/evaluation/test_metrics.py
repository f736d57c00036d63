"""Which metrics there are."""

import math

import numpy as np
import pytest

from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation import METRICS, Scored, metric
from modelhub.evaluation.metrics import FunctionMetric


@pytest.mark.parametrize("name", sorted(METRICS))
def test_nothing_measured_is_no_number(name) -> None:
    """Whatever is measured, no examples give NaN."""
    assert math.isnan(metric(name).value())


def test_any_top() -> None:
    """Not only 5."""
    found = metric("top2")
    found.update(Scored(outputs=np.array([[3.0, 2, 1], [3, 2, 1]]), labels=np.array([1, 2])))
    assert found.value() == 0.5


@pytest.mark.parametrize(
    ("name", "hint"),
    [("acuracy", "did you mean accuracy"), ("top0", "did you mean top5"), ("x", "there are: acc")],
)
def test_unknown_metrics(name, hint) -> None:
    """The nearest are named, or all."""
    with pytest.raises(NotFoundError, match=hint):
        metric(name)


def test_functions() -> None:
    """They get all outputs and labels, and may fail in one line."""
    found = metric("numpy:vdot")
    assert isinstance(found, FunctionMetric)
    assert found(np.array([1, 2]), np.array([3, 4])) == 11
    with pytest.raises(InputError, match="the metric numpy:vdot raised ValueError"):
        found(np.array([1, 2]), np.array([3]))
