"""What nothing refers to is found."""

import numpy as np

from modelhub.dlv.catalog.sweep import (
    counts,
    delete_unreferenced,
    delete_versions,
    live_bytes,
)


def test_only_what_is_needed_stays(repository, state) -> None:
    """Tensors and blobs of a deleted version go, those of others and all records stay."""
    repository.commit("keep", state)
    with repository.catalog.write() as connection:
        before = counts(connection)
    repository.commit("drop", {**state, "more": np.arange(5000.0)})
    with repository.catalog.write() as connection:
        (key,) = [
            row.key
            for row in connection.exec_driver_sql("select key from version where name = 'drop'")
        ]
        delete_versions(connection, [key])
        delete_unreferenced(connection)
        after = counts(connection)
        assert all(live <= size for _, size, live in live_bytes(connection))
    assert after == {**before, "blob": before["blob"] + 1}
