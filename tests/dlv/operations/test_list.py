"""Lists."""

import numpy as np
import pytest

from modelhub.dlv import list_versions, log
from modelhub.dlv.operations import list as operation
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


def test_few_versions_and_many_are_told_alike(listed, monkeypatch) -> None:
    """What is asked for a few keys by name is what is found when all rows are read."""
    asked = [
        lambda: list_versions(listed),
        lambda: list_versions(listed, pattern="a"),
        lambda: log(listed, "a"),
    ]
    few = [ask() for ask in asked]
    monkeypatch.setattr(operation, "MAX_KEYS", 0)
    assert [ask() for ask in asked] == few


def test_the_log_of_one_reads_no_facts_of_others(listed, monkeypatch) -> None:
    """However many versions there are, rows are fetched for those that are shown."""
    for number in range(20):
        listed.commit("c", {"w": np.full(3, number)}, metrics={"loss": float(number)})
    fetched = []
    ask = listed.catalog.ask

    def counted(question, **values):
        found = ask(question, **values)
        fetched.append(len(found))
        return found

    monkeypatch.setattr(listed.catalog, "ask", counted)
    assert names(log(listed, "a@2")) == ["a@2", "a@1"]
    assert max(fetched) == 2
