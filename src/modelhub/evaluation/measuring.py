"""A model run over data: outputs are measured, batch by batch."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from modelhub.errors import InputError
from modelhub.evaluation.by_class import ClassResult, Counts
from modelhub.evaluation.data import Array
from modelhub.evaluation.feed import FedBatch, Feed
from modelhub.evaluation.metrics import FunctionMetric, Metric, metric
from modelhub.evaluation.scored import Scored, is_alike, is_by_class
from modelhub.evaluation.spool import Spool
from modelhub.recipes import OutgoingTensor
from modelhub.values import Progress

Model: TypeAlias = Callable[[Mapping[str, Array]], list[Array]]
BY_CLASS = ("accuracy", "loss")
BY_NUMBER = ("mse",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions:
    """How a model is evaluated.

    Attributes:
        metrics: names; empty for those that fit the labels.
        batch_size: examples at once.
        output: which of the network's outputs is measured.
        has_probabilities: whether that output gives probabilities of classes, not logits.
        per_class: whether classes are counted one by one.
    """

    metrics: Sequence[str] = ()
    batch_size: int = 64
    output: int = 0
    has_probabilities: bool = False
    per_class: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came out.

    Attributes:
        metrics: by name, in the order asked for.
        examples: how many went in.
        nans: elements of outputs that are NaN.
        infinities: elements that are infinite.
        broken_examples: examples with any such element.
        seconds: inside the model.
        classes: class by class, if asked for.
        confusion: rows are right classes, columns named ones; if asked for, and not too many.
    """

    metrics: Mapping[str, float]
    examples: int
    nans: int
    infinities: int
    broken_examples: int
    seconds: float
    classes: Sequence[ClassResult] = ()
    confusion: Sequence[Sequence[int]] = ()


def evaluate(
    model: Model,
    feed: Feed,
    options: EvaluationOptions,
    *,
    predictions: "Predictions | None" = None,
    progress: Progress | None = None,
    label: str = "evaluate",
) -> Measured:
    """Run a model over all data once.

    Args:
        model: arrays by input name to the list of its outputs.
        feed: the data.
        options: what is measured.
        predictions: where outputs, labels and named classes are put by, too.
        progress: told the bytes that were fed.
        label: what progress is called.

    Raises:
        InputError: there are no data or no labels, or a metric does not fit.
    """
    with ExitStack() as stack:
        run = Run(options, feed, predictions, stack)
        fed = 0
        for batch in feed.batches(options.batch_size):
            run.take(batch, model)
            fed += sum(each.nbytes for each in batch.inputs.values())
            if progress is not None:
                total = (feed.count or 0) * fed // max(1, run.examples)
                progress(label, fed, total)
        return run.result()


@dataclass(kw_only=True)
class Predictions:
    """Outputs, labels and named classes of each example, put by."""

    outputs: Spool = field(default_factory=lambda: Spool("outputs"))
    labels: Spool = field(default_factory=lambda: Spool("labels"))
    named: Spool = field(default_factory=lambda: Spool("predictions"))

    def append(self, outputs: Array, labels: Array | None) -> None:
        """Put a batch by."""
        self.outputs.append(outputs)
        if labels is not None:
            self.labels.append(labels)
        if labels is None or is_by_class(outputs, labels):
            axis = 1 if labels is not None and labels.shape != outputs.shape[:-1] else -1
            if outputs.ndim > 1:
                self.named.append(outputs.argmax(axis=axis).astype(np.int64))

    def outgoing(self) -> list[OutgoingTensor]:
        """All of them, to be written; those that there are."""
        spools = {"outputs": self.outputs, "labels": self.labels, "predictions": self.named}
        return [each.outgoing(name) for name, each in spools.items() if each.count]

    def close(self) -> None:
        """Let them vanish."""
        for each in (self.outputs, self.labels, self.named):
            each.close()


