"""Two catalogs compared by content."""

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.compare import EXTRA, MISSING, differences
from modelhub.dlv.recovery import read_packs, rebuild_into


def test_a_rebuilt_catalog_is_the_same(repository, state, tmp_path) -> None:
    """Keys may differ, content does not; a changed row is told on both sides."""
    repository.commit("net", state, tags=["v1"], metrics={"m": 1.0})
    mirror = Catalog.create(tmp_path / "mirror.db", is_temporary=True)
    packs, damaged = read_packs(repository.store, repository.store.ids())
    rebuild_into(mirror, repository.store, packs, damaged)
    assert list(differences(repository.catalog, mirror)) == []
    with repository.catalog.write() as connection:
        connection.exec_driver_sql("update version set message = 'other'")
    found = [(relation, kind) for relation, kind, _ in differences(repository.catalog, mirror)]
    assert found == [("version", MISSING), ("version", EXTRA)]
