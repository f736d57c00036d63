"""Checking."""

import pytest

from modelhub.dlv import check


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
