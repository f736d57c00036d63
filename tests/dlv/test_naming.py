"""Revisions looked up in the catalog."""

import pytest

from modelhub.dlv.naming import resolve, resolve_all
from modelhub.errors import AmbiguousError, NotFoundError


def test_every_form(repository, state) -> None:
    """Numbers, tags, aliases, ancestors, ids, the best."""
    from modelhub.config import project_file
    from modelhub.config_file import set_value
    from modelhub.dlv import alias, annotate

    first = repository.commit("net", state, tags=["v1"], metrics={"loss": 1.0})
    state["conv.bias"] += 1
    second = repository.commit("net", state, metrics={"loss": 2.0})
    alias(repository, "net@1", "good")
    for text in ("net@1", "net@v1", "net:good", "net~1", "net@2~", "net^1", first.id[:12]):
        assert resolve(repository, text).id == first.id
    for text in ("net", "net@latest", "net@2", second.id):
        assert resolve(repository, text).id == second.id
    set_value(project_file(repository.layout.folder), "best.metric", "loss")
    del repository.__dict__["settings"]
    assert resolve(repository, "net@best").number == 1
    annotate(repository, "net@2", metrics={"loss": 0.5})
    assert resolve(repository, "net@best").number == 2


def test_a_short_id_may_fit_several(repository, state, monkeypatch) -> None:
    """The candidates are listed."""
    refs = [repository.commit("net", {"w": state["conv.bias"] + n}).ref for n in range(3)]
    monkeypatch.setattr(
        "modelhub.dlv.naming.CatalogNames.with_id",
        lambda _self, _prefix, _limit: refs,
    )
    with pytest.raises(AmbiguousError, match="give more digits"):
        resolve(repository, "abcd")


def test_a_snapshot_may_be_given_apart(repository, state) -> None:
    """It stands for the one that the text would name."""
    repository.commit("net", state, step=5)
    found = resolve_all(repository, "net", snapshot="step-5")
    assert found.names_snapshot
    with pytest.raises(NotFoundError):
        found.choose([]) if found.tensors else resolve(repository, "nothing")
