"""A batch of outputs and labels, and what metrics make of them, each computed once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modelhub.errors import InputError
from modelhub.evaluation.data import Array

IGNORED = -100  # a label that does not count, as in PyTorch
NOBODY = -1  # what a network with NaN among its scores has named


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Outputs of a network and the labels of the same examples.

    Scores of classes lie along the last axis, or along the second one where the labels' shape
    says so (dense prediction). Labels of -100 do not count. If a score is NaN, no class is
    named.

    Attributes:
        outputs: shape (n, …).
        labels: shape (n, …).
        has_probabilities: whether scores are probabilities; else they are logits.
    """

    outputs: Array
    labels: Array
    has_probabilities: bool = False

    @cached_property
    def _kept(self) -> tuple[Array, Array]:
        """Scores of shape (m, c), and whole labels of shape (m,), without ignored ones."""
        scores, labels = by_class(self.outputs, self.labels)
        kept = np.flatnonzero(labels != IGNORED)
        if len(kept) < len(labels):
            scores, labels = scores[kept], labels[kept]
        count = scores.shape[1]
        if labels.size and not 0 <= int(labels.min()) <= int(labels.max()) < count:
            wrong = int(labels.min()) if labels.min() < 0 else int(labels.max())
            raise InputError(
                f"a label is {wrong}, the network tells {count} classes apart "
                f"(0 to {count - 1}); are these labels for this network?"
            )
        return scores, labels.astype(np.int64)

    @property
    def scores(self) -> Array:
        """Shape (m, classes)."""
        return self._kept[0]

    @property
    def wanted(self) -> Array:
        """The right classes, shape (m,)."""
        return self._kept[1]

    @cached_property
    def is_nan(self) -> Array:
        """Which rows of the scores hold NaN."""
        return np.asarray(np.isnan(self.scores).any(axis=1))

    @cached_property
    def named(self) -> Array:
        """The classes with the highest scores, the first one of equals; `NOBODY` by NaN."""
        if not self.scores.size:
            return np.zeros(0, np.int64)
        return np.asarray(np.where(self.is_nan, NOBODY, self.scores.argmax(axis=1)))

    @cached_property
    def ranks(self) -> Array:
        """How many classes stand before the right one; past all of them by NaN."""
        rows = np.arange(len(self.wanted))
        right = self.scores[rows, self.wanted][:, None]
        earlier = np.arange(self.scores.shape[1])[None, :] < self.wanted[:, None]
        before = (self.scores > right) | ((self.scores == right) & earlier)
        return np.asarray(np.where(self.is_nan, self.scores.shape[1], before.sum(axis=1)))

    @cached_property
    def losses(self) -> Array:
        """Cross entropy of each, in double precision, stable for any logits."""
        scores = self.scores.astype(np.float64)
        rows = np.arange(len(self.wanted))
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.has_probabilities:
                return np.asarray(-np.log(scores[rows, self.wanted]))
            highest = scores.max(axis=1, keepdims=True, initial=-np.inf)
            total = np.log(np.exp(scores - highest).sum(axis=1))
            return np.asarray(total + highest[:, 0] - scores[rows, self.wanted])

    @cached_property
    def errors(self) -> Array:
        """Outputs minus labels, in double precision, shape (n, elements).

        Raises:
            InputError: the shapes differ.
        """
        outputs, labels = self.outputs, self.labels
        if not is_alike(outputs, labels):
            raise InputError(
                f"outputs have the shape {list(outputs.shape)}, labels {list(labels.shape)}; "
                "differences need equal shapes"
            )
        return (outputs.astype(np.float64) - labels.reshape(outputs.shape)).reshape(
            len(outputs), -1
        )


def is_alike(outputs: Array, labels: Array) -> bool:
    """Whether labels have the shape of outputs, but for an axis of extent 1."""
    return outputs.size == labels.size and squeezed(outputs) == squeezed(labels)


def squeezed(array: Array) -> tuple[int, ...]:
    """Its shape, without extents of 1 behind the first."""
    return (*array.shape[:1], *(extent for extent in array.shape[1:] if extent != 1))


def is_by_class(outputs: Array, labels: Array) -> bool:
    """Whether outputs can be scores of classes, and labels classes."""
    if labels.dtype.kind not in "iub" or outputs.ndim < 2:  # noqa: PLR2004 - rows and scores
        return False
    return squeezed(labels) in _places(outputs)


def _places(outputs: Array) -> list[tuple[int, ...]]:
    """The shapes of labels, squeezed, for classes along the last or the second axis."""
    shapes = (outputs.shape[:-1], (outputs.shape[0], *outputs.shape[2:]))
    return [(shape[0], *(extent for extent in shape[1:] if extent != 1)) for shape in shapes]


def by_class(outputs: Array, labels: Array) -> tuple[Array, Array]:
    """Scores of shape (m, classes), labels of shape (m,).

    Raises:
        InputError: they are not scores and classes; says why.
    """
    if labels.dtype.kind not in "iub":
        raise InputError(
            f"labels are {labels.dtype.name}; classes must be whole numbers. "
            "For numbers, use --metric mse or mae"
        )
    if not is_by_class(outputs, labels):
        raise InputError(
            f"outputs of shape {list(outputs.shape)} are no scores of classes for labels of shape "
            f"{list(labels.shape)}; use --metric mse, or a function of your own: pkg.mod:fn"
        )
    last, _ = _places(outputs)
    if squeezed(labels) != last:
        outputs = np.moveaxis(outputs, 1, -1)
    scores = outputs.reshape(-1, outputs.shape[-1])
    return scores.astype(np.float32) if scores.dtype.itemsize < 4 else scores, labels.reshape(-1)  # noqa: PLR2004 - bytes
