"""Metrics of scores of classes that are means over examples."""

import math

from modelhub.evaluation.scored import Scored


class _Mean:
    """Sums and counts."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def value(self) -> float:
        """The mean over the examples that counted; NaN without any."""
        return self._sum / self._count if self._count else math.nan

    def _add(self, total: float, count: int) -> None:
        self._sum += float(total)
        self._count += count


class Accuracy(_Mean):
    """The share of examples whose class is named right."""

    def update(self, scored: Scored) -> None:
        """Count a batch."""
        self._add((scored.named == scored.wanted).sum(), len(scored.wanted))


class TopK(_Mean):
    """The share of examples whose class is among the k that score highest.

    Of equal scores, the class with the smaller number stands first.
    """

    def __init__(self, k: int) -> None:
        super().__init__()
        self._k = k

    def update(self, scored: Scored) -> None:
        """Count a batch; a row that holds NaN names nobody."""
        right = (scored.ranks < self._k) & ~scored.is_nan
        self._add(right.sum(), len(scored.wanted))


class Top5(TopK):
    """The share of examples whose class is among the 5 that score highest."""

    def __init__(self) -> None:
        super().__init__(5)


class Loss(_Mean):
    """Cross entropy in nats, the mean over examples, in double precision."""

    def update(self, scored: Scored) -> None:
        """Add a batch."""
        self._add(scored.losses.sum(), len(scored.wanted))


class Perplexity(Loss):
    """The exponential of the loss."""

    def value(self) -> float:
        """Infinite where it is larger than any number."""
        loss = super().value()
        try:
            return math.exp(loss)
        except OverflowError:
            return math.inf
