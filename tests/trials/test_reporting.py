"""What a training may report."""

import math

import pytest

from modelhub.errors import InputError
from modelhub.trials import Reporter, StopTrial


def test_reports_are_numbers_and_passed_on() -> None:
    """Whatever kind of number they are."""
    heard = []
    report = Reporter(lambda step, metrics: heard.append((step, metrics)), [])
    report(1, loss=1)
    report(5, loss=True, f1=math.nan)
    assert heard[0] == (1, {"loss": 1.0})
    assert report.step == 5


def test_the_answer_stops_the_training() -> None:
    """It says why."""
    with pytest.raises(StopTrial, match="enough"):
        Reporter(lambda *_: "enough", [])(1, loss=0)


@pytest.mark.parametrize(
    ("step", "metrics", "said"),
    [
        (0, {"loss": 1}, "a step above 0"),
        ("2", {"loss": 1}, "a step above 0"),
        (1, {}, "and metrics"),
        (1, {"loss": "low"}, "'low', no number"),
        (1, {"val_loss": math.nan}, "val_loss is NaN at step 1"),
        (1, {"f1": math.nan}, "f1 is NaN at step 1"),
    ],
)
def test_what_cannot_be_judged_is_refused(step, metrics, said) -> None:
    """NaN too, in losses and in what rules ask for."""
    with pytest.raises(InputError, match=said):
        Reporter(lambda *_: None, ["f1"])(step, **metrics)
