"""Every executor keeps the same promises."""

import os

import pytest
from work_of_trials import Listing, count

from modelhub.errors import NotFoundError
from modelhub.trials import EXECUTORS, FAILED, FINISHED, STOPPED

BOTH = pytest.mark.parametrize("name", ["inline", "process"])


@BOTH
def test_all_trials_are_trained_and_told_of(name: str) -> None:
    """Reports of a trial come in order, and each trial has an end."""
    driver = Listing([[3, 2], [5], []])
    EXECUTORS.get(name)(2).run(driver, count)
    assert sorted(r[:3] for r in driver.reports) == [(0, 1, 3.0), (0, 2, 2.0), (1, 1, 5.0)]
    assert {n: (e.state, e.step) for n, e in driver.ends.items()} == {
        0: (FINISHED, 2),
        1: (FINISHED, 1),
        2: (FINISHED, 0),
    }


@BOTH
def test_a_trial_that_raises_is_one_failed_trial(name: str) -> None:
    """The reason is told; the others go on."""
    driver = Listing([[1, "raise"], ["refuse"], [1, 2]])
    EXECUTORS.get(name)(1).run(driver, count)
    assert [driver.ends[n].state for n in range(3)] == [FAILED, FAILED, FINISHED]
    assert driver.ends[0].reason == "ZeroDivisionError: no luck"
    assert driver.ends[0].step == 1
    assert driver.ends[1].reason == "not these data"


@BOTH
def test_a_trial_stops_when_it_is_told_to(name: str) -> None:
    """At the step whose report was refused."""
    driver = Listing([[1, 2, 3]], stop=(0, 2))
    EXECUTORS.get(name)(1).run(driver, count)
    assert (driver.ends[0].state, driver.ends[0].step, driver.ends[0].reason) == (
        STOPPED,
        2,
        "enough",
    )


def test_inline_is_this_process() -> None:
    """Nothing is started."""
    driver = Listing([[1]])
    EXECUTORS.get("inline")(1).run(driver, count)
    assert driver.reports[0][3] == os.getpid()


def test_an_unknown_executor_is_refused() -> None:
    """Those that there are are named."""
    with pytest.raises(NotFoundError, match="inline, process"):
        EXECUTORS.get("cloud")
