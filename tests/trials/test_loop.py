"""The default training: when it measures, saves and ends."""

import math

import numpy as np
import pytest

from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation import WantedInput
from modelhub.trials import (
    Loop,
    checked,
    data_options,
    measured_metrics,
    open_trial_data,
    recipe_of,
)

WANTED = [WantedInput(name="x", dtype="float32", shape=(3,))]


class Scripted:
    """A training whose losses are told beforehand."""

    def __init__(self, losses):
        self.losses, self.steps = losses, []
        self.module = None

    def step(self, inputs, labels):
        self.steps.append((inputs["x"].shape, labels.shape))
        return self.losses[min(len(self.steps), len(self.losses)) - 1]

    def model(self, batch):
        return [np.eye(2, dtype=np.float32)[[len(self.steps) % 2] * len(batch["x"])]]

    def state(self):
        return {"steps": np.int64(len(self.steps))}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", x=np.zeros((20, 3), np.float32), y=np.arange(20) % 2)


def trained(losses, **settings):
    config = checked({"input_data": "data.npz", "base_lr": 1, "batch_size": 4, **settings})
    reports, saved = [], []
    training = Scripted(losses)
    Loop(
        training=training,
        data=open_trial_data(config, WANTED),
        config=config,
        metrics=(),
        milestones=[7],
        batch_size=4,
        measured_at_once=3,
        has_probabilities=False,
        report=lambda step, **metrics: reports.append((step, metrics)),
        save=lambda step, state: saved.append((step, int(state["steps"]))),
    ).run()
    return training, reports, saved


@pytest.mark.usefixtures("data")
def test_it_measures_saves_and_ends() -> None:
    """At its intervals, at milestones, and at the end."""
    training, reports, saved = trained([2.0, 1.0], max_iter=10, test_interval=4, snapshot=6)
    assert [step for step, _ in reports] == [4, 7, 8, 10]
    assert reports[0][1].keys() == {"accuracy", "loss", "train_loss"}
    assert [metrics["train_loss"] for _, metrics in reports] == [1.25, 1.0, 1.0, 1.0]
    assert saved == [(6, 6), (10, 10)]
    assert set(training.steps) == {((4, 3), (4,))}


@pytest.mark.usefixtures("data")
def test_it_ends_when_nothing_gets_better() -> None:
    """After so many measurements without a smaller loss; the weights are saved."""
    _, reports, saved = trained([1.0], max_iter=100, test_interval=2, patience=3)
    assert len(reports) < 12
    assert saved == [(reports[-1][0], reports[-1][0])]


@pytest.mark.parametrize("loss", [math.nan, math.inf])
@pytest.mark.usefixtures("data")
def test_a_loss_that_is_no_number_ends_it(loss: float) -> None:
    """At once, with the step."""
    with pytest.raises(InputError, match=f"the loss is {loss} at step 3"):
        trained([1, 1, loss], max_iter=10)


@pytest.mark.usefixtures("data")
def test_data_that_cannot_be_used_are_refused() -> None:
    """No labels, no examples, no file."""
    np.savez("bare.npz", x=np.zeros((20, 3), np.float32))
    np.savez("empty.npz", x=np.zeros((0, 3), np.float32), y=np.zeros(0, np.int64))
    with pytest.raises(InputError, match="have no labels"):
        trained([1], max_iter=1, input_data="bare.npz")
    with pytest.raises(InputError, match="no examples"):
        trained([1], max_iter=1, input_data="empty.npz")
    with pytest.raises(NotFoundError, match="no data at nowhere"):
        trained([1], max_iter=1, input_data="nowhere")


@pytest.mark.usefixtures("data")
def test_test_data_are_measured_whole() -> None:
    """And input data are trained on whole."""
    config = checked(
        {"input_data": "data.npz", "test_data": "data.npz", "base_lr": 1, "max_iter": 1}
    )
    found = open_trial_data(config, WANTED)
    assert (found.train.count, found.test.count) == (20, 20)


def test_the_table_data_is_that_of_eval() -> None:
    """Keys by their names, numbers as they are written."""
    found = data_options({"label": "y", "scale": "1/255", "mean": 0.5, "image_size": 28})
    assert (found.label, str(found.scale), found.mean, found.image_size) == (
        "y",
        "1/255",
        [0.5],
        (28, 28),
    )
    for wrong in ({"labell": "y"}, {"scale": "much"}, {"std": ["a"]}):
        with pytest.raises(InputError, match="the table data"):
            data_options(wrong)


def test_rules_decide_what_is_measured() -> None:
    """What fits the labels is enough for loss and accuracy."""
    config = checked({"input_data": "d", "base_lr": 1, "max_iter": 1})
    assert measured_metrics(config, ["loss", "train_loss"]) == ()
    assert measured_metrics(config, ["f1", "train_loss"]) == ["f1"]
    assert measured_metrics({**config, "metrics": ["f1"]}, ["loss"]) == ["f1", "loss"]


def test_a_recipe_says_what_a_framework_does() -> None:
    """The step size is a third of the steps unless it is said."""
    config = checked({"input_data": "d", "base_lr": 0.5, "max_iter": 9, "lr_policy": "step"})
    found = recipe_of(config, {"w": 2.0}, has_probabilities=True, threads=3)
    assert (found.rate, found.steps, found.step_size, found.threads) == (0.5, 9, 3, 3)
    assert found.multiples == {"w": 2.0}
