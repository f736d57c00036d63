"""Tests of `modelhub.dlv.speeds`."""

import json

import pytest

from modelhub.dlv import speeds
from modelhub.dlv.storage_ways import DELTA, STORE, WHOLE


def test_a_machine_is_measured_once(repository, monkeypatch):
    """The coefficients are kept beside the catalog, by the name of the machine."""
    with repository.writing("test"):
        first = speeds.costs_of(repository)
    monkeypatch.setattr(speeds, "measure", lambda _: pytest.fail("measured again"))
    with repository.writing("test"):
        assert speeds.costs_of(repository) == first
    assert set(first.stores) == {STORE}
    assert set(first.encodings) == {WHOLE, DELTA}
    assert first.encodings[WHOLE].byte_s > 0


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 1}'])
def test_what_is_not_legible_is_measured_again(repository, text):
    """The file may be damaged or of another version: nothing depends on it."""
    repository.layout.costs.write_text(text)
    with repository.writing("test"):
        found = speeds.costs_of(repository)
    kept = json.loads(repository.layout.costs.read_text())
    assert found.to_json() in kept.values()
