"""The Python door."""

import numpy as np
import pytest

from modelhub.dlv.repository import ModelVersion
from modelhub.errors import InputError


def test_a_version_is_what_it_was(repository, state) -> None:
    """Name, number, message, metrics, settings, parents, files, snapshots."""
    first = repository.commit("net", state, hyperparameters={"lr": 0.1}, message="hello")
    child = repository.commit("child", {"w": np.ones(2)}, parents=[first], tags=["t"])
    assert (first.name, first.number, first.message) == ("net", 1, "hello")
    assert first.hyperparameters == {"lr": 0.1}
    assert child.parents == [first]
    assert [file.path for file in child.files] == ["model.safetensors"]
    assert child.snapshots == ["final"]
    assert repository["child@t"] == child
    assert len({child, repository["child"]}) == 1
    assert repr(child).startswith("ModelVersion('child@1'")


def test_what_is_named_stays_what_it_is(repository, state) -> None:
    """A version that was looked up does not follow later commits."""
    first = repository.commit("net", state)
    held = repository["net"]
    repository.commit("net", {"w": np.ones(2)})
    assert held == first
    assert held.description.version.number == 1


def test_nothing_to_commit(repository) -> None:
    """An empty list of paths."""
    with pytest.raises(InputError, match="nothing to commit"):
        repository.commit("net", [])
    assert not any(isinstance(v, ModelVersion) for v in repository)
