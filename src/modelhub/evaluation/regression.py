"""Metrics of numbers: differences between outputs and labels of equal shape."""

import math

import numpy as np

from modelhub.evaluation.scored import Scored


class MeanSquaredError:
    """The mean of the squared differences, over all elements."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def update(self, scored: Scored) -> None:
        """Add a batch."""
        self._sum += float(np.square(scored.errors).sum())
        self._count += scored.errors.size

    def value(self) -> float:
        """Over all batches."""
        return self._sum / self._count if self._count else math.nan


class RootMeanSquaredError(MeanSquaredError):
    """The root of the mean squared error."""

    def value(self) -> float:
        """Over all batches."""
        return math.sqrt(super().value())


class MeanAbsoluteError(MeanSquaredError):
    """The mean of the differences' sizes, over all elements."""

    def update(self, scored: Scored) -> None:
        """Add a batch."""
        self._sum += float(np.abs(scored.errors).sum())
        self._count += scored.errors.size
