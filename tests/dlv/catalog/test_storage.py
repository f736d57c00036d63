"""Members of packs in the storage index."""

import numpy as np
from sqlalchemy import event

from modelhub.dlv.catalog.index import CatalogIndex
from modelhub.dlv.catalog.storage import register
from modelhub.dlv.operations.commit import commit
from modelhub.pas import WrittenPack


def test_literals_of_kin_are_stored_against_each_other(repository, save) -> None:
    """The second header costs little."""
    many = {f"encoder.layer.{i}.weight": np.float32([i]) for i in range(200)}
    first = commit(repository, "net", paths=[save("a.safetensors", many)])
    many["encoder.layer.7.weight"] = np.float32([0.5])
    second = commit(repository, "net", paths=[save("a.safetensors", {**many, "z": np.ones(5)})])
    assert first.created
    assert second.created
    rows = repository.catalog.ask("select id from blob where role = 'literal'")
    assert {repository.index.blob_depth(row.id) for row in rows} == {0, 1}


def test_what_is_known_is_registered_once(repository) -> None:
    """Packs that are registered again change nothing, whatever they hold."""
    repository.commit("net", {"big": np.arange(9000.0), "small": np.ones(3)})
    relations = ("pack", "blob", "tensor", "copy", "segment")
    counted = [f"select count(*) as rows from {each}" for each in relations]
    before = [repository.catalog.ask_one(each).rows for each in counted]
    packs = [
        WrittenPack(id=id_, size=repository.store.size(id_), footer=repository.footer(id_))
        for id_ in repository.store.ids()
    ]

    with repository.catalog.write() as connection:
        register(connection, packs, outside=CatalogIndex(repository.catalog))

    assert [repository.catalog.ask_one(each).rows for each in counted] == before
    assert all(before)


def test_the_number_of_statements_does_not_grow_with_tensors(repository) -> None:
    """Rows are inserted many at a time."""
    statements = []
    event.listen(
        repository.catalog.engine, "before_cursor_execute", lambda *each: statements.append(each[2])
    )
    found = []
    for number, count in enumerate((10, 400)):
        statements.clear()
        repository.commit(
            f"net-{number}", {f"w{i}": np.full(3, number + i / 7) for i in range(count)}
        )
        found.append(len(statements))

    assert found[1] == found[0]
