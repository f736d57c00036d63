"""A run: every trial once, whatever happens in between."""

import numpy as np
import pytest
from work_of_trials import count

from modelhub.trials import Choices, Grid, Run, RunFolder, Space, Threshold, Top, save_state
from modelhub.trials.executors import Inline

LOSSES = [[5, 5], [1, 1], [4, 4], [2, 2], [3, 3]]
SPACE = Space(candidates=1, dimensions=[Choices(name="x", values=list(range(len(LOSSES))))])
TOP = Top(count=2, metric="loss", after=1, is_falling=True)


@pytest.fixture
def folder(tmp_path):
    found = RunFolder(tmp_path, "0123456789ab")
    with found.driving():
        yield found


def run_of(folder, rules=(TOP,), *, losses=LOSSES, watch=lambda _: None) -> Run:
    def task(trial):
        save_state(folder.trial(trial.number), 1, {"w": np.zeros(1)})
        return losses[trial.point["x"]]

    return Run(folder, Grid(SPACE), rules, task=task, watch=watch)


def test_the_best_are_kept_and_the_hopeless_stopped(folder) -> None:
    """Trial 4 comes when two are better; trials 0 and 2 were overtaken, but had ended."""
    run = run_of(folder)
    Inline().run(run, count)
    states = [run.trials[n].state for n in range(5)]
    assert states == ["finished", "finished", "finished", "finished", "stopped"]
    assert run.trials[4].reason == "2 trials have a better loss at step 1"
    assert run.trials[4].step == 1
    assert run.kept() == [1, 3]
    assert [folder.trial(n).exists() for n in range(5)] == [False, True, False, True, False]


def test_a_run_that_was_killed_goes_on(folder) -> None:
    """No finished trial is repeated, none is lost, and the same are kept."""
    begun = []

    def die_after(number):
        def watch(trial):
            if trial.state == "running" and not trial.course:
                if trial.number == number:
                    raise KeyboardInterrupt
                begun.append(trial.number)

        return watch

    for number in range(5):
        with pytest.raises(KeyboardInterrupt):
            Inline().run(run_of(folder, watch=die_after(number)), count)
    run = run_of(folder, watch=die_after(None))
    Inline().run(run, count)
    assert begun == [0, 1, 2, 3, 4]
    assert run.kept() == [1, 3]
    Inline().run(run_of(folder, watch=die_after(0)), count)
    assert begun == [0, 1, 2, 3, 4]


def test_what_was_never_reported_fails_the_trial(folder) -> None:
    """With what was."""
    rule = Threshold(text="f1 > 0", holds=lambda m: m["f1"] > 0, metrics=["f1"])
    run = run_of(folder, [rule], losses=[[1], [], [1], [1], [1]])
    Inline().run(run, count)
    assert {each.state for each in run.trials.values()} == {"failed"}
    assert run.trials[0].reason == ("the metric 'f1' was never reported; reported were: loss, pid")
    assert run.trials[1].reason.endswith("reported were: none")
    assert run.kept() == []


def test_a_step_that_is_never_reached_is_told(folder) -> None:
    """It may be a user's training that reports too seldom."""
    rule = Top(count=1, metric="loss", after=9, is_falling=True)
    run = run_of(folder, [rule])
    Inline().run(run, count)
    assert "at step 9 or later" in run.trials[0].reason


def test_more_are_asked_for_than_there_are(folder) -> None:
    """All are kept, and a note says so."""
    run = run_of(folder, [Top(count=9, metric="loss", after=1, is_falling=True)])
    Inline().run(run, count)
    assert run.notes() == ["top(9, loss, 1) of 5 trials: all that finish are kept"]
    assert run.kept() == [1, 3, 4, 2, 0]
    assert run_of(folder).notes() == []
