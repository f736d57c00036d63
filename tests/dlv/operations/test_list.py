"""Lists."""

import numpy as np
import pytest

from modelhub.dlv import list_versions, log
from modelhub.errors import InputError


@pytest.fixture
def listed(repository):
    first = repository.commit("a", {"w": np.ones(2)}, metrics={"loss": 2.0})
    repository.commit("b", {"w": np.ones(3)}, parents=[first], metrics={"loss": 1.0})
    repository.commit("a", {"w": np.ones(4)})
    return repository


def names(rows) -> list[str]:
    return [str(row.version) for row in rows]


def test_orders(listed) -> None:
    """As a lineage, by metric with those without it last, by size, the other way round."""
    assert names(list_versions(listed)) == ["a@1", "b@1", "a@2"]
    assert names(list_versions(listed, sort="loss")) == ["b@1", "a@1", "a@2"]
    assert names(list_versions(listed, sort="parameters", reverse=True)) == ["a@2", "b@1", "a@1"]
    assert names(list_versions(listed, pattern="b")) == ["b@1"]
    assert names(list_versions(listed, limit=1)) == ["a@1"]
    with pytest.raises(InputError, match="there are: loss"):
        list_versions(listed, sort="nothing")


def test_a_row(listed) -> None:
    """Parents, parameters, metrics."""
    row = list_versions(listed, pattern="b")[0]
    assert (list(row.parents), row.parameters, row.metrics) == (["a@1"], 3, {"loss": 1.0})


def test_the_history_of_a_merge(listed) -> None:
    """Every ancestor once."""
    listed.commit("merge", {"w": np.ones(5)}, parents=["a@2", "b"])
    assert names(log(listed, "merge")) == ["merge@1", "a@2", "b@1", "a@1"]
