"""Tests of `modelhub.pas.plans.written`."""

import json

import pytest
from hypothesis import given
from storage_graphs import graphs, toy

from modelhub.errors import InputError
from modelhub.pas.plans import from_json, to_json


@pytest.mark.property
@given(graphs())
def test_a_graph_comes_back(graph) -> None:
    """Through text, exactly."""
    text = json.dumps(to_json(graph), allow_nan=False)

    assert from_json(json.loads(text)) == graph


@pytest.mark.parametrize(
    "change",
    [
        {"matrices": "5"},
        {"matrices": -1},
        {"matrices": True},
        {"edges": [[0, 1, 1]]},
        {"edges": [[0, 1, float("nan"), 1]]},
        {"edges": 7},
        {"edges": None},
        {"snapshots": [1]},
        {"snapshots": {"s": ["x"]}},
    ],
)
def test_what_is_no_graph_is_refused(change) -> None:
    """With one clear error, whatever is wrong."""
    with pytest.raises(InputError):
        from_json({**to_json(toy()), **change})


def test_what_is_missing_is_named() -> None:
    """An empty mapping has no matrices."""
    with pytest.raises(InputError, match="matrices"):
        from_json({})
