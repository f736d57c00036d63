"""The state of a run outlives whoever writes it."""

import json
import math

import numpy as np
import pytest
from safetensors.numpy import load_file

from modelhub import durable
from modelhub.errors import IntegrityError, LockedError, NotFoundError
from modelhub.trials import RunFolder, RunPlan, names, run_name, save_state
from modelhub.trials.store import TrialRecord

PLAN = RunPlan(
    query="evaluate m\n",
    config={"base_lr": 0.1},
    data={"digits.npz": "ab", "mine:data": None},
    candidates=[{"kind": "version"}],
    varied=["base_lr"],
    count=2,
)
RECORD = TrialRecord(
    candidate=0,
    point={"base_lr": 0.1},
    state="stopped",
    step=20,
    reason="behind",
    course=[(10, {"loss": 0.5}), (20, {"loss": math.inf})],
    seconds=1.5,
)
NAME = "0123456789ab"


@pytest.fixture
def folder(tmp_path):
    found = RunFolder(tmp_path / "runs", NAME)
    with found.driving():
        yield found


def test_what_was_written_is_read(folder) -> None:
    """Infinite numbers, too."""
    assert (folder.plan(), folder.records(), folder.version(0)) == (None, {}, None)
    folder.write_plan(PLAN)
    folder.write_record(1, RECORD)
    folder.write_version(1, "lenet@2")
    assert folder.plan() == PLAN
    assert folder.records() == {1: RECORD}
    assert folder.version(1) == "lenet@2"


def test_the_name_is_that_of_the_question() -> None:
    """Another configuration, or other data, are another question; the candidates are not."""
    name = run_name(PLAN)
    others = [
        RunPlan(**{**vars_of(PLAN), key: value})
        for key, value in [("query", "x"), ("config", {}), ("data", {"digits.npz": "cd"})]
    ]
    assert len(name) == 12
    assert name not in {run_name(each) for each in others}
    assert name == run_name(RunPlan(**{**vars_of(PLAN), "candidates": [], "count": 9}))


def vars_of(plan):
    return {key: getattr(plan, key) for key in plan.__slots__}


@pytest.mark.usefixtures("folder")
def test_one_process_drives_a_run(tmp_path) -> None:
    """Others are told how to look at it."""
    other = RunFolder(tmp_path / "runs", NAME)
    assert other.is_driven
    with pytest.raises(LockedError, match=f"dlv query --status {NAME}"), other.driving():
        pass


def test_nobody_drives_what_is_not_there(tmp_path) -> None:
    """Nor what was left."""
    found = RunFolder(tmp_path, NAME)
    assert not found.is_driven
    with found.driving():
        pass
    assert not found.is_driven


def test_a_kill_between_any_two_steps_leaves_the_old_or_the_new(tmp_path, monkeypatch) -> None:
    """Whatever is half written is taken away by the next who drives the run."""
    instants = 0
    while True:
        found = RunFolder(tmp_path / str(instants), NAME)
        with found.driving():
            found.write_plan(PLAN)
        left = instants

        def die(*_) -> None:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1

        has_died = False
        with monkeypatch.context() as patched, found.driving():
            patched.setattr(durable, "checkpoint", die)
            try:
                found.write_record(0, RECORD)
            except KeyboardInterrupt:
                has_died = True
        with found.driving():
            assert found.records() in ({}, {0: RECORD})
            assert {each.suffix for each in found.path.iterdir()} <= {"", ".json"}
        if not has_died:
            break
        instants += 1
    assert instants > 3


def test_trials_that_did_not_end_leave_nothing(folder) -> None:
    """Their checkpoints go; those of trials that ended stay until they are discarded."""
    for number in (0, 1):
        save_state(folder.trial(number), 5, {"w": np.ones(3, np.float32)})
    folder.write_record(0, RECORD)
    again = RunFolder(folder.path.parent, NAME)
    again._tidy()
    assert folder.trial(0).exists()
    assert not folder.trial(1).exists()
    folder.discard(0)
    folder.discard(0)
    assert not folder.trial(0).exists()


def test_weights_are_safetensors(tmp_path) -> None:
    """Named by their step; written again they are the same."""
    state = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.int64(3)}
    for _ in range(2):
        save_state(tmp_path / "trial", 7, state)
    [file] = (tmp_path / "trial").iterdir()
    assert file.name == "step-7.safetensors"
    assert load_file(file)["w"].tolist() == state["w"].tolist()


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"format": 9}', '{"format": 1, "x": 2}'])
def test_damage_is_told(folder, text: str) -> None:
    """With the way out."""
    (folder.path / "run.json").write_text(text)
    with pytest.raises(IntegrityError, match=r"delete it|upgrade it"):
        folder.plan()
    (folder.path / "00000.json").write_text(json.dumps({"course": 3}))
    with pytest.raises(IntegrityError, match="delete it"):
        folder.records()


def test_runs_are_found_by_the_beginning_of_their_names(tmp_path) -> None:
    """If there is one such."""
    for name in ("aaaaaaaaaaaa", "aabbbbbbbbbb"):
        (tmp_path / name).mkdir()
    (tmp_path / "other").mkdir()
    assert names(tmp_path) == ["aaaaaaaaaaaa", "aabbbbbbbbbb"]
    assert RunFolder.find(tmp_path, "aab").name == "aabbbbbbbbbb"
    for wrong in ("aa", "c", "other"):
        with pytest.raises(NotFoundError):
            RunFolder.find(tmp_path, wrong)
    with pytest.raises(NotFoundError, match="there are none"):
        RunFolder.find(tmp_path / "nowhere", "a")
