"""One trial, as a worker gets it."""

import pickle

import pytest
from safetensors.numpy import load_file
from small_trials import with_networks

from modelhub.dlv.repository import Repository
from modelhub.dql import query
from modelhub.dql.candidates import Candidate
from modelhub.dql.trial import Task, multiples, train
from modelhub.trials import FINISHED, StopTrial, checked


@pytest.fixture
def task(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with with_networks(tmp_path) as models:
        [version] = query(models, "select m").versions
    config = {"input_data": "digits.npz", "base_lr": 0.1, "max_iter": 8, "snapshot": 3}
    return Task(
        root=tmp_path,
        candidate=Candidate(part=version),
        config=checked(config),
        needed=["loss"],
        milestones=[5],
        folder=tmp_path / "trial",
        threads=1,
    )


def test_it_travels_by_name_and_leaves_checkpoints(task) -> None:
    """No weight is in the task; its numbers are those of the seed."""
    raw = pickle.dumps(task)
    assert len(raw) < 2000
    heard = []
    for each in (task, pickle.loads(raw)):
        ending = train(each, lambda step, metrics: heard.append((step, metrics)))
    assert (ending.state, ending.step) == (FINISHED, 8)
    assert heard[: len(heard) // 2] == heard[len(heard) // 2 :]
    assert 5 in [step for step, _ in heard]
    files = {each.name for each in task.folder.iterdir()}
    assert files == {"step-3.safetensors", "step-6.safetensors", "step-8.safetensors"}
    assert "conv1.weight" in load_file(task.folder / "step-8.safetensors")


def test_it_stops_when_it_is_told_to(task) -> None:
    """And leaves no checkpoint of later steps."""
    with pytest.raises(StopTrial, match="enough"):
        train(task, lambda step, _: "enough" if step >= 5 else None)
    assert [each.name for each in task.folder.iterdir()] == ["step-3.safetensors"]


def test_multiples_are_of_parameters_by_their_nodes(task, tmp_path) -> None:
    """The last selector that matches counts."""
    with Repository.open(tmp_path) as models:
        network = task.candidate.network(models)
    found = multiples(network, {"*": {"lr": 1.0}, "conv*": {"lr": 0.1}})
    assert found == {
        "conv1.weight": 0.1,
        "conv1.bias": 0.1,
        "fc1.weight": 1.0,
        "fc1.bias": 1.0,
    }
    assert multiples(network, {"fc[1,2]": {"lr": 2.0}}) == {"fc1.weight": 2.0, "fc1.bias": 2.0}
