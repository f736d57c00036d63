"""A model run over data in stages: each example is measured at the first stage that is sure."""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from modelhub.errors import InputError
from modelhub.evaluation.data import Array
from modelhub.evaluation.feed import FedBatch, Feed
from modelhub.evaluation.measuring import EvaluationOptions, Measured, Run
from modelhub.evaluation.scored import IGNORED
from modelhub.values import Progress

OF_LABELS = ("accuracy", "f1", "precision", "recall")  # what the named class alone decides
_TOP = re.compile(r"top([1-9]\d{0,5})")


class Answered(Protocol):
    """What a stage says of a batch."""

    @property
    def labels(self) -> Array:
        """The greatest classes, shape (batch, top)."""
        ...

    @property
    def is_certain(self) -> Array:
        """Whether they are those of the whole model, shape (batch,)."""
        ...

    @property
    def scores(self) -> Array:
        """Such as put the labels first, shape (batch, classes)."""
        ...


class Staged(Protocol):
    """A model that knows more at each stage, and everything at the last."""

    @property
    def stage_name(self) -> str:
        """What people are told of the present stage."""
        ...

    @property
    def is_full(self) -> bool:
        """Whether this is the last stage."""
        ...

    @property
    def bytes_needed(self) -> int:
        """What was read by levels, in stored bytes."""
        ...

    @property
    def bytes_suffix(self) -> int:
        """All of that."""
        ...

    @property
    def bytes_in_full(self) -> int:
        """What is read in full at the first stage."""
        ...

    def advance(self) -> None:
        """Go to the next stage."""
        ...

    def answer(self, batch: Mapping[str, Array]) -> Answered:
        """What the present stage says."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What was known once a stage was over.

    Attributes:
        stage: its name.
        certain: the share of examples whose label is certain.
        read: the share of the weights' bytes that was read.
        at_least: the share of examples that are certainly right.
        at_most: the share of those that are not certainly wrong.
    """

    stage: str
    certain: float
    read: float
    at_least: float
    at_most: float


def certain_top(metrics: Sequence[str]) -> int:
    """How many of the greatest classes must be certain for metrics to be measured.

    Raises:
        InputError: a metric needs more than labels, or two need different sets; says which.
    """
    tops = {1 if name in OF_LABELS else _top_of(name) for name in metrics}
    if len(tops) > 1:
        raise InputError(
            f"{', '.join(metrics)} need different sets of classes to be certain; measure them "
            "one by one, or without --progressive"
        )
    return tops.pop() if tops else 1


def _top_of(name: str) -> int:
    found = _TOP.fullmatch(name)
    if found is None:
        raise InputError(
            f"{name} is made of all outputs, of which only labels are certain; with --progressive "
            f"measure {', '.join(OF_LABELS)} or topN, or leave --progressive out"
        )
    return int(found[1])


def evaluate_in_stages(
    model: Staged,
    feed: Feed,
    options: EvaluationOptions,
    *,
    progress: Progress | None = None,
    label: str = "evaluate",
) -> tuple[Measured, list[StageResult]]:
    """Run a model over data, once a stage while any label is open.

    The last stage sees the batches as the plain evaluation does; the others only what is open.

    Raises:
        InputError: there are no data or no labels, or a metric does not fit.
    """
    with ExitStack() as stack:
        run = Run(options, feed, None, stack)
        tally = _Tally(top=certain_top(options.metrics))
        results: list[StageResult] = []
        while True:
            fed = 0
            for i, batch in enumerate(feed.batches(options.batch_size)):
                _take(model, run, tally, i, batch)
                fed += sum(each.nbytes for each in batch.inputs.values())
                if progress is not None:
                    progress(f"{label}, {model.stage_name}", fed, fed)
            results.append(tally.result(model))
            if model.is_full or not any(each.any() for each in tally.open):
                return replace(run.result(), seconds=tally.seconds), results
            model.advance()


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What is certain so far.

    Attributes:
        top: how many classes an example may be named.
        open: which examples of each batch are undecided.
        right: how many certainly are.
        counted: examples with labels that count.
        open_counted: of those, how many are undecided.
        seconds: inside the model.
    """

    top: int
    open: list[Array] = field(default_factory=list)
    right: int = 0
    counted: int = 0
    open_counted: int = 0
    seconds: float = 0.0

    def result(self, model: Staged) -> StageResult:
        """The shares after a stage."""
        total = sum(len(each) for each in self.open)
        undecided = sum(int(each.sum()) for each in self.open)
        full = model.bytes_suffix + model.bytes_in_full
        return StageResult(
            stage=model.stage_name,
            certain=1 - undecided / max(1, total),
            read=(model.bytes_needed + model.bytes_in_full) / max(1, full),
            at_least=self.right / max(1, self.counted),
            at_most=(self.right + self.open_counted) / max(1, self.counted),
        )


def _take(model: Staged, run: Run, tally: _Tally, i: int, batch: FedBatch) -> None:
    """Measure what of a batch became certain at this stage."""
    if i == len(tally.open):
        tally.open.append(np.ones(batch.count, bool))
        counts = _counts(batch.labels, np.arange(batch.count))
        tally.counted += counts
        tally.open_counted += counts
    rows = np.flatnonzero(tally.open[i])
    if not len(rows):
        return
    asked = np.arange(batch.count) if model.is_full else rows
    begun = time.perf_counter()
    answer = model.answer({name: array[asked] for name, array in batch.inputs.items()})
    tally.seconds += time.perf_counter() - begun
    chosen = np.isin(asked, rows) & answer.is_certain
    now = asked[chosen]
    if not len(now):
        return
    tally.open[i][now] = False
    tally.open_counted -= _counts(batch.labels, now)
    part = FedBatch(
        inputs={name: array[now] for name, array in batch.inputs.items()},
        labels=None if batch.labels is None else batch.labels[now],
    )
    scores = answer.scores[chosen]
    if part.labels is not None:
        truth = part.labels.reshape(len(now), -1)
        named = answer.labels[chosen] == truth
        tally.right += int((named.any(1) & ~np.isnan(scores).any(1)).sum())
    run.take(part, lambda _: [scores])


def _counts(labels: Array | None, rows: Array) -> int:
    return 0 if labels is None else int((labels[rows] != IGNORED).sum())
