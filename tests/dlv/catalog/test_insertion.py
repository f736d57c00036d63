"""Versions into the catalog."""

import pytest

from modelhub.dlv.catalog.insertion import Recipe, add_version, next_number
from modelhub.dlv.catalog.rows import Vanished
from modelhub.dlv.catalog.versions import count_versions
from modelhub.dlv.versions import Content, Manifest, VersionRef


def test_numbers_go_on(repository, state) -> None:
    """By name."""
    repository.commit("net", state)
    with repository.catalog.write() as connection:
        assert (next_number(connection, "net"), next_number(connection, "new")) == (2, 1)
    assert count_versions(repository.catalog) == 1


def test_what_is_gone_is_noticed(repository) -> None:
    """A version that refers to something freed meanwhile is not inserted."""
    manifest = Manifest(
        name="net", parents=[], created="", author="", message="", content=Content()
    )
    recipe = Recipe(file="1" * 64, size=1, recipe="2" * 64, tensors=["3" * 64], blobs=[])
    ref = VersionRef(id="4" * 64, name="net", number=1)
    with pytest.raises(Vanished), repository.catalog.write() as connection:
        add_version(connection, ref, manifest, content="5" * 64, recipes=[recipe])
    assert count_versions(repository.catalog) == 0
