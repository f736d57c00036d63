"""Examples are measured at the first stage that is sure of them."""

from dataclasses import dataclass

import numpy as np
import pytest

from modelhub.errors import InputError
from modelhub.evaluation import (
    DataOptions,
    EvaluationOptions,
    WantedInput,
    certain_top,
    connect,
    evaluate_in_stages,
    open_data,
)

WANTED = (WantedInput(name="x", dtype="float32", shape=(1,)),)


@dataclass
class Answer:
    labels: np.ndarray
    is_certain: np.ndarray
    scores: np.ndarray


class Halving:
    """Names the class that the input is, surely from the stage on that the input says."""

    bytes_suffix = 80
    bytes_in_full = 20

    def __init__(self, last):
        self.at, self.last, self.asked = 0, last, []

    @property
    def stage_name(self):
        return f"stage {self.at}"

    @property
    def is_full(self):
        return self.at == self.last

    @property
    def bytes_needed(self):
        return 40 * (self.at + 1) if not self.is_full else 80

    def advance(self):
        self.at += 1

    def answer(self, batch):
        x = batch["x"][:, 0].astype(int)
        self.asked.append((self.at, len(x)))
        scores = np.eye(3, dtype=np.float32)[x % 3]
        certain = (x // 3 <= self.at) | self.is_full
        return Answer(scores.argmax(1)[:, None], certain, scores)


def feed_of(tmp_path, x, y):
    path = tmp_path / "data.npz"
    np.savez(path, x=np.array(x, np.float32)[:, None], y=np.array(y))
    source = open_data(str(path), wanted=WANTED, options=DataOptions())
    return connect(source, WANTED, DataOptions())


def run(model, feed, size=4):
    options = EvaluationOptions(metrics=("accuracy",), batch_size=size)
    return evaluate_in_stages(model, feed, options)


def test_only_open_examples_are_asked_again(tmp_path) -> None:
    """The last stage sees their whole batches, as the plain evaluation does."""
    feed = feed_of(tmp_path, [0, 1, 3, 6, 2, 2], [0, 1, 0, 0, 2, 0])
    model = Halving(last=2)
    measured, stages = run(model, feed)

    assert model.asked == [(0, 4), (0, 2), (1, 2), (2, 4)]
    assert measured.examples == 6
    assert measured.metrics == {"accuracy": 5 / 6}
    assert [each.certain for each in stages] == [pytest.approx(each / 6) for each in (4, 5, 6)]
    assert [each.read for each in stages] == [0.6, 1.0, 1.0]


def test_what_is_certain_bounds_the_accuracy(tmp_path) -> None:
    """From below by what is certainly right, from above by what is not certainly wrong."""
    feed = feed_of(tmp_path, [0, 1, 3, 6], [0, 2, 0, 0])
    _, stages = run(Halving(last=2), feed)

    assert [(each.at_least, each.at_most) for each in stages] == [
        (0.25, 0.75),
        (0.5, 0.75),
        (0.75, 0.75),
    ]


def test_nothing_more_is_read_than_labels_ask_for(tmp_path) -> None:
    """All are certain at once."""
    model = Halving(last=2)
    _, stages = run(model, feed_of(tmp_path, [0, 1, 2], [0, 1, 2]))

    assert model.at == 0
    assert len(stages) == 1


def test_labels_that_do_not_count_are_not_counted(tmp_path) -> None:
    """A label of -100 is neither right nor open."""
    _, stages = run(Halving(last=1), feed_of(tmp_path, [0, 3, 1], [0, -100, 1]))

    assert (stages[0].at_least, stages[0].at_most) == (1, 1)


@pytest.mark.parametrize(
    ("metrics", "top"),
    [((), 1), (("accuracy", "f1"), 1), (("top7",), 7), (("accuracy", "top1"), 1)],
)
def test_metrics_say_which_set_must_be_certain(metrics, top) -> None:
    """The named class, or the N greatest."""
    assert certain_top(metrics) == top


@pytest.mark.parametrize("metrics", [("loss",), ("mse",), ("accuracy", "top5"), ("a.b:c",)])
def test_what_labels_do_not_say_is_refused(metrics) -> None:
    """The way out is the plain evaluation."""
    with pytest.raises(InputError, match="--progressive"):
        certain_top(metrics)
