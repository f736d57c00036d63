"""Checking."""

import pytest
from small_networks import small_captured

from modelhub.dlv import check
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.dlv.operations.fsck import hit_by


def objects(repository):
    return sorted(p for p in repository.layout.objects.rglob("*") if p.is_file())


def test_a_missing_object_is_named(repository, state) -> None:
    """With the tensors and versions that it hits."""
    repository.commit("net", state)
    for path in objects(repository):
        path.unlink()
    found = check(repository)
    assert not found.is_clean
    (damage,) = found.damages
    assert damage.problem == "the object is missing"
    assert set(damage.tensors) == set(state)
    assert list(damage.versions) == ["net@1"]


@pytest.mark.parametrize(
    "change",
    [
        "update version set number = number + 10",
        "update metric set value = '2.0'",
        "delete from parent",
        "update snapshot_tensor set name = 'x' where position = 0",
        "update tensor set zeros = 7",
        "update segment set offset = offset + 1",
        "update blob set size = size - 1 where role = 'manifest'",
        "delete from tag",
        "update file set size = 1",
        "update copy set block_offset = 12 where block is not null",
    ],
)
def test_a_catalog_that_lies_is_noticed(repository, state, change) -> None:
    """Every relation is compared with what the objects say."""
    repository.commit("net", state, tags=["v"], metrics={"m": 1.0})
    repository.commit("net", {"w": state["fc.weight"] * 2})
    assert check(repository).is_clean
    with repository.catalog.write() as connection:
        connection.exec_driver_sql(change)
    found = check(repository)
    assert not found.is_clean
    assert all("--rebuild" in damage.cure for damage in found.damages)


def test_settings_are_checked(repository) -> None:
    """A file that is no TOML is named."""
    (repository.layout.folder / "config").write_text("= =")
    assert [str(repository.layout.folder / "config")] == [d.what for d in check(repository).damages]


@pytest.mark.parametrize(
    "change",
    [
        "delete from hop where source = 'relu'",
        "update node set template = 'POOL' where name = 'conv'",
        "delete from network_tensor",
        "update template_count set count = 7",
    ],
)
def test_relations_of_networks_are_compared(repository, state, change) -> None:
    """What queries would be told is what the objects say."""
    commit_state(repository, "net", state, options=CommitOptions(network=small_captured()))
    assert check(repository).is_clean
    with repository.catalog.write() as connection:
        connection.exec_driver_sql(change)
    (damage,) = check(repository).damages
    assert "--rebuild" in damage.cure


def test_a_network_that_is_damaged_hits_its_versions(repository, state) -> None:
    """A pack that holds nothing of a version but its network still hits it."""
    commit_state(repository, "net", state)
    options = CommitOptions(network=small_captured())
    before = set(repository.store.ids())
    commit_state(repository, "net", state, options=options)
    (pack,) = set(repository.store.ids()) - before
    with repository.catalog.write() as connection:  # only the network is left in it
        connection.exec_driver_sql("update version set id = replace(id, id, hex(randomblob(32)))")

    assert hit_by(repository.catalog, pack)[1] == ["net@2"]
