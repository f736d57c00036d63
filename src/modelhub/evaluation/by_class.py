"""Metrics class by class, and their means over classes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modelhub.evaluation.data import Array
from modelhub.evaluation.scored import NOBODY, Scored

MAX_CONFUSION = 1000  # classes, above which who was taken for whom is not counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassResult:
    """How one class fares.

    Attributes:
        label: its number.
        name: its name, where the data have names.
        examples: how many examples are of it.
        named: how many it was named for.
        precision: the share of those named that are of it; 0 if none was.
        recall: the share of its examples that were named so; 0 if there are none.
        f1: the harmonic mean of both.
    """

    label: int
    name: str
    examples: int
    named: int
    precision: float
    recall: float
    f1: float


class Counts:
    """Who was named, who was right, and who was taken for whom; a counter a class."""

    def __init__(self, *, with_confusion: bool = False) -> None:
        self._with_confusion = with_confusion
        self.right = self.examples = self.named = np.zeros(0, np.int64)
        self.confusion: Array | None = None

    def update(self, scored: Scored) -> None:
        """Count a batch."""
        classes = scored.scores.shape[1]
        if not len(self.examples):
            self.right, self.examples, self.named = np.zeros((3, classes), np.int64)
            if self._with_confusion and classes <= MAX_CONFUSION:
                self.confusion = np.zeros((classes, classes), np.int64)
        is_named = scored.named != NOBODY
        wanted, named = scored.wanted[is_named], scored.named[is_named]
        self.right += np.bincount(wanted[wanted == named], minlength=classes)
        self.named += np.bincount(named, minlength=classes)
        self.examples += np.bincount(scored.wanted, minlength=classes)
        if self.confusion is not None:
            np.add.at(self.confusion, (wanted, named), 1)

    @property
    def precision(self) -> Array:
        """A number for each class."""
        return _ratio(self.right, self.named)

    @property
    def recall(self) -> Array:
        """A number for each class."""
        return _ratio(self.right, self.examples)

    @property
    def f1(self) -> Array:
        """A number for each class."""
        return _ratio(2 * self.right, self.named + self.examples)

    def mean(self, values: Array) -> float:
        """The unweighted mean over the classes that occur, among the examples or the named."""
        occurs = (self.examples + self.named) > 0
        return float(values[occurs].mean()) if occurs.any() else math.nan

    def results(self, names: Sequence[str]) -> list[ClassResult]:
        """A result for each class."""
        return [
            ClassResult(
                label=label,
                name=names[label] if label < len(names) else "",
                examples=int(self.examples[label]),
                named=int(self.named[label]),
                precision=float(self.precision[label]),
                recall=float(self.recall[label]),
                f1=float(self.f1[label]),
            )
            for label in range(len(self.examples))
        ]


def _ratio(part: Array, whole: Array) -> Array:
    return part / np.maximum(whole, 1)


class Precision(Counts):
    """Precision, the mean over classes."""

    def value(self) -> float:
        """Over all batches."""
        return self.mean(self.precision)


class Recall(Counts):
    """Recall, the mean over classes."""

    def value(self) -> float:
        """Over all batches."""
        return self.mean(self.recall)


class F1(Counts):
    """F1, the mean over classes."""

    def value(self) -> float:
        """Over all batches."""
        return self.mean(self.f1)
