"""Trials that are kept, as versions."""

import pytest
from small_trials import with_networks

from modelhub.dql import query
from modelhub.dql.candidates import Candidate, written
from modelhub.dql.kept import commit_kept
from modelhub.errors import InputError
from modelhub.trials import RunFolder, RunPlan, Trial, checked, save_state

COURSE = [(5, {"loss": 2.0, "accuracy": 0.25}), (10, {"loss": 1.5})]


@pytest.fixture
def models(tmp_path):
    with with_networks(tmp_path) as found:
        yield found


def test_a_trial_becomes_a_version_once(models) -> None:
    """With checkpoints as snapshots, their metrics, and the course; even if nobody noted it."""
    [version] = query(models, "select m").versions
    candidate = Candidate(part=version)
    config = checked({"input_data": "d", "max_iter": 10, "base_lr": 0.1})
    plan = RunPlan(
        query="evaluate m\n",
        config=config,
        data={},
        candidates=[written(candidate)],
        varied=["base_lr"],
        count=1,
    )
    trial = Trial(number=3, candidate=0, point={"base_lr": 0.5}, state="finished", course=COURSE)
    state = models["lenet"].state_dict()
    folder = RunFolder(models.layout.runs, "0123456789ab")

    def commit() -> str:
        for step in (5, 10):
            save_state(folder.trial(3), step, state)
        return commit_kept(models, folder, trial, [candidate], plan, name=None)

    with folder.driving():
        assert commit() == "lenet-tried@1"
        assert not folder.trial(3).exists()
        assert commit() == "lenet-tried@1"
        (folder.path / "00003.version.json").unlink()
        assert commit() == "lenet-tried@1"
        (folder.path / "00003.version.json").unlink()
        trial.number = 4
        save_state(folder.trial(4), 5, state)
        with pytest.raises(InputError):
            commit_kept(models, folder, trial, [candidate], plan, name="no name")
    found = models["lenet-tried"]
    assert found.number == 1
    assert found.snapshots == ["step-5", "step-10"]
    assert found.metrics == {"accuracy": 0.25, "loss": 1.5}
    assert found.hyperparameters["base_lr"] == 0.5
    assert found.hyperparameters["trial"] == "0123456789ab/3"
    assert {each.path for each in found.files} == {
        "history.csv",
        "step-5.safetensors",
        "step-10.safetensors",
    }
    rows = query(models, 'select m.metrics["loss"][5] where m.name = "lenet-tried"').rows
    assert rows == [[2.0]]
