"""Versions as rows."""

from modelhub.dlv import annotate
from modelhub.dlv.catalog.versions import metrics_of, refs_of, version_row


def test_unknown_ids_have_no_names(repository, state) -> None:
    """Those that are there have."""
    version = repository.commit("net", state)
    assert refs_of(repository.catalog, [version.id, "0" * 64]) == {version.id: version.ref}


def test_metrics_stand_by_name(repository, state) -> None:
    """In the order in which a rebuilt catalog has them, too; annotated numbers win."""
    version = repository.commit("net", state, metrics={"z": 1.0, "a": 2.0})
    annotate(repository, "net", metrics={"m": 3.0, "z": 4.0})

    found = metrics_of(repository.catalog, version_row(repository.catalog, version.id).key)

    assert list(found.items()) == [("a", 2.0), ("m", 3.0), ("z", 4.0)]
