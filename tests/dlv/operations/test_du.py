"""Bytes of a repository."""

from modelhub.dlv import disk_usage


def test_totals(repository, state) -> None:
    """What lies on disk, and what the files are."""
    repository.commit("net", state)
    found = disk_usage(repository)
    on_disk = sum(repository.store.size(id_) for id_ in repository.store.ids())
    assert found.objects == on_disk
    assert found.rows[0].stored <= on_disk
    assert disk_usage(repository, pattern="x*").rows == []
