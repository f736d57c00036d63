"""Versions beside each other, from Python."""

import pytest
from small_networks import small_captured, small_state

from modelhub.dlv import CommitOptions, commit_state
from modelhub.errors import InputError


def test_a_page_with_all_versions(repository, state) -> None:
    """What differs, as a value and as the page; a version may be given itself."""
    first = repository.commit("net", state, metrics={"loss": 2.0})
    repository.commit("net", state | {"conv.bias": state["conv.bias"] + 1}, metrics={"loss": 1.0})
    repository.commit("other", state, message="<b>")
    found = repository.compare(first, "net@2", "other", only=["weights", "metrics"])
    shown = found._repr_html_()

    assert [str(each.after) for each in found.differences] == ["net@2", "other@1"]
    assert repr(found) == "VersionComparison(net@1 → net@2, other@1)"
    assert "conv.bias" in shown
    assert "<b>" not in shown


def test_networks_stand_side_by_side(repository) -> None:
    """Where both are known and differ."""
    for kind in ("MAX", "AVG"):
        options = CommitOptions(network=small_captured(kind=kind))
        commit_state(repository, "net", small_state(1), options=options)
    shown = repository.compare("net@1", "net@2")._repr_html_()

    assert "Networks of net@1 and net@2" in shown
    assert "POOL AVG" in shown


def test_one_version_is_no_comparison(repository, state) -> None:
    """The message says how it is called."""
    repository.commit("net", state)
    with pytest.raises(InputError, match=r"compare\(before, after\)"):
        repository.compare("net")