class Run:
    """One pass."""

    def __init__(
        self,
        options: EvaluationOptions,
        feed: Feed,
        predictions: Predictions | None,
        stack: ExitStack,
    ) -> None:
        self._options = options
        self._feed = feed
        self._predictions = predictions
        self._metrics: dict[str, Metric] = {}
        self._functions: dict[str, FunctionMetric] = {}
        self._kept = Predictions()
        stack.callback(self._kept.close)
        self._counts = Counts(with_confusion=True)
        self._chooses = not options.metrics
        self.examples = self._nans = self._infinities = self._broken = 0
        self._seconds = 0.0
        self._choose(options.metrics)
        if feed.label is None and (options.metrics or options.per_class or predictions is None):
            raise InputError(
                "the data have no labels, so that nothing can be measured; name them with "
                "--label, or only keep the outputs with --save-predictions"
            )

    def take(self, batch: FedBatch, model: Model) -> None:
        """Run one batch, and count."""
        begun = time.perf_counter()
        outputs = self._chosen(model(batch.inputs))
        self._seconds += time.perf_counter() - begun
        if outputs.ndim == 0 or len(outputs) != batch.count:
            raise InputError(
                f"the network gave an output of shape {list(outputs.shape)} for "
                f"{batch.count} examples; choose another one with --output"
            )
        self.examples += batch.count
        self._look(outputs)
        if self._predictions is not None:
            self._predictions.append(outputs, batch.labels)
        if batch.labels is not None:
            self._measure(outputs, batch.labels)

    def result(self) -> Measured:
        """What came out of all batches."""
        if not self.examples:
            raise InputError("the data are empty; there is nothing to evaluate on")
        values = {name: each.value() for name, each in self._metrics.items()}
        for name, function in self._functions.items():
            values[name] = function(self._kept.outputs.array(), self._kept.labels.array())
        order = self._options.metrics or tuple(values)
        confusion = self._counts.confusion
        return Measured(
            metrics={name: values[name] for name in order},
            examples=self.examples,
            nans=self._nans,
            infinities=self._infinities,
            broken_examples=self._broken,
            seconds=self._seconds,
            classes=self._counts.results(self._feed.source.classes),
            confusion=[] if confusion is None else confusion.tolist(),
        )

    def _choose(self, names: Sequence[str]) -> None:
        for name in names:
            found = metric(name)
            if isinstance(found, FunctionMetric):
                self._functions[name] = found
            else:
                self._metrics[name] = found

    def _chosen(self, outputs: Sequence[Array]) -> Array:
        if self._options.output >= len(outputs):
            raise InputError(
                f"the network has {len(outputs)} outputs, counted from 0; "
                f"there is no --output {self._options.output}"
            )
        return np.asarray(outputs[self._options.output])

    def _look(self, outputs: Array) -> None:
        if outputs.dtype.kind in "iub" or np.isfinite(outputs).all():
            return
        wrong = ~np.isfinite(outputs)
        nans = np.isnan(outputs)
        self._nans += int(nans.sum())
        self._infinities += int((wrong & ~nans).sum())
        self._broken += int(wrong.reshape(len(outputs), -1).any(axis=1).sum())

    def _measure(self, outputs: Array, labels: Array) -> None:
        if self._chooses:
            self._choose(_fitting(outputs, labels))
            self._chooses = False
        scored = Scored(
            outputs=outputs, labels=labels, has_probabilities=self._options.has_probabilities
        )
        for each in self._metrics.values():
            each.update(scored)
        if self._options.per_class:
            self._counts.update(scored)
        if self._functions:
            self._kept.outputs.append(outputs)
            self._kept.labels.append(labels)


def _fitting(outputs: Array, labels: Array) -> Sequence[str]:
    """The metrics that are measured if none is named."""
    if is_by_class(outputs, labels):
        return BY_CLASS
    if labels.dtype.kind not in "iub" and is_alike(outputs, labels):
        return BY_NUMBER
    raise InputError(
        f"outputs are {outputs.dtype.name} of shape {list(outputs.shape)}, labels "
        f"{labels.dtype.name} of shape {list(labels.shape)}; say what is measured with --metric"
    )
