"""The training that a trial is, unless the user has one: steps, measurements, checkpoints."""

import itertools
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from modelhub.errors import InputError
from modelhub.evaluation import (
    DataOptions,
    DataSource,
    EvaluationOptions,
    FedBatch,
    Feed,
    WantedInput,
    connect,
    evaluate,
    open_data,
)
from modelhub.trials.configuration import Config
from modelhub.trials.data import Part, Shuffled
from modelhub.trials.reporting import Report
from modelhub.trials.rules import is_falling
from modelhub.wrappers import Recipe, Training

TRAIN_LOSS = "train_loss"
BY_CLASS = {"accuracy", "loss"}
_OPTIONS = ("label", "inputs", "image_size", "scale", "mean", "std", "cast")

Save: TypeAlias = Callable[[int, Mapping[str, object]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """The data of a trial, connected to its network.

    Attributes:
        train: what it is trained on, in another order each time.
        test: what it is measured on.
    """

    train: Feed
    test: Feed


def open_trial_data(config: Config, wanted: Sequence[WantedInput]) -> TrialData:
    """Open what a configuration names.

    Raises:
        NotFoundError: there is no such place or field.
        InputError: the data cannot be used, or have no labels.
    """
    options = data_options(config["data"])
    source = open_data(config["input_data"], wanted=wanted, options=options)
    if config["test_data"] is not None:
        train: DataSource = source
        test = open_data(config["test_data"], wanted=wanted, options=options)
    else:
        share = config["test_share"]
        train = Part(source, share, is_measured=False)
        test = Part(source, share, is_measured=True)
    shuffled = Shuffled(train, seed=config["seed"], buffer=config["shuffle"])
    found = TrialData(train=connect(shuffled, wanted, options), test=connect(test, wanted, options))
    if found.train.label is None:
        raise InputError(
            f"the data {config['input_data']} have no labels; name them as label in the table data"
        )
    return found


def data_options(table: Mapping[str, Any]) -> DataOptions:
    """The table `data` of a configuration.

    Raises:
        InputError: a key is not known, or a value is of another kind.
    """
    unknown = next((key for key in table if key not in _OPTIONS), None)
    if unknown is not None:
        raise InputError(f"the table data has no {unknown!r}; there are: {', '.join(_OPTIONS)}")
    found = dict(table)
    try:
        if "scale" in found:
            found["scale"] = Fraction(str(found["scale"]))
        if "image_size" in found:
            size = found["image_size"]
            height, width = size if isinstance(size, list) else (size, size)
            found["image_size"] = int(height), int(width)
        for key in ("mean", "std"):
            if key in found:
                values = found[key] if isinstance(found[key], list) else [found[key]]
                found[key] = [float(each) for each in values]
        return DataOptions(**found)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise InputError(f"the table data cannot be read: {error}") from None


def recipe_of(
    config: Config, multiples: Mapping[str, float], *, has_probabilities: bool, threads: int
) -> Recipe:
    """How a framework is to train by a configuration."""
    steps = config["max_iter"]
    return Recipe(
        steps=steps,
        rate=config["base_lr"],
        optimizer=config["optimizer"],
        momentum=config["momentum"],
        betas=(config["beta1"], config["beta2"]),
        weight_decay=config["weight_decay"],
        policy=config["lr_policy"],
        gamma=config["gamma"],
        step_size=config["stepsize"] or max(1, steps // 3),
        power=config["power"],
        warmup=config["warmup"],
        clip=config["clip_gradients"],
        multiples=multiples,
        loss=config["loss"],
        output=config["output"],
        has_probabilities=has_probabilities,
        seed=config["seed"],
        threads=threads,
    )


def measured_metrics(config: Config, needed: Collection[str]) -> Sequence[str]:
    """The metrics that are measured: those of the configuration, and those of rules.

    Empty: those that fit the labels, which rules that ask for no others are content with.
    """
    asked = [each for each in needed if each != TRAIN_LOSS]
    if not config["metrics"] and set(asked) <= BY_CLASS:
        return ()
    return list(dict.fromkeys([*config["metrics"], *asked]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """One training.

    Attributes:
        training: the network.
        data: what it is fed with.
        config: whole.
        metrics: what is measured; empty: what fits the labels.
        milestones: steps at which it is measured, whatever the interval.
        batch_size: examples in a step.
        measured_at_once: examples in a batch that is measured.
        has_probabilities: whether the output gives probabilities.
        report: told what was measured.
        save: given the weights at checkpoints, and at the end.
    """

    training: Training
    data: TrialData
    config: Config
    metrics: Sequence[str]
    milestones: Collection[int]
    batch_size: int
    measured_at_once: int
    has_probabilities: bool
    report: Report
    save: Save

    def run(self) -> None:
        """Train until all steps are done, or nothing gets better.

        Raises:
            StopTrial: it is told to stop.
            InputError: the data do not fit, or the loss is no number.
        """
        steps = self.config["max_iter"]
        losses: list[float] = []
        least, behind = math.inf, 0
        for step, batch in enumerate(itertools.islice(self._batches(), steps), 1):
            assert batch.labels is not None
            losses.append(self.training.step(batch.inputs, batch.labels))
            if not math.isfinite(losses[-1]):
                raise InputError(f"the loss is {losses[-1]} at step {step}")
            if self._is_measured(step):
                found = {**self._measured(), TRAIN_LOSS: sum(losses) / len(losses)}
                losses = []
                self.report(step, **found)
                loss = next((v for name, v in found.items() if is_falling(name)), math.inf)
                least, behind = (loss, 0) if loss < least else (least, behind + 1)
            is_last = step == steps or 0 < self.config["patience"] <= behind
            if is_last or (self.config["snapshot"] and step % self.config["snapshot"] == 0):
                self.save(step, self.training.state())
            if is_last:
                return

    def _batches(self) -> Iterator[FedBatch]:
        while True:
            count = 0
            for batch in self.data.train.batches(self.batch_size):
                if batch.count == self.batch_size or count == 0:
                    count += 1
                    yield batch
            if not count:
                raise InputError(f"there are no examples in {self.config['input_data']}")

    def _is_measured(self, step: int) -> bool:
        steps = self.config["max_iter"]
        interval = self.config["test_interval"] or max(1, steps // 10)
        return step % interval == 0 or step in self.milestones or step == steps

    def _measured(self) -> Mapping[str, float]:
        options = EvaluationOptions(
            metrics=self.metrics,
            batch_size=self.measured_at_once,
            output=self.config["output"],
            has_probabilities=self.has_probabilities,
        )
        return evaluate(self.training.model, self.data.test, options).metrics
